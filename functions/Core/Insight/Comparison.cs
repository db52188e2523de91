using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Insight;

/// <summary>One field of an object beside what the Controller holds, or of a ControlPlane the cluster.</summary>
/// <param name="Field">As in the spec: <c>config.memoryLimit</c>.</param>
/// <param name="Desired">What the spec says, as JSON.</param>
/// <param name="Observed">What they hold, as JSON; absent where they hold nothing.</param>
public sealed record FieldComparison(string Field, string Desired, string? Observed, bool Same);

/// <summary>What is desired beside what is there, for people. What a reconciler does about a difference is its plan's own matter.</summary>
public static class Comparison
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, TypeInfoResolver = Kubernetes.KubernetesJson.Default };

    /// <param name="desired">With its spec.</param>
    /// <param name="entry">As the Controller shows it, or of a ControlPlane its parts; null when there is none.</param>
    /// <param name="agentName">Names an agent by its uuid; the uuid itself where it is unknown.</param>
    /// <returns>Only fields that the spec has: what it leaves out stays as the Controller has it.</returns>
    public static IReadOnlyList<FieldComparison> Of(NetworkObject desired, JsonObject? entry, Func<string, string> agentName)
    {
        ArgumentNullException.ThrowIfNull(desired);
        var spec = Redaction.Of(desired.Spec);
        var has = Redaction.Of(entry ?? []);
        var rows = new List<FieldComparison>();
        if (desired.Kind == Kinds.Agent)
            Agent();
        else if (desired.Kind == Kinds.Microservice)
            Microservice();
        else if (desired.Kind == Kinds.Application)
            Application();
        else if (desired.Kind == Kinds.Route)
            Plain("from", "to");
        else if (desired.Kind == Kinds.EdgeResource)
            EdgeResource();
        else if (desired.Kind == Kinds.ControlPlane)
            ControlPlane();
        else
            SameNames();
        return rows;

        // Of any other kind, what both sides call the same and is one value.
        void SameNames()
        {
            foreach (var (field, wanted) in spec)
            {
                if (wanted is JsonValue && (entry is null || has[field] is JsonValue))
                    Row(field, wanted, has[field]);
            }
        }

        void ControlPlane()
        {
            foreach (var (field, wanted, observed) in ControlPlaneParts.Pair(spec, has))
                Row(field, wanted, observed);
        }

        void Agent()
        {
            Plain("host", "description", "location", "latitude", "longitude");
            foreach (var (field, value) in spec["config"] as JsonObject ?? [])
                Row($"config.{field}", value, has[field]);
            foreach (var field in new[] { "routerMode", "messagingPort", "interRouterPort", "edgeRouterPort" })
                Row($"routerConfig.{field}", spec["routerConfig"]?[field], has[field]);
            Row("upstreamRouters", Sorted(spec["upstreamRouters"]), Sorted(Named(has["upstreamRouters"])));
            Row("networkRouter", spec["networkRouter"], Name(has["networkRouter"]));
            if (spec["agentType"] is { } type && NetworkObject.Text(type) is "x86" or "arm")
                Row("agentType", type, has["fogTypeId"]?.ToString() switch { "1" => "x86", "2" => "arm", _ => has["fogTypeId"] });

            // Other tags belong to the edge resources that the agent has.
            var tags = NetworkObject.Texts(has["tags"]).ToHashSet();
            Row("tags", Sorted(spec["tags"]), spec["tags"] is JsonArray wanted ? Sorted(new JsonArray([.. wanted.Where(tag => tags.Contains(NetworkObject.Text(tag)!)).Select(tag => tag!.DeepClone())])) : null);
        }

        void Microservice()
        {
            Row("agent.name", spec["agent"]?["name"], Name(has["iofogUuid"]));
            foreach (var (type, id) in new[] { ("x86", "1"), ("arm", "2") })
                Row($"images.{type}", spec["images"]?[type], Items(has["images"]).FirstOrDefault(image => image["fogTypeId"]?.ToString() == id)?["containerImage"]);
            Row("images.catalogId", spec["images"]?["catalogId"] is { } item && item.ToString() != "0" ? item : null, has["catalogItemId"]);
            var container = spec["container"] as JsonObject ?? [];
            Row("container.rootHostAccess", container["rootHostAccess"], has["rootHostAccess"]);
            Row("container.ports", Picked(container["ports"], "internal", "external", "protocol"), Picked(has["ports"], "internal", "external", "protocol"));
            string[] volume = ["hostDestination", "containerDestination", "accessMode", "type"];
            Row("container.volumes", Picked(container["volumes"], volume), Picked(has["volumeMappings"], volume));
            Row("container.env", Picked(container["env"], "key", "value"), Picked(has["env"], "key", "value"));
            Row("container.extraHosts", Picked(container["extraHosts"], "name", "address"), Picked(has["extraHosts"], "name", "address"));
            Row("container.commands", container["commands"], has["cmd"]);
            Row("logSize", spec["logSize"], has["logSize"]);
            Row("config", spec["config"], Parsed(has["config"]));
        }

        void Application()
        {
            Plain("description", "isActivated");
            Row("microservices", Names(spec["microservices"]), Own(spec["microservices"], has["microservices"]));
            Row("routes", Names(spec["routes"]), Own(spec["routes"], has["routes"]));
        }

        void EdgeResource()
        {
            Plain("version", "description", "interfaceProtocol", "custom");
            Row("interface.endpoints", Picked(spec["interface"]?["endpoints"], "name", "method", "url"), Picked(has["interface"]?["endpoints"], "name", "method", "url"));
            foreach (var field in new[] { "name", "icon", "color" })
                Row($"display.{field}", spec["display"]?[field], has["display"]?[field]);
            Row("orchestrationTags", Sorted(spec["orchestrationTags"]), Sorted(has["orchestrationTags"]));
        }

        void Plain(params string[] fields)
        {
            foreach (var field in fields)
                Row(field, spec[field], has[field]);
        }

        void Row(string field, JsonNode? wanted, JsonNode? observed)
        {
            if (wanted is not null)
                rows.Add(new(field, Shown(wanted), observed is null ? null : Shown(observed), JsonNode.DeepEquals(wanted, observed)));
        }

        JsonNode? Name(JsonNode? uuid) => NetworkObject.Text(uuid) is { } text ? agentName(text) : null;

        JsonArray? Named(JsonNode? uuids) => uuids is JsonArray all ? new([.. all.Select(Name)]) : null;
    }

    private static string Shown(JsonNode node) => node.ToJsonString(Readable);

    private static IEnumerable<JsonObject> Items(JsonNode? node) => (node as JsonArray ?? []).OfType<JsonObject>();

    private static JsonArray? Sorted(JsonNode? node) => node is JsonArray items
        ? new([.. items.OfType<JsonNode>().OrderBy(Shown, StringComparer.Ordinal).Select(item => item.DeepClone())])
        : null;

    /// <summary>Only some members of each item, in one order; what both sides fill in differently is left to nobody.</summary>
    private static JsonArray? Picked(JsonNode? node, params string[] members) => node is JsonArray
        ? Sorted(new JsonArray([.. Items(node).Select(item => (JsonNode)new JsonObject(members.Where(member => item[member] is not null || Defaults.ContainsKey(member))
            .Select(member => KeyValuePair.Create(member, (JsonNode?)(item[member]?.DeepClone() ?? Defaults[member])))))]))
        : null;

    private static readonly Dictionary<string, string> Defaults = new() { ["protocol"] = "tcp", ["type"] = "bind" };

    private static JsonArray? Names(JsonNode? node) => node is JsonArray
        ? Sorted(new JsonArray([.. Items(node).Select(item => item["name"]?.DeepClone())]))
        : null;

    // Others of the application belong to objects of their own.
    private static JsonArray? Own(JsonNode? wanted, JsonNode? observed)
    {
        var names = Items(wanted).Select(item => NetworkObject.Text(item["name"])).ToHashSet();
        return Names(new JsonArray([.. Items(observed).Where(item => names.Contains(NetworkObject.Text(item["name"]))).Select(item => item.DeepClone())]));
    }

    private static JsonNode? Parsed(JsonNode? text)
    {
        try
        {
            return NetworkObject.Text(text) is { } json && JsonNode.Parse(json) is JsonObject config ? Redaction.Of(config) : text;
        }
        catch (JsonException)
        {
            return text;
        }
    }
}
