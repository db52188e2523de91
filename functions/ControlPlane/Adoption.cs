using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace IoFog.Operator.ControlPlanes;

/// <summary>Takes over objects that the Go operator made, without a restart of what need not restart.</summary>
internal static class Adoption
{
    /// <summary>
    /// On a Deployment whose pods run as they were found: which template they stand in for. While that is still the wanted one, they stay.
    /// </summary>
    private const string Annotation = "iofog.org/adopted";

    /// <summary>The field manager of the Go operator: it updates, where this one applies.</summary>
    private const string GoManager = "iofog-operator";

    /// <summary>True when the Go operator's fields are not ours yet. Until they are, an apply could not take away what it wrote.</summary>
    public static bool IsNeeded(JsonObject observed) => Managers(observed).Any(IsGo);

    /// <summary>True for a field, as <c>f:spec</c> and so on, that an apply of ours has set: to leave it out would take it away.</summary>
    public static bool IsApplied(JsonObject observed, params IEnumerable<string> field) =>
        Managers(observed).FirstOrDefault(IsOurs)?["fieldsV1"] is { } fields && field.Aggregate(fields, static (at, name) => at?[name]!) is not null;

    /// <summary>
    /// The managers of an object's fields with the Go operator's as ours, which is how client-go hands over fields from updates to applies.
    /// </summary>
    public static JsonArray ManagersAfter(JsonObject observed)
    {
        var (go, others) = (Managers(observed).Where(IsGo).ToArray(), Managers(observed).Where(manager => !IsGo(manager)).ToArray());
        var ours = Array.Find(others, IsOurs) ?? go[0];
        var merged = ours.DeepClone().AsObject();
        merged["manager"] = Names.FieldManager;
        merged["operation"] = "Apply";
        foreach (var entry in go)
            Merge(merged["fieldsV1"]!.AsObject(), entry["fieldsV1"]!.AsObject());
        return new([merged, .. others.Where(other => other != ours).Select(other => other.DeepClone())]);
    }

    /// <summary>Fits a Deployment to one that is there: its selector can't change, and pods that do the same already are left running.</summary>
    public static OwnedObject Fit(OwnedObject wanted, JsonObject? observed)
    {
        if (observed is null)
            return wanted;
        var content = wanted.Content.DeepClone().AsObject();
        var template = content["spec"]!["template"]!.AsObject();
        if (observed["spec"]?["selector"] is { } selector)
        {
            content["spec"]!["selector"] = selector.DeepClone();
            foreach (var (name, value) in selector["matchLabels"] as JsonObject ?? [])
                template["metadata"]!["labels"]![name] = value?.DeepClone();
        }

        var stands = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(template.ToJsonString())))[..16];
        var isNew = observed["metadata"]?["labels"]?[Names.ManagedByLabel]?.GetValue<string>() != Names.ManagedBy;
        var isStandIn = observed["metadata"]?["annotations"]?[Annotation]?.GetValue<string>() == stands;
        if ((isNew || isStandIn) && observed["spec"]?["template"] is JsonObject running && DoTheSame(template, running))
        {
            content["spec"]!["template"] = running.DeepClone();
            content["metadata"]!["annotations"] = new JsonObject { [Annotation] = stands };
        }

        return wanted with { Content = content };
    }

    private static bool DoTheSame(JsonObject wanted, JsonObject running)
    {
        var (want, run) = (wanted["spec"]!, running["spec"]);
        return want["containers"]!.AsArray().All(container => Named(run?["containers"], "name", container!["name"]) is { } same
                && JsonNode.DeepEquals(container["image"], same["image"])
                && (container["command"] is not { } command || JsonNode.DeepEquals(command, same["command"]))
                && (container["env"] as JsonArray ?? []).All(variable => Holds(variable, Named(same["env"], "name", variable!["name"])))
                && (container["volumeMounts"] as JsonArray ?? []).All(mount =>
                    Named(same["volumeMounts"], "mountPath", mount!["mountPath"]) is { } other && JsonNode.DeepEquals(mount["subPath"], other["subPath"])))
            && (want["volumes"] as JsonArray ?? []).All(volume => Holds(volume, Named(run?["volumes"], "name", volume!["name"])));
    }

    private static JsonNode? Named(JsonNode? list, string key, JsonNode? name) =>
        (list as JsonArray)?.FirstOrDefault(item => JsonNode.DeepEquals(item![key], name));

    private static bool Holds(JsonNode? wanted, JsonNode? has) => (wanted, has) switch
    {
        (JsonObject map, JsonObject other) => map.All(member => Holds(member.Value, other[member.Key])),
        _ => JsonNode.DeepEquals(wanted, has),
    };

    private static IEnumerable<JsonObject> Managers(JsonObject observed) =>
        (observed["metadata"]?["managedFields"] as JsonArray ?? []).OfType<JsonObject>().Where(entry => entry["fieldsV1"] is JsonObject);

    private static bool IsGo(JsonObject entry) =>
        entry["manager"]?.GetValue<string>() == GoManager && entry["operation"]?.GetValue<string>() == "Update" && entry["subresource"] is null;

    private static bool IsOurs(JsonObject entry) =>
        entry["manager"]?.GetValue<string>() == Names.FieldManager && entry["operation"]?.GetValue<string>() == "Apply";

    private static void Merge(JsonObject into, JsonObject fields)
    {
        foreach (var (name, inner) in fields)
        {
            if (into[name] is JsonObject old && inner is JsonObject more)
                Merge(old, more);
            else
                into[name] ??= inner?.DeepClone();
        }
    }
}
