using IoFog.Operator.Controller;
using IoFog.Operator.Microservices;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Applications;

/// <summary>Keeps one application in the Controller as its object says.</summary>
public sealed class ApplicationReconciler(ControllerConnection connection) : IReconciler<ApplicationSpec, ApplicationStatus>
{
    public async Task<Outcome> ReconcileAsync(Turn<ApplicationSpec, ApplicationStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        var spec = turn.Resource.Spec ?? new();
        foreach (var microservice in spec.Microservices ?? [])
        {
            if (microservice.Images?.CatalogId is not > 0 && MicroserviceBody.Architectures(microservice).Count == 0)
                return Outcome.Refused(ApplicationReasons.Invalid, $"spec.microservices[{microservice.Name}].images needs x86, arm or catalogId");
        }

        var name = NameOf(turn);
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        var agents = await FindAgentsAsync(controller, spec, cancellationToken);
        var observed = await FindAsync(controller, turn, name, cancellationToken);
        var steps = ApplicationPlan.Of(name, spec, agents, turn.Resource.Status?.Children ?? [], observed);
        try
        {
            for (var done = 0; done < steps.Count; done++)
            {
                if (!await CarryOutAsync(controller, turn, name, steps[done], cancellationToken))
                    return Outcome.Continue($"{done} of {steps.Count} steps are done");
            }
        }
        catch (ControllerException e) when (e.IsFinal)
        {
            return Outcome.Refused(ApplicationReasons.Invalid, e.Message);
        }

        if (steps.Count > 0)
            observed = await controller.FindApplicationAsync(name, cancellationToken);
        if (observed is null)
            return Outcome.Later(ApplicationReasons.Invalid, "The application was created and is gone again");
        var own = (observed.Microservices ?? []).Where(entry => spec.Microservices?.Any(wanted => wanted.Name == entry.Name) == true).ToArray();
        var declared = spec.Microservices?.Count ?? 0;
        var running = own.Count(MicroserviceReadiness.IsRunning);
        turn.Status = turn.Status with
        {
            Id = observed.Id,
            Name = observed.Name,
            Running = $"{running}/{declared}",
            Children = ChildrenOf(spec) is { Count: > 0 } children ? children : null,
        };
        var missing = (spec.Microservices ?? []).Select(microservice => microservice.Agent?.Name).OfType<string>().FirstOrDefault(agent => !agents.ContainsKey(agent));
        if (missing is not null)
            return Outcome.Wait(WaitingFor.On(Kinds.Agent, missing), $"The agent {missing} is not there yet; what runs elsewhere is set up");
        return Outcome.Settled(ReadinessOf(observed, own, running, declared));
    }

    public async Task<Outcome> DeleteAsync(Turn<ApplicationSpec, ApplicationStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (await connection.IsGoneAsync(turn.Key.Namespace, cancellationToken))
            return Outcome.Gone;
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        if (await FindAsync(controller, turn, NameOf(turn), cancellationToken) is not { } own)
            return Outcome.Gone;
        if (!await turn.TryActAsync(token => controller.DeleteApplicationAsync(own.Name, token), cancellationToken))
            return Outcome.Continue("The application is being deleted");
        turn.Tell(ApplicationReasons.Deleted, $"Deleted application {own.Name}");
        return Outcome.Gone;
    }

    /// <summary>The application that the status knows, if it is there under its former name, else the one of this name.</summary>
    private static async Task<ApplicationEntry?> FindAsync(
        ControllerClient controller, Turn<ApplicationSpec, ApplicationStatus> turn, string name, CancellationToken cancellationToken) =>
        turn.Status.Name is { } former && former != name && await controller.FindApplicationAsync(former, cancellationToken) is { } renamed
            ? renamed
            : await controller.FindApplicationAsync(name, cancellationToken);

    private static async Task<bool> CarryOutAsync(
        ControllerClient controller, Turn<ApplicationSpec, ApplicationStatus> turn, string application, ApplicationStep step, CancellationToken cancellationToken)
    {
        var (reason, told) = step switch
        {
            ApplicationStep.Create => (ApplicationReasons.Created, $"Created application {application}"),
            ApplicationStep.Update(_, var fields) => (ApplicationReasons.Updated, $"Updated {string.Join(", ", fields.Select(field => field.Key))}"),
            ApplicationStep.DeleteRoute(var name) => (ApplicationReasons.ChildDeleted, $"Deleted route {name}"),
            ApplicationStep.DeleteMicroservice(var name, _) => (ApplicationReasons.ChildDeleted, $"Deleted microservice {name}"),
            ApplicationStep.CreateMicroservice(var name, _) => (ApplicationReasons.ChildCreated, $"Created microservice {name}"),
            ApplicationStep.UpdateMicroservice(var name, _, var fields) => (ApplicationReasons.ChildUpdated, $"Updated {string.Join(", ", fields.Select(field => field.Key))} of microservice {name}"),
            ApplicationStep.CreateRoute(var name, _, _) => (ApplicationReasons.ChildCreated, $"Created route {name}"),
            _ => throw new InvalidOperationException($"unknown step {step.GetType().Name}"),
        };
        var acted = await turn.TryActAsync(
            token => step switch
            {
                ApplicationStep.Create(var body) => controller.CreateApplicationAsync(body, token),
                ApplicationStep.Update(var name, var fields) => controller.UpdateApplicationAsync(name, fields, token),
                ApplicationStep.DeleteRoute(var name) => controller.DeleteRouteAsync(application, name, token),
                ApplicationStep.DeleteMicroservice(_, var uuid) => controller.DeleteMicroserviceAsync(uuid, token),
                ApplicationStep.CreateMicroservice(_, var body) => controller.CreateMicroserviceAsync(body, token),
                ApplicationStep.UpdateMicroservice(_, var uuid, var fields) => controller.UpdateMicroserviceAsync(uuid, fields, token),
                ApplicationStep.CreateRoute(var name, var from, var to) => controller.CreateRouteAsync(application, name, from, to, token),
                _ => throw new InvalidOperationException($"unknown step {step.GetType().Name}"),
            },
            cancellationToken);
        if (acted)
            turn.Tell(reason, told);
        return acted;
    }

    private static async Task<IReadOnlyDictionary<string, string>> FindAgentsAsync(
        ControllerClient controller, ApplicationSpec spec, CancellationToken cancellationToken)
    {
        var agents = new Dictionary<string, string>();
        foreach (var name in (spec.Microservices ?? []).Select(microservice => microservice.Agent?.Name).OfType<string>().Distinct())
        {
            if (await controller.FindAgentsAsync(name, cancellationToken) is [var agent, ..] && FitsAll(spec, name, agent))
                agents[name] = agent.Uuid;
        }

        return agents;
    }

    // An agent that has not said yet what it is takes no microservice by image.
    private static bool FitsAll(ApplicationSpec spec, string name, AgentEntry agent) =>
        agent.FogTypeId != 0 || (spec.Microservices ?? []).Where(microservice => microservice.Agent?.Name == name).All(microservice => microservice.Images?.CatalogId is > 0);

    private static IReadOnlyList<string> ChildrenOf(ApplicationSpec spec) =>
    [
        .. (spec.Microservices ?? []).Select(microservice => ApplicationPlan.MicroserviceChild(microservice.Name!)),
        .. (spec.Routes ?? []).Select(route => ApplicationPlan.RouteChild(route.Name)),
    ];

    private static Readiness ReadinessOf(ApplicationEntry application, IReadOnlyList<MicroserviceEntry> own, int running, int declared)
    {
        if (!application.IsActivated)
            return Readiness.False(ApplicationReasons.Stopped, "spec.isActivated is false");
        if (running == declared)
            return Readiness.True(ApplicationReasons.Running, $"{running}/{declared} microservices run");
        var others = own.Where(microservice => !MicroserviceReadiness.IsRunning(microservice)).Select(microservice => $"{microservice.Name} {microservice.Status?.Status}");
        return Readiness.False(ApplicationReasons.NotAllRunning, $"{running}/{declared} microservices run: {string.Join(", ", others)}");
    }

    private static string NameOf(Turn<ApplicationSpec, ApplicationStatus> turn) => turn.Resource.Spec?.Name ?? turn.Key.Name;
}
