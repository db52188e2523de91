using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Agents;

/// <summary>What has to be done so that the Controller holds an agent as its spec says.</summary>
/// <param name="Create">The body of a create; null when the agent is there.</param>
/// <param name="Update">The fields to change; null when none differs.</param>
public sealed record AgentPlan(JsonObject? Create, JsonObject? Update)
{
    private const string DefaultRouter = "default-router";

    /// <param name="name">In the Controller.</param>
    /// <param name="spec">What it is to be.</param>
    /// <param name="uuids">The uuids of the agents that the spec names.</param>
    /// <param name="givenTags">The tags that the object gave before.</param>
    /// <param name="observed">What the Controller holds; null when nothing.</param>
    public static AgentPlan Of(
        string name, AgentSpec spec, IReadOnlyDictionary<string, string> uuids, IReadOnlyList<string> givenTags, AgentEntry? observed)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(uuids);
        var wanted = Wanted(spec);
        AddRouter(wanted, spec, uuids);
        if (observed is null)
        {
            wanted["name"] = name;
            wanted["fogType"] = TypeOf(spec) ?? 0;
            if (spec.Tags is { Count: > 0 })
                wanted["tags"] = Texts(spec.Tags);
            return new(wanted, null);
        }

        var changes = new JsonObject();
        foreach (var (field, value) in wanted)
        {
            if (!IsSame(field, value, observed))
                changes[field] = value?.DeepClone();
        }

        // Until the device has said what it is, auto means 0; then what it said stands.
        if (TypeOf(spec) is { } type && type != observed.FogTypeId)
            changes["fogType"] = type;
        if (TagsToSet(spec, givenTags, observed) is { } tags)
            changes["tags"] = tags;

        // These three are only taken together.
        if (changes.ContainsKey("routerMode") && RouterMode(spec) == "interior")
        {
            foreach (var field in new[] { "host", "interRouterPort", "edgeRouterPort" })
                changes[field] = wanted[field]?.DeepClone();
        }

        return new(null, changes.Count == 0 ? null : changes);
    }

    /// <summary>The agents that the spec names, by name.</summary>
    public static IEnumerable<string> NamedAgents(AgentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return (spec.UpstreamRouters ?? []).Append(spec.NetworkRouter).OfType<string>().Where(name => name != DefaultRouter).Distinct();
    }

    /// <summary><c>edge</c> unless the spec says otherwise.</summary>
    public static string RouterMode(AgentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.RouterConfig?.RouterMode ?? "edge";
    }

    private static JsonObject Wanted(AgentSpec spec)
    {
        var fields = spec.Config is null ? [] : JsonSerializer.SerializeToNode(spec.Config, AgentJson.Default.AgentConfig)!.AsObject();
        Set("host", spec.Host);
        Set("description", spec.Description);
        Set("location", spec.Location);
        Set("latitude", spec.Latitude);
        Set("longitude", spec.Longitude);
        return fields;

        void Set(string field, JsonNode? value)
        {
            if (value is not null)
                fields[field] = value;
        }
    }

    private static void AddRouter(JsonObject wanted, AgentSpec spec, IReadOnlyDictionary<string, string> uuids)
    {
        var mode = RouterMode(spec);
        wanted["routerMode"] = mode;
        if (mode == "none")
        {
            // Named, the default router is not found; left out, it is taken.
            if (spec.NetworkRouter is { } router && router != DefaultRouter)
                wanted["networkRouter"] = uuids[router];
            return;
        }

        if (spec.RouterConfig?.MessagingPort is { } messaging)
            wanted["messagingPort"] = messaging;
        if (spec.UpstreamRouters is { } upstream)
            wanted["upstreamRouters"] = Texts(upstream.Select(name => name == DefaultRouter ? name : uuids[name]));
        if (mode != "interior")
            return;
        wanted["interRouterPort"] = spec.RouterConfig?.InterRouterPort;
        wanted["edgeRouterPort"] = spec.RouterConfig?.EdgeRouterPort;
    }

    private static bool IsSame(string field, JsonNode? value, AgentEntry observed) => field switch
    {
        "routerMode" => value!.GetValue<string>() == observed.RouterMode,
        "networkRouter" => value!.GetValue<string>() == observed.NetworkRouter,
        "upstreamRouters" => value!.AsArray().Select(router => router!.GetValue<string>()).ToHashSet().SetEquals(observed.UpstreamRouters ?? []),
        _ => observed.Fields?.TryGetValue(field, out var has) == true && JsonNode.DeepEquals(value, JsonNode.Parse(has.GetRawText())),
    };

    private static JsonArray? TagsToSet(AgentSpec spec, IReadOnlyList<string> given, AgentEntry observed)
    {
        var has = observed.Tags ?? [];
        var wanted = spec.Tags ?? [];
        var abandoned = given.Except(wanted).Where(has.Contains).ToArray();
        return abandoned.Length == 0 && wanted.All(has.Contains) ? null : Texts(has.Except(abandoned).Union(wanted));
    }

    private static int? TypeOf(AgentSpec spec) => spec.AgentType switch { "x86" => 1, "arm" => 2, _ => null };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)JsonValue.Create(text)!)]);
}
