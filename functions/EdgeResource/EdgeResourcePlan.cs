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
    /// <param name="agents">The agents that the spec or the status names and that are there, by name.</param>
    /// <param name="observed">What the Controller holds in this version; null when nothing.</param>
    public static IReadOnlyList<EdgeResourceStep> Of(
        EdgeResourceId id, EdgeResourceSpec spec, EdgeResourceStatus status, IReadOnlyDictionary<string, AgentEntry> agents, EdgeResourceEntry? observed)
    {
        var steps = new List<EdgeResourceStep>();

        // Over a change of its protocol an entry loses its interface, and can't be read any more.
        var isAnew = observed is not null && observed.InterfaceProtocol != spec.InterfaceProtocol;
        if (isAnew)
            steps.Add(new EdgeResourceStep.Delete(id));
        if (observed is null || isAnew || Differs(spec, observed))
            steps.Add(new EdgeResourceStep.Put(id, Body(id, spec)));

        var former = Former(id, status);
        var wanted = spec.Agents ?? [];
        foreach (var (name, agent) in wanted.Where(agents.ContainsKey).Select(name => (name, agents[name])))
        {
            // An agent loses the tags of what it gives back, also those that the next version has: so first the one, then the other.
            var hasFormer = former is { } before && Has(agent, before);
            if (hasFormer)
                steps.Add(new EdgeResourceStep.Detach(former!.Value, name, agent.Uuid));
            if (hasFormer || isAnew || !Has(agent, id))
                steps.Add(new EdgeResourceStep.Attach(id, name, agent.Uuid));
        }

        foreach (var name in (status.Agents ?? []).Except(wanted).Where(agents.ContainsKey))
        {
            if (!isAnew && Has(agents[name], id))
                steps.Add(new EdgeResourceStep.Detach(id, name, agents[name].Uuid));
        }

        if (former is { } gone)
            steps.Add(new EdgeResourceStep.Delete(gone));
        return steps;
    }

    /// <summary>What the object stood for before its name or version changed; null when they did not.</summary>
    public static EdgeResourceId? Former(EdgeResourceId id, EdgeResourceStatus status) =>
        status.Version is { } version && new EdgeResourceId(status.Name ?? id.Name, version) is var former && former != id ? former : null;

    private static bool Has(AgentEntry agent, EdgeResourceId id) =>
        agent.EdgeResources?.Any(resource => resource.Name == id.Name && resource.Version == id.Version) == true;

    private static JsonObject Body(EdgeResourceId id, EdgeResourceSpec spec)
    {
        var body = new JsonObject
        {
            ["name"] = id.Name,
            ["version"] = id.Version,
            ["interfaceProtocol"] = spec.InterfaceProtocol,
            ["interface"] = new JsonObject
            {
                ["endpoints"] = new JsonArray([.. (spec.Interface?.Endpoints ?? []).Select(endpoint => (JsonNode)new JsonObject
                {
                    ["name"] = endpoint.Name, ["method"] = endpoint.Method, ["url"] = endpoint.Url,
                })]),
            },
            ["orchestrationTags"] = new JsonArray([.. (spec.OrchestrationTags ?? []).Select(tag => (JsonNode)JsonValue.Create(tag)!)]),
        };
        if (spec.Description is not null)
            body["description"] = spec.Description;
        if (spec.Display is { } display)
        {
            var look = new JsonObject();
            foreach (var (key, value) in new[] { ("name", display.Name), ("icon", display.Icon), ("color", display.Color) })
            {
                if (value is not null)
                    look[key] = value;
            }

            body["display"] = look;
        }

        if (spec.Custom is not null)
            body["custom"] = spec.Custom.DeepClone();
        return body;
    }

    private static bool Differs(EdgeResourceSpec spec, EdgeResourceEntry observed) =>
        (spec.Description is not null && spec.Description != observed.Description)
        || !(spec.Interface?.Endpoints ?? []).Select(endpoint => (endpoint.Name, endpoint.Method, endpoint.Url)).ToHashSet()
            .SetEquals((observed.Interface?.Endpoints ?? []).Select(endpoint => (endpoint.Name, endpoint.Method, endpoint.Url)))
        || !(spec.OrchestrationTags ?? []).ToHashSet().SetEquals(observed.OrchestrationTags ?? [])
        || (spec.Display is { } display && ((display.Name is not null && display.Name != observed.Display?.Name)
            || (display.Icon is not null && display.Icon != observed.Display?.Icon)
            || (display.Color is not null && display.Color != observed.Display?.Color)))
        || (spec.Custom is not null && !JsonNode.DeepEquals(spec.Custom, observed.Custom is { } custom ? JsonNode.Parse(custom.GetRawText()) : null));
}
