using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.EdgeResources;

/// <summary>What has to be done so that the Controller holds an edge resource as its spec says, in this order.</summary>
/// <param name="Delete">It speaks another protocol; the Controller would lose its interface over that change, so it goes first.</param>
/// <param name="Put">The body to store; null when nothing differs.</param>
/// <param name="Attach">Names of agents that lack it.</param>
/// <param name="Detach">Names of agents that this object gave it to and no longer names.</param>
/// <param name="DeleteVersion">The version that the object stood for before; null when none.</param>
public sealed record EdgeResourcePlan(bool Delete, JsonObject? Put, IReadOnlyList<string> Attach, IReadOnlyList<string> Detach, string? DeleteVersion)
{
    /// <param name="name">In the Controller.</param>
    /// <param name="spec">What it is to be.</param>
    /// <param name="status">What was done before; null when nothing.</param>
    /// <param name="linked">Names of the agents that have this version.</param>
    /// <param name="observed">What the Controller holds in this version; null when nothing.</param>
    public static EdgeResourcePlan Of(
        string name, EdgeResourceSpec spec, EdgeResourceStatus? status, IReadOnlySet<string> linked, EdgeResourceEntry? observed)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(linked);
        var delete = observed is not null && observed.InterfaceProtocol != spec.InterfaceProtocol;
        var put = observed is null || delete || Differs(spec, observed);
        var wanted = spec.Agents ?? [];
        return new(
            delete,
            put ? Body(name, spec) : null,
            [.. wanted.Where(agent => delete || !linked.Contains(agent))],
            [.. delete ? [] : (status?.Agents ?? []).Where(agent => !wanted.Contains(agent) && linked.Contains(agent))],
            status?.Version is { } before && before != spec.Version ? before : null);
    }

    private static JsonObject Body(string name, EdgeResourceSpec spec)
    {
        var body = new JsonObject
        {
            ["name"] = name,
            ["version"] = spec.Version,
            ["description"] = spec.Description ?? "",
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
