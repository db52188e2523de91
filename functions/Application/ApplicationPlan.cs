using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Microservices;

namespace IoFog.Operator.Applications;

/// <summary>One thing to do for an application.</summary>
public abstract record ApplicationStep
{
    private ApplicationStep()
    {
    }

    public sealed record Create(JsonObject Body) : ApplicationStep;

    /// <param name="Name">What it is called before.</param>
    public sealed record Update(string Name, JsonObject Fields) : ApplicationStep;

    public sealed record DeleteRoute(string Name) : ApplicationStep;

    public sealed record DeleteMicroservice(string Name, string Uuid) : ApplicationStep;

    public sealed record CreateMicroservice(string Name, JsonObject Body) : ApplicationStep;

    public sealed record UpdateMicroservice(string Name, string Uuid, JsonObject Fields) : ApplicationStep;

    public sealed record CreateRoute(string Name, string From, string To) : ApplicationStep;
}

/// <summary>
/// What has to be done so that the Controller holds an application as its spec says, in order. Children are created, changed and removed
/// one by one: writing an application whole restarts containers and cannot remove a route.
/// </summary>
public static class ApplicationPlan
{
    /// <param name="name">In the Controller.</param>
    /// <param name="spec">What it is to be.</param>
    /// <param name="agents">The uuids of the agents that are there, by name; microservices of missing ones wait.</param>
    /// <param name="owned">What the object has created: <c>microservice/…</c> and <c>route/…</c>.</param>
    /// <param name="observed">What the Controller holds; null when nothing.</param>
    public static IReadOnlyList<ApplicationStep> Of(
        string name, ApplicationSpec spec, IReadOnlyDictionary<string, string> agents, IReadOnlyList<string> owned, ApplicationEntry? observed)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(agents);
        ArgumentNullException.ThrowIfNull(owned);
        var steps = new List<ApplicationStep>();
        if (observed is null)
            steps.Add(new ApplicationStep.Create(new() { ["name"] = name, ["description"] = spec.Description ?? "", ["isActivated"] = spec.IsActivated ?? true }));
        else if (Changes(name, spec, observed) is { Count: > 0 } changes)
            steps.Add(new ApplicationStep.Update(observed.Name, changes));

        var microservices = observed?.Microservices ?? [];
        var routes = observed?.Routes ?? [];
        var declared = (spec.Microservices ?? []).ToDictionary(microservice => microservice.Name!);
        var declaredRoutes = (spec.Routes ?? []).ToDictionary(route => route.Name);
        foreach (var route in routes)
        {
            var isGone = owned.Contains(RouteChild(route.Name)) && !declaredRoutes.ContainsKey(route.Name);
            var isElsewhere = declaredRoutes.TryGetValue(route.Name, out var wanted) && (wanted.From != route.From || wanted.To != route.To);
            if (isGone || isElsewhere)
                steps.Add(new ApplicationStep.DeleteRoute(route.Name));
        }

        foreach (var microservice in microservices.Where(microservice => owned.Contains(MicroserviceChild(microservice.Name)) && !declared.ContainsKey(microservice.Name)))
            steps.Add(new ApplicationStep.DeleteMicroservice(microservice.Name, microservice.Uuid));
        foreach (var (child, wanted) in declared)
        {
            if (wanted.Agent is null || !agents.TryGetValue(wanted.Agent.Name, out var agent))
                continue;
            if (microservices.FirstOrDefault(microservice => microservice.Name == child) is not { } has)
                steps.Add(new ApplicationStep.CreateMicroservice(child, MicroserviceBody.ForCreate(name, child, wanted, agent)));
            else if (MicroserviceBody.ForUpdate(child, wanted, agent, has) is { } fields)
                steps.Add(new ApplicationStep.UpdateMicroservice(child, has.Uuid, fields));
        }

        foreach (var (child, wanted) in declaredRoutes)
        {
            var stays = routes.Any(route => route.Name == child && route.From == wanted.From && route.To == wanted.To);
            if (!stays && CanConnect(wanted.From) && CanConnect(wanted.To))
                steps.Add(new ApplicationStep.CreateRoute(child, wanted.From, wanted.To));
        }

        return steps;

        // Both ends are there, or will be by then.
        bool CanConnect(string end) => microservices.Any(microservice => microservice.Name == end)
            || (declared.TryGetValue(end, out var wanted) && wanted.Agent is not null && agents.ContainsKey(wanted.Agent.Name));
    }

    /// <summary>How a declared microservice is listed among the children.</summary>
    public static string MicroserviceChild(string name) => $"microservice/{name}";

    /// <summary>How a declared route is listed among the children.</summary>
    public static string RouteChild(string name) => $"route/{name}";

    private static JsonObject Changes(string name, ApplicationSpec spec, ApplicationEntry observed)
    {
        var changes = new JsonObject();
        if (name != observed.Name)
            changes["name"] = name;
        if (spec.Description is not null && spec.Description != (observed.Description ?? ""))
            changes["description"] = spec.Description;
        if ((spec.IsActivated ?? true) != observed.IsActivated)
            changes["isActivated"] = spec.IsActivated ?? true;
        else if (changes.Count > 0)
            changes["isActivated"] = observed.IsActivated; // absent, it makes every agent fetch everything again
        return changes;
    }
}
