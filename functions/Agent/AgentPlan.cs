using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Agents;

/// <summary>What has to be done so that the Controller holds an agent as its spec says. Specs are flat (<see cref="AgentSpec.Flat"/>).</summary>
/// <param name="Create">The body of a create; null when the agent is there.</param>
/// <param name="Update">What differs; null when nothing does.</param>
/// <param name="Remove">The uuids of further agents of this name: simultaneous creates of one name all succeed.</param>
/// <param name="Given">The fields that the spec gives, by the Controller's names.</param>
internal sealed record AgentPlan(JsonObject? Create, AgentUpdate? Update, IReadOnlyList<string> Remove, IReadOnlyList<string> Given)
{
    private const string DefaultRouter = "default-router";

    /// <summary>
    /// What a field that the spec gives no more goes back to. Coordinates are missing: once set, the Controller lets nobody unset them.
    /// </summary>
    private static readonly Dictionary<string, JsonNode> Defaults = new()
    {
        ["host"] = "",
        ["description"] = "",
        ["location"] = "",
        ["timeZone"] = "",
        ["dockerUrl"] = "unix:///var/run/docker.sock",
        ["diskLimit"] = 50,
        ["diskDirectory"] = "/var/lib/iofog/",
        ["memoryLimit"] = 4096,
        ["cpuLimit"] = 80,
        ["logLimit"] = 10,
        ["logDirectory"] = "/var/log/iofog/",
        ["logFileCount"] = 10,
        ["logLevel"] = "INFO",
        ["statusFrequency"] = 10,
        ["changeFrequency"] = 20,
        ["deviceScanFrequency"] = 20,
        ["bluetoothEnabled"] = false,
        ["watchdogEnabled"] = true,
        ["abstractedHardwareEnabled"] = false,
        ["dockerPruningFrequency"] = 1,
        ["availableDiskThreshold"] = 20,
        ["messagingPort"] = 5672,
    };

    /// <summary>Fields that are always as the spec says, also where it says nothing.</summary>
    private static readonly string[] Enforced = ["name", "routerMode", "upstreamRouters", "networkRouter"];

    /// <summary>True when there is something to create or to change.</summary>
    public bool Writes => Create is not null || Update is not null;

    /// <param name="name">In the Controller.</param>
    /// <param name="spec">What it is to be; without a <see cref="Problem"/>.</param>
    /// <param name="status">What is known of it.</param>
    /// <param name="uuids">The uuids of the agents that the spec names.</param>
    /// <param name="observed">What the Controller holds of this name or with the uuid of the status, oldest first.</param>
    public static AgentPlan Of(
        string name, AgentSpec spec, AgentStatus status, IReadOnlyDictionary<string, string> uuids, IReadOnlyList<AgentEntry> observed)
    {
        var wanted = Wanted(name, spec, uuids);
        string[] given = [.. wanted.Select(field => field.Key).Except(Enforced)];
        if (Own(status, observed) is not { } own)
        {
            wanted["fogType"] = TypeOf(spec) ?? 0;
            if (spec.Tags is { Count: > 0 })
                wanted["tags"] = Texts(spec.Tags);

            // Without any, the Controller tells devices that it is null, and they can't read the rest of their configuration either.
            wanted["timeZone"] ??= "";

            // Named, the default router is not found; left out, it is taken.
            if (IsDefault(wanted["networkRouter"]))
                wanted.Remove("networkRouter");
            return new(wanted, null, [], given);
        }

        foreach (var field in (status.Fields ?? []).Where(field => !wanted.ContainsKey(field) && IsTakenBack(field, spec)))
            wanted[field] = Defaults[field].DeepClone();

        // An agent that was renamed stays ours; what else has our name meanwhile is then somebody else's.
        var others = own.Name == name ? observed.Where(agent => agent.Name == name && agent != own).Select(agent => agent.Uuid) : [];
        var changes = Changes(wanted, spec, status, own);
        return new(null, changes.Count == 0 ? null : new(own.Uuid, changes), [.. others], given);
    }

    /// <summary>The agent that an object stands for: the one that it knows, else the oldest of its name.</summary>
    public static AgentEntry? Own(AgentStatus status, IReadOnlyList<AgentEntry> observed) =>
        observed.FirstOrDefault(agent => agent.Uuid == status.Uuid) ?? (observed is [var oldest, ..] ? oldest : null);

    /// <summary>Why a spec can't work as it is written, naming the field; null when it can.</summary>
    public static string? Problem(string name, AgentSpec spec) => RouterMode(spec) switch
    {
        _ when name == DefaultRouter => $"spec.name: {DefaultRouter} is the router of the control plane",
        _ when spec.Config?.Name is { } other && other != name => $"spec.config.name: the agent is called {name}; spec.name gives it another name",
        _ when DeviceRules.Problem(spec.Config) is { } problem => problem,
        _ when Literal.FindUnkeepable(JsonSerializer.SerializeToNode(spec, AgentJson.Default.AgentSpec), "spec") is { } path =>
            $"{path}: the Controller takes this text for the end of a template",
        _ when spec.UpstreamRouters?.Contains(name) == true => "spec.upstreamRouters names the agent itself",
        "none" when spec.UpstreamRouters is { Count: > 0 } => "spec.upstreamRouters needs a router, but routerMode is none; spec.networkRouter names the router to use",
        "none" when spec.NetworkRouter == name => "spec.networkRouter names the agent itself, which has no router",
        "none" => null,
        var mode when string.IsNullOrEmpty(spec.Host) => $"spec.host is needed for routerMode {mode}: other routers reach this one by it",
        var mode when spec.NetworkRouter is not null => $"spec.networkRouter is for routerMode none only, and this is {mode}",
        "interior" when spec.RouterConfig is not { InterRouterPort: not null, EdgeRouterPort: not null } =>
            "spec.routerConfig.interRouterPort and edgeRouterPort are needed for routerMode interior",
        _ => null,
    };

    /// <summary>What a spec says that this operator has no use for, as paths.</summary>
    public static IEnumerable<string> Ignored(AgentSpec spec)
    {
        if (spec.Ssh is not null)
            yield return "spec.ssh";
        if (spec.Package is not null)
            yield return "spec.package";
        if (spec.Scripts is not null)
            yield return "spec.scripts";
    }

    /// <summary>A circle of routers that an agent is in: each connects to the next, and none could be the first.</summary>
    /// <param name="name">The agent.</param>
    /// <param name="upstreams">The names that the spec of each agent around it gives.</param>
    /// <returns>The names from the agent to itself; empty when there is no circle.</returns>
    public static IReadOnlyList<string> Circle(string name, IReadOnlyDictionary<string, IReadOnlyList<string>> upstreams)
    {
        var seen = new HashSet<string>();
        return Walk(name, [name]);

        IReadOnlyList<string> Walk(string at, IReadOnlyList<string> path)
        {
            foreach (var next in upstreams.GetValueOrDefault(at) ?? [])
            {
                if (next == name)
                    return [.. path, next];
                if (seen.Add(next) && Walk(next, [.. path, next]) is { Count: > 0 } circle)
                    return circle;
            }

            return [];
        }
    }

    /// <summary>True when an update would take away what the routers of other agents connect to.</summary>
    public static bool StopsBeingInterior(AgentUpdate update, AgentEntry own) =>
        own.RouterMode == "interior" && update.Fields["routerMode"]?.GetValue<string>() == "edge";

    /// <summary>Whether a device has become this agent: the Controller has heard of it.</summary>
    public static bool HasDevice(AgentEntry agent) => agent.LastActive > 0 || agent.Version is not null || agent.DaemonStatus is not (null or "UNKNOWN");

    /// <summary>Why a command can't be carried out; null when it can.</summary>
    public static string? ProblemOfCommand(string command, AgentEntry agent) => command switch
    {
        "provision" => null,
        _ when !HasDevice(agent) => "no device has been provisioned for this agent yet",
        "upgrade" when !agent.IsReadyToUpgrade => "the device says that it has the latest version already",
        "rollback" when !agent.IsReadyToRollback => "the device says that it has no former version",
        _ => null,
    };

    /// <summary>The agents whose routers a spec names.</summary>
    public static IEnumerable<string> NamedAgents(AgentSpec spec) =>
        (spec.UpstreamRouters ?? []).Append(spec.NetworkRouter).OfType<string>().Where(name => name != DefaultRouter).Distinct();

    /// <summary>True when a spec leads to the default router, so that the Controller refuses it until there is one.</summary>
    public static bool NeedsDefaultRouter(AgentSpec spec) =>
        RouterMode(spec) == "none" ? spec.NetworkRouter is null or DefaultRouter : UpstreamOf(spec).Contains(DefaultRouter);

    /// <summary>Why the router of a named agent can't be used; null when it can.</summary>
    public static string? ProblemOfRouter(AgentSpec spec, AgentEntry named) => (RouterMode(spec), named.RouterMode) switch
    {
        ("none", "none") => $"The agent {named.Name} has no router",
        ("none", _) or (_, "interior") => null,
        _ => $"The router of the agent {named.Name} is not interior, so that others can't connect to it",
    };

    private static string RouterMode(AgentSpec spec) => spec.RouterConfig?.RouterMode ?? "edge";

    private static IReadOnlyList<string> UpstreamOf(AgentSpec spec) => spec.UpstreamRouters ?? [DefaultRouter];

    private static JsonObject Wanted(string name, AgentSpec spec, IReadOnlyDictionary<string, string> uuids)
    {
        var fields = spec.Config is null ? [] : JsonSerializer.SerializeToNode(spec.Config, AgentJson.Default.AgentConfig)!.AsObject();
        DeviceRules.Normalize(fields);
        fields["name"] = name;
        Set("host", spec.Host);
        Set("description", spec.Description);
        Set("location", spec.Location);
        Set("latitude", spec.Latitude);
        Set("longitude", spec.Longitude);
        fields["routerMode"] = RouterMode(spec);
        if (RouterMode(spec) == "none")
        {
            fields["networkRouter"] = spec.NetworkRouter is { } router && router != DefaultRouter ? uuids[router] : DefaultRouter;
            return fields;
        }

        fields["upstreamRouters"] = Texts(UpstreamOf(spec).Select(upstream => upstream == DefaultRouter ? upstream : uuids[upstream]));
        Set("messagingPort", spec.RouterConfig?.MessagingPort);
        if (RouterMode(spec) == "interior")
        {
            Set("interRouterPort", spec.RouterConfig?.InterRouterPort);
            Set("edgeRouterPort", spec.RouterConfig?.EdgeRouterPort);
        }

        return fields;

        void Set(string field, JsonNode? value)
        {
            if (value is not null)
                fields[field] = value;
        }
    }

    private static bool IsTakenBack(string field, AgentSpec spec) =>
        Defaults.ContainsKey(field) && (field != "messagingPort" || RouterMode(spec) != "none");

    private static bool IsDefault(JsonNode? router) => router?.GetValueKind() == JsonValueKind.String && router.GetValue<string>() == DefaultRouter;

    // Each write makes the device synchronize anew, and an own name that is sent again can be refused as a duplicate.
    private static JsonObject Changes(JsonObject wanted, AgentSpec spec, AgentStatus status, AgentEntry own)
    {
        var changes = new JsonObject();
        foreach (var (field, value) in wanted)
        {
            if (!IsHeld(field, value!, own))
                changes[field] = value!.DeepClone();
        }

        // Until the device has said what it is, auto means 0; then what it said stands.
        if (TypeOf(spec) is { } type && type != own.FogTypeId)
            changes["fogType"] = type;
        if (TagsToSet(spec, status.Tags ?? [], own.Tags ?? []) is { } tags)
            changes["tags"] = tags;

        // The default router is taken where none is named, which any change of an agent without a router does.
        if (IsDefault(changes["networkRouter"]))
        {
            changes.Remove("networkRouter");
            changes["routerMode"] = "none";
        }
        else if (changes.Count > 0 && RouterMode(spec) == "none" && !IsDefault(wanted["networkRouter"]))
        {
            changes["networkRouter"] = wanted["networkRouter"]!.DeepClone();
        }

        // These are only taken together: a router that is new has what the request names, and nothing of what the agent has.
        if (changes.ContainsKey("routerMode") && RouterMode(spec) != "none")
        {
            foreach (var field in RouterMode(spec) == "interior" ? new[] { "host", "interRouterPort", "edgeRouterPort" } : ["host"])
                changes[field] = wanted[field]!.DeepClone();
        }

        return changes;
    }

    private static bool IsHeld(string field, JsonNode value, AgentEntry own) => field switch
    {
        "name" => value.GetValue<string>() == own.Name,
        _ when value.GetValueKind() == JsonValueKind.String && value.GetValue<string>().Length == 0 =>
            own.Fields is null || !own.Fields.TryGetValue(field, out var text) || text.ValueKind == JsonValueKind.Null || text.ValueEquals(""),
        "routerMode" => value.GetValue<string>() == own.RouterMode,
        "networkRouter" => value.GetValue<string>() == own.NetworkRouter,
        "upstreamRouters" => value.AsArray().Select(router => router!.GetValue<string>()).ToHashSet().SetEquals(own.UpstreamRouters ?? []),
        _ => own.Fields?.TryGetValue(field, out var has) == true && JsonNode.DeepEquals(value, JsonNode.Parse(has.GetRawText())),
    };

    // An agent's tags are written whole, but those of the edge resources that it has belong to them.
    private static JsonArray? TagsToSet(AgentSpec spec, IReadOnlyList<string> given, IReadOnlyList<string> has)
    {
        var wanted = spec.Tags ?? [];
        var abandoned = given.Except(wanted).Where(has.Contains).ToArray();
        return abandoned.Length == 0 && wanted.All(has.Contains) ? null : Texts(has.Except(abandoned).Union(wanted));
    }

    private static int? TypeOf(AgentSpec spec) => spec.AgentType switch { "x86" => 1, "arm" => 2, _ => null };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)JsonValue.Create(text)!)]);
}

/// <summary>The fields of an agent that are to change.</summary>
internal sealed record AgentUpdate(string Uuid, JsonObject Fields);
