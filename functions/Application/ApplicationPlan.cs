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

    /// <summary>Makes it anew from its template.</summary>
    public sealed record Instantiate(JsonObject Body) : ApplicationStep;

    public sealed record DeleteRoute(string Name) : ApplicationStep;

    public sealed record DeleteMicroservice(string Name, string Uuid) : ApplicationStep;

    public sealed record CreateMicroservice(string Name, JsonObject Body) : ApplicationStep;

    public sealed record UpdateMicroservice(string Name, string Uuid, MicroserviceWrite Write) : ApplicationStep;

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
    /// <param name="untouched">Declared children to leave as they are, in the terms of <paramref name="owned"/>: others own them, or something is missing.</param>
    public static IReadOnlyList<ApplicationStep> Of(
        string name, ApplicationSpec spec, IReadOnlyDictionary<string, string> agents, IReadOnlyCollection<string> owned, ApplicationEntry? observed,
        IReadOnlySet<string>? untouched = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(agents);
        ArgumentNullException.ThrowIfNull(owned);
        var steps = new List<ApplicationStep>();
        var microservices = (observed?.Microservices ?? []).ToDictionary(microservice => microservice.Name);
        var routes = (observed?.Routes ?? []).ToList();
        var declared = (spec.Microservices ?? []).ToDictionary(microservice => microservice.Name!);
        var declaredRoutes = (spec.Routes ?? []).ToDictionary(route => route.NameOrDefault);
        AddOwn(steps, name, spec, observed, null);

        foreach (var route in routes.ToArray())
        {
            if (IsUntouched(RouteChild(route.Name)))
                continue;
            var isGone = owned.Contains(RouteChild(route.Name)) && !declaredRoutes.ContainsKey(route.Name);
            var isElsewhere = declaredRoutes.TryGetValue(route.Name, out var wanted) && (wanted.From != route.From || wanted.To != route.To);
            if (!isGone && !isElsewhere)
                continue;
            steps.Add(new ApplicationStep.DeleteRoute(route.Name));
            routes.Remove(route);
        }

        var creates = new List<ApplicationStep>();
        foreach (var microservice in microservices.Values.ToArray())
        {
            if (owned.Contains(MicroserviceChild(microservice.Name)) && !declared.ContainsKey(microservice.Name))
                Delete(microservice);
        }

        foreach (var (child, wanted) in declared)
        {
            if (IsUntouched(MicroserviceChild(child)) || wanted.Agent is null || !agents.TryGetValue(wanted.Agent.Name, out var agent))
                continue;
            if (!microservices.TryGetValue(child, out var has))
            {
                creates.Add(new ApplicationStep.CreateMicroservice(child, MicroserviceBody.ForCreate(name, child, wanted, agent)));
            }
            else if (MicroserviceChange.Between(child, wanted, agent, has) is { } change)
            {
                if (change.Writes is { } writes)
                {
                    creates.AddRange(writes.Select(write => new ApplicationStep.UpdateMicroservice(child, has.Uuid, write)));
                    continue;
                }

                Delete(has);
                creates.Add(new ApplicationStep.CreateMicroservice(child, MicroserviceBody.ForCreate(name, child, wanted, agent)));
            }
        }

        steps.AddRange(creates);
        foreach (var (child, wanted) in declaredRoutes)
        {
            if (!IsUntouched(RouteChild(child)) && !routes.Exists(route => route.Name == child) && HolderOf(wanted, routes) is null
                && CanConnect(wanted.From) && CanConnect(wanted.To))
                steps.Add(new ApplicationStep.CreateRoute(child, wanted.From, wanted.To));
        }

        return steps;

        // Its routes go with it.
        void Delete(MicroserviceEntry microservice)
        {
            steps.Add(new ApplicationStep.DeleteMicroservice(microservice.Name, microservice.Uuid));
            microservices.Remove(microservice.Name);
            routes.RemoveAll(route => route.From == microservice.Name || route.To == microservice.Name);
        }

        bool IsUntouched(string child) => untouched?.Contains(child) == true;

        // Both ends are there, or will be by then.
        bool CanConnect(string end) => microservices.ContainsKey(end)
            || creates.Exists(step => step is ApplicationStep.CreateMicroservice(var created, _) && created == end);
    }

    /// <summary>The steps for an application that a template makes.</summary>
    /// <param name="name">In the Controller.</param>
    /// <param name="spec">What it is to be; with a template.</param>
    /// <param name="owned">What the object has created.</param>
    /// <param name="instance">What the template made before; null when nothing.</param>
    /// <param name="observed">What the Controller holds; null when nothing.</param>
    public static IReadOnlyList<ApplicationStep> OfTemplate(
        string name, ApplicationSpec spec, IReadOnlyCollection<string> owned, ApplicationInstance? instance, ApplicationEntry? observed)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(owned);
        var steps = new List<ApplicationStep>();
        AddOwn(steps, name, spec, observed, ApplicationInstance.ToJson(spec.Template!));
        if (observed is null)
            return steps;
        var isSame = instance is { Content: not null } && instance.Fingerprint == ApplicationInstance.FingerprintOf(spec.Template!);
        var now = ApplicationInstance.ContentOf(observed);
        if (isSame && instance!.Content!.All(child => now.GetValueOrDefault(child.Key) == child.Value))
            return steps;

        // A list of routes from which one has vanished makes the Controller fail.
        steps.AddRange((observed.Routes ?? []).Select(route => new ApplicationStep.DeleteRoute(route.Name)));

        // A field that the template leaves out would keep what somebody has put there.
        steps.AddRange((observed.Microservices ?? [])
            .Where(microservice => isSame && instance!.Content!.GetValueOrDefault(MicroserviceChild(microservice.Name)) is { } was && was != now[MicroserviceChild(microservice.Name)])
            .Select(microservice => new ApplicationStep.DeleteMicroservice(microservice.Name, microservice.Uuid)));
        steps.Add(new ApplicationStep.Instantiate(new()
        {
            ["name"] = name,
            ["isActivated"] = spec.IsActivated ?? true,
            ["template"] = ApplicationInstance.ToJson(spec.Template!),
        }));
        return steps;
    }

    /// <summary>What is in the application that this object has not created: making it anew from a template would delete it.</summary>
    public static IReadOnlyList<string> ForeignIn(ApplicationEntry? observed, IReadOnlyCollection<string> owned) =>
        [.. ChildrenOf(observed).Except(owned)];

    /// <summary>The route that leads where another one is to lead, for the Controller has one route for a pair.</summary>
    public static RouteEntry? HolderOf(ApplicationRoute wanted, IEnumerable<RouteEntry>? routes)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return routes?.FirstOrDefault(route => route.From == wanted.From && route.To == wanted.To && route.Name != wanted.NameOrDefault);
    }

    /// <summary>All that is in an application.</summary>
    public static IReadOnlyList<string> ChildrenOf(ApplicationEntry? observed) =>
    [
        .. (observed?.Microservices ?? []).Select(microservice => MicroserviceChild(microservice.Name)),
        .. (observed?.Routes ?? []).Select(route => RouteChild(route.Name)),
    ];

    /// <summary>All that a spec declares.</summary>
    public static IReadOnlyList<string> ChildrenOf(ApplicationSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return
        [
            .. (spec.Microservices ?? []).Select(microservice => MicroserviceChild(microservice.Name!)),
            .. (spec.Routes ?? []).Select(route => RouteChild(route.NameOrDefault)),
        ];
    }

    /// <summary>How a declared microservice is listed among the children.</summary>
    public static string MicroserviceChild(string name) => $"microservice/{name}";

    /// <summary>How a declared route is listed among the children.</summary>
    public static string RouteChild(string name) => $"route/{name}";

    private static void AddOwn(List<ApplicationStep> steps, string name, ApplicationSpec spec, ApplicationEntry? observed, JsonObject? template)
    {
        if (observed is null)
        {
            var body = new JsonObject { ["name"] = name, ["description"] = spec.Description ?? "", ["isActivated"] = spec.IsActivated ?? true };
            if (spec.IsSystem == true)
                body["isSystem"] = true;
            if (template is not null)
                body["template"] = template;
            steps.Add(new ApplicationStep.Create(body));
        }
        else if (Changes(name, spec, observed) is { Count: > 0 } changes)
        {
            // Stopped or started under another name, nobody would be told: the Controller looks for what is in it by the name of the request.
            if (changes.ContainsKey("name") && changes["isActivated"]!.GetValue<bool>() is var activated && activated != observed.IsActivated)
                steps.Add(new ApplicationStep.Update(observed.Name, new() { ["isActivated"] = activated }));
            steps.Add(new ApplicationStep.Update(observed.Name, changes));
        }
    }

    private static JsonObject Changes(string name, ApplicationSpec spec, ApplicationEntry observed)
    {
        var changes = new JsonObject();
        if (name != observed.Name)
            changes["name"] = name;
        if ((spec.Description ?? "") != (observed.Description ?? ""))
            changes["description"] = spec.Description ?? "";
        if ((spec.IsSystem ?? false) != observed.IsSystem)
            changes["isSystem"] = spec.IsSystem ?? false;
        if ((spec.IsActivated ?? true) != observed.IsActivated)
            changes["isActivated"] = spec.IsActivated ?? true;
        else if (changes.Count > 0)
            changes["isActivated"] = observed.IsActivated; // absent, it makes every agent fetch everything again
        return changes;
    }
}
