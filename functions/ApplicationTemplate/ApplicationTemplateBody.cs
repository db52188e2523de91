using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.ApplicationTemplates;

/// <summary>A template in the Controller's terms: what it would make of the same in YAML, except that it starts no application that is to be stopped.</summary>
internal static class ApplicationTemplateBody
{
    private static readonly (string From, string To)[] Lists = [("ports", "ports"), ("volumes", "volumeMappings"), ("commands", "cmd"), ("env", "env"), ("extraHosts", "extraHosts")];

    /// <param name="name">In the Controller.</param>
    /// <param name="spec">What it is to be.</param>
    /// <param name="idOf">The id of a registry (true) or a catalog item that a microservice names.</param>
    public static JsonObject Of(string name, ApplicationTemplateSpec spec, Func<bool, string, long> idOf) => new()
    {
        ["name"] = name,
        ["description"] = spec.Description ?? "",
        ["variables"] = new JsonArray([.. (spec.Variables ?? []).Select(Variable)]),
        ["application"] = new JsonObject
        {
            ["microservices"] = new JsonArray([.. (spec.Application?.Microservices ?? []).Select(microservice => (JsonNode)Microservice(microservice, idOf))]),
            ["routes"] = new JsonArray([.. (spec.Application?.Routes ?? []).Select(route => (JsonNode)new JsonObject
            {
                ["name"] = route.Name ?? $"r-{route.From}-{route.To}",
                ["from"] = route.From,
                ["to"] = route.To,
            })]),
        },
    };

    /// <summary>The registries and catalog items that microservices name; true for a registry.</summary>
    public static IEnumerable<(bool IsRegistry, string Name)> SourcesOf(ApplicationTemplateSpec spec)
    {
        foreach (var images in (spec.Application?.Microservices ?? []).Select(microservice => microservice["images"] as JsonObject ?? []))
        {
            if (Text(images["catalogItem"]) is { } item)
                yield return (false, item);
            else if (CatalogIdOf(images) is null && Text(images["registry"]) is { } registry && !IsTemplate(registry) && ImageSources.RegistryIdOf(registry) is null)
                yield return (true, registry);
        }
    }

    private static JsonNode Variable(TemplateVariable variable)
    {
        var body = new JsonObject { ["key"] = variable.Key };
        if (variable.Description is not null)
            body["description"] = variable.Description;
        if (variable.DefaultValue is not null)
            body["defaultValue"] = variable.DefaultValue.DeepClone();
        return body;
    }

    private static JsonObject Microservice(JsonObject spec, Func<bool, string, long> idOf)
    {
        var container = spec["container"] as JsonObject ?? [];
        var body = new JsonObject();
        foreach (var (field, value) in container.Where(field => !Lists.Any(list => list.From == field.Key)))
            body[field] = value?.DeepClone();
        foreach (var (from, to) in Lists)
            body[to] = container[from]?.DeepClone() ?? new JsonArray();
        foreach (var variable in body["env"]!.AsArray().OfType<JsonObject>())
            variable["value"] = variable["value"] is { } value && value.GetValueKind() != JsonValueKind.String ? value.ToJsonString() : variable["value"]?.DeepClone();
        foreach (var field in new[] { "name", "logSize" })
        {
            if (spec[field] is { } value)
                body[field] = value.DeepClone();
        }

        if (spec["agent"]?["name"] is { } agent)
            body["agentName"] = agent.DeepClone();
        if (spec["config"] is { } config)
            body["config"] = config.ToJsonString();
        AddImages(body, spec["images"] as JsonObject ?? [], idOf);
        return body;
    }

    private static void AddImages(JsonObject body, JsonObject images, Func<bool, string, long> idOf)
    {
        if (Text(images["catalogItem"]) is { } item)
        {
            body["catalogItemId"] = idOf(false, item);
        }
        else if (CatalogIdOf(images) is { } id)
        {
            body["catalogItemId"] = id.DeepClone();
        }
        else
        {
            var registry = images["registry"]?.ToString();
            body["registryId"] = registry is not null && IsTemplate(registry) ? registry : ImageSources.RegistryIdOf(registry) ?? idOf(true, registry!);
            body["images"] = new JsonArray([.. new[] { ("x86", 1), ("arm", 2) }.Where(one => images[one.Item1] is not null)
                .Select(one => (JsonNode)new JsonObject { ["fogTypeId"] = one.Item2, ["containerImage"] = images[one.Item1]!.DeepClone() })]);
        }
    }

    /// <summary>Null where there is none, or the 0 that iofogctl writes for it.</summary>
    public static JsonNode? CatalogIdOf(JsonObject images) => images["catalogId"] is { } id && id.ToString() != "0" ? id : null;

    private static bool IsTemplate(string text) => text.Contains("{{", StringComparison.Ordinal);

    private static string? Text(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;
}
