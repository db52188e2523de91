using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.EdgeResources;

/// <summary>What the Controller calls an edge resource: each version is one of its own.</summary>
internal readonly record struct EdgeResourceId(string Name, string Version)
{
    public override string ToString() => $"{Name} {Version}";
}

/// <summary>One thing to do for an edge resource.</summary>
internal abstract record EdgeResourceStep
{
    private EdgeResourceStep()
    {
    }

    public sealed record Delete(EdgeResourceId Id) : EdgeResourceStep;

    public sealed record Put(EdgeResourceId Id, JsonObject Body) : EdgeResourceStep;

    public sealed record Attach(EdgeResourceId Id, string Agent, string Uuid) : EdgeResourceStep;

    public sealed record Detach(EdgeResourceId Id, string Agent, string Uuid) : EdgeResourceStep;
}

/// <summary>What has to be done so that the Controller holds an edge resource as its spec says, in order.</summary>
internal static class EdgeResourcePlan
{
    /// <param name="id">What the spec stands for.</param>
    /// <param name="spec">What it is to be.</param>
    /// <param name="status">What is known of it.</param>
    /// <param name="agents">
    /// The agents that the spec or the status names and that are there, by name; where entries are to go (<see cref="NeedsAllAgents"/>), all.
    /// </param>
    /// <param name="observed">What the Controller holds in this version.</param>
    /// <param name="heirs">
    /// Where another object stands now for what this one stood for before: the agents that it gives it to. Null where none does.
    /// </param>
    public static IReadOnlyList<EdgeResourceStep> Of(
        EdgeResourceId id, EdgeResourceSpec spec, EdgeResourceStatus status, IReadOnlyDictionary<string, AgentEntry> agents, IReadOnlyList<EdgeResourceEntry> observed,
        IReadOnlyCollection<string>? heirs = null)
    {
        var steps = new List<EdgeResourceStep>();
        var isAnew = MustBeAnew(spec, observed);
        if (isAnew)
            steps.Add(new EdgeResourceStep.Delete(id));
        if (observed.Count == 0 || isAnew)
            steps.Add(new EdgeResourceStep.Put(id, Body(id, spec, null)));
        else if (Changes(id, spec, observed[0]) is { } changes)
            steps.Add(new EdgeResourceStep.Put(id, changes));

        var former = Former(id, status);
        var wanted = spec.Agents ?? [];
        var given = status.Agents ?? [];

        // An entry that goes takes its links along, also those that somebody made by hand: they move as well.
        var others = agents.Where(agent => !wanted.Contains(agent.Key) && !given.Contains(agent.Key)
            && ((former is { } old && heirs is null && Has(agent.Value, old)) || (isAnew && Has(agent.Value, id)))).Select(agent => agent.Key);
        foreach (var (name, agent) in wanted.Where(agents.ContainsKey).Concat(others).Select(name => (name, agents[name])))
        {
            // An agent loses the tags of what it gives back, also those that the next version has: so first the one, then the other.
            var hasFormer = former is { } before && Has(agent, before) && heirs?.Contains(name) != true;
            if (hasFormer)
                steps.Add(new EdgeResourceStep.Detach(former!.Value, name, agent.Uuid));
            if (hasFormer || isAnew || !Has(agent, id) || LacksTags(spec, agent))
                steps.Add(new EdgeResourceStep.Attach(id, name, agent.Uuid));
        }

        foreach (var name in given.Except(wanted).Where(agents.ContainsKey))
        {
            if (!isAnew && Has(agents[name], id))
                steps.Add(new EdgeResourceStep.Detach(id, name, agents[name].Uuid));
            if (former is { } left && heirs?.Contains(name) == false && Has(agents[name], left))
                steps.Add(new EdgeResourceStep.Detach(left, name, agents[name].Uuid));
        }

        if (former is { } gone && heirs is null)
            steps.Add(new EdgeResourceStep.Delete(gone));
        return steps;
    }

    /// <summary>True when an entry is to go whose links must be known, whoever made them.</summary>
    public static bool NeedsAllAgents(EdgeResourceId id, EdgeResourceSpec spec, EdgeResourceStatus status, IReadOnlyList<EdgeResourceEntry> observed) =>
        Former(id, status) is not null || MustBeAnew(spec, observed);

    /// <summary>Why a spec can't work as it is written, naming the field; null when it can.</summary>
    public static string? Problem(EdgeResourceSpec? spec) => spec switch
    {
        null or { Version: null } => "spec.version is needed",
        { InterfaceProtocol: null } => "spec.interfaceProtocol is needed",
        _ when Literal.FindUnkeepable(JsonSerializer.SerializeToNode(spec, EdgeResourceJson.Default.EdgeResourceSpec), "spec") is { } path =>
            $"{path}: the Controller takes this text for the end of a template",
        _ => null,
    };

    /// <summary>What the object stood for before its name or version changed; null when they did not.</summary>
    public static EdgeResourceId? Former(EdgeResourceId id, EdgeResourceStatus status) =>
        status.Version is { } version && new EdgeResourceId(status.Name ?? id.Name, version) is var former && former != id ? former : null;

    private static bool Has(AgentEntry agent, EdgeResourceId id) =>
        agent.EdgeResources?.Any(resource => resource.Name == id.Name && resource.Version == id.Version) == true;

    // With another protocol an entry loses its interface, for good; and of two entries of one name none can be deleted alone.
    private static bool MustBeAnew(EdgeResourceSpec spec, IReadOnlyList<EdgeResourceEntry> observed) =>
        observed.Count > 1 || (observed is [var one] && (one.InterfaceProtocol != spec.InterfaceProtocol || one.Interface is null));

    // Another resource with the same tag that was taken from the agent, or somebody's change of its tags, takes them away.
    private static bool LacksTags(EdgeResourceSpec spec, AgentEntry agent) =>
        agent.Tags is { } has && (spec.OrchestrationTags ?? []).Any(tag => !has.Contains(tag));

    private static JsonObject Body(EdgeResourceId id, EdgeResourceSpec spec, EdgeResourceEntry? observed)
    {
        var body = new JsonObject
        {
            ["name"] = id.Name,
            ["version"] = id.Version,
            ["interfaceProtocol"] = spec.InterfaceProtocol,
            ["interface"] = new JsonObject { ["endpoints"] = new JsonArray([.. (spec.Interface?.Endpoints ?? []).Select(EndpointOf)]) },
            ["orchestrationTags"] = new JsonArray([.. (spec.OrchestrationTags ?? []).Select(tag => (JsonNode)JsonValue.Create(tag)!)]),
        };
        Set(body, "description", spec.Description, observed?.Description);
        var look = new JsonObject();
        Set(look, "name", spec.Display?.Name, observed?.Display?.Name);
        Set(look, "icon", spec.Display?.Icon, observed?.Display?.Icon);
        Set(look, "color", spec.Display?.Color, observed?.Display?.Color);
        if (look.Count > 0)
            body["display"] = look;
        if (spec.Custom is not null || CustomOf(observed) is { Count: > 0 })
            body["custom"] = spec.Custom?.DeepClone() ?? new JsonObject();
        return body;
    }

    private static JsonNode EndpointOf(EdgeResourceCall call)
    {
        var endpoint = new JsonObject { ["name"] = call.Name, ["method"] = call.Method, ["url"] = call.Url };
        Set(endpoint, "description", call.Description, null);
        Set(endpoint, "requestType", call.RequestType, null);
        Set(endpoint, "responseType", call.ResponseType, null);
        Set(endpoint, "requestPayloadExample", call.RequestPayloadExample, null);
        Set(endpoint, "responsePayloadExample", call.ResponsePayloadExample, null);
        return endpoint;
    }

    // What is left out of a change keeps its value: so what is to be empty is sent, if it is not.
    private static void Set(JsonObject body, string field, string? value, string? observed)
    {
        if (!string.IsNullOrEmpty(value) || !string.IsNullOrEmpty(observed))
            body[field] = value ?? "";
    }

    // What names it, its interface, which a change without it can lose, and what else differs. Null when nothing differs.
    private static JsonObject? Changes(EdgeResourceId id, EdgeResourceSpec spec, EdgeResourceEntry observed)
    {
        var body = Body(id, spec, observed);
        var always = new[] { "name", "version", "interfaceProtocol", "interface" };
        var isSameInterface = (spec.Interface?.Endpoints ?? []).Select(TextOf).Order(StringComparer.Ordinal)
            .SequenceEqual((observed.Interface?.Endpoints ?? []).Select(TextOf).Order(StringComparer.Ordinal));
        if (IsSame(spec.Description, observed.Description))
            body.Remove("description");
        if (IsSame(spec.Display?.Name, observed.Display?.Name) && IsSame(spec.Display?.Icon, observed.Display?.Icon) && IsSame(spec.Display?.Color, observed.Display?.Color))
            body.Remove("display");
        if ((spec.OrchestrationTags ?? []).ToHashSet().SetEquals(observed.OrchestrationTags ?? []))
            body.Remove("orchestrationTags");
        if (JsonNode.DeepEquals(spec.Custom ?? [], CustomOf(observed) ?? []))
            body.Remove("custom");
        return isSameInterface && body.All(field => always.Contains(field.Key)) ? null : body;
    }

    private static bool IsSame(string? wanted, string? has) => (wanted ?? "") == (has ?? "");

    private static string TextOf(EdgeResourceCall call) => EndpointOf(call).ToJsonString();

    private static string TextOf(EdgeResourceEndpoint endpoint) => TextOf(new EdgeResourceCall(
        endpoint.Name ?? "", endpoint.Method ?? "", endpoint.Url ?? "", endpoint.Description, endpoint.RequestType, endpoint.ResponseType,
        endpoint.RequestPayloadExample, endpoint.ResponsePayloadExample));

    private static JsonObject? CustomOf(EdgeResourceEntry? observed) =>
        observed?.Custom is { ValueKind: JsonValueKind.Object } custom ? JsonNode.Parse(custom.GetRawText())!.AsObject() : null;
}
