using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Microservices;

/// <summary>Keeps one microservice in the Controller as its object says.</summary>
public sealed class MicroserviceReconciler(KubernetesApi api, ControllerConnection connection) : IReconciler<MicroserviceSpec, MicroserviceStatus>
{
    private const string Rebuild = "rebuild";

    public IReadOnlyList<string> Commands => [Rebuild];

    public async Task<Outcome> ReconcileAsync(Turn<MicroserviceSpec, MicroserviceStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (turn.Resource.Spec is not { Application: { } application } spec)
            return Outcome.Refused(MicroserviceProblem.Invalid, "spec.application is needed");
        if (Literal.FindUnkeepable(JsonSerializer.SerializeToNode(spec, MicroserviceJson.Default.MicroserviceSpec), "spec") is { } path)
            return Outcome.Refused(MicroserviceProblem.Invalid, $"{path} holds {{% endraw %}}, which the Controller can't store");
        if (MicroserviceRules.Broken(spec, "spec") is { } broken)
            return Outcome.Refused(MicroserviceProblem.Invalid, broken);

        var name = NameOf(turn);
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        var agent = await controller.FindAgentsAsync(spec.Agent!.Name, cancellationToken) is [var first, ..] ? first : null;
        if (MicroserviceProblem.OfAgent(spec, "spec", agent) is { } unfit)
            return unfit.Outcome;
        (spec, var missing) = await MicroserviceSources.ResolveAsync(spec, new(controller), cancellationToken);
        if (missing is not null)
            return missing.Outcome;
        if (await controller.FindApplicationAsync(application, cancellationToken) is not { } found)
            return Outcome.Wait(WaitingFor.On(Kinds.Application, application), $"The application {application} is not there yet");

        var observed = Find(found, turn, name);
        if (observed is not null && observed.Name != name && await IsClaimedAsync(turn, application, observed.Name, cancellationToken))
            observed = null; // it was ours under the name that another object stands for now
        if (observed?.Uuid != turn.Status.Uuid && !await LeaveAsync(controller, turn, cancellationToken))
            return Outcome.Continue("What the microservice was before is being deleted");
        var plan = MicroservicePlan.Of(name, spec, agent!.Uuid, observed);
        try
        {
            if (!await CarryOutAsync(controller, turn, plan, observed, name, cancellationToken))
                return Outcome.Continue("The microservice is being set up");
        }
        catch (ControllerException e) when (MicroserviceProblem.Of(e, "spec", spec) is { } problem)
        {
            if (problem.Reason == MicroserviceProblem.PortTaken && observed is not null)
                await PortExchange.GiveWayAsync(api, controller, turn, spec, observed.Uuid, cancellationToken);
            return problem.Outcome;
        }

        if (!plan.IsEmpty)
        {
            found = await controller.FindApplicationAsync(application, cancellationToken);
            observed = found is null ? null : Find(found, turn, name);
        }

        if (observed is null)
            return Outcome.Later(MicroserviceProblem.NotKept, "The microservice was created and is gone again");
        Show(turn, observed);

        // Said to be done and not done: without this, every look would find the difference and write again.
        if (!plan.IsEmpty && MicroservicePlan.Of(name, spec, agent.Uuid, observed) is { IsEmpty: false } again)
            return Outcome.Later(MicroserviceProblem.NotKept, $"The Controller took the change and does not hold it: {again.Because}");
        if (turn.Asked.Contains(Rebuild)
            && !await turn.TryActOnceAsync(Rebuild, token => controller.UpdateMicroserviceAsync(observed.Uuid, MicroserviceBody.ForRebuild(observed), token), cancellationToken))
            return Outcome.Continue("The microservice is to be rebuilt");
        return Outcome.Settled(found!.IsActivated
            ? MicroserviceReadiness.Of(observed)
            : Readiness.False(MicroserviceReadiness.Stopped, $"The application {application} is stopped: its isActivated is false"));
    }

    public async Task<Outcome> DeleteAsync(Turn<MicroserviceSpec, MicroserviceStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (turn.Resource.Spec?.Application is not { } application || await connection.IsGoneAsync(turn.Key.Namespace, cancellationToken))
            return Outcome.Gone;
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        var microservices = await controller.ListMicroservicesAsync(application, cancellationToken);
        foreach (var microservice in microservices.Where(entry => entry.Name == NameOf(turn)))
        {
            if (!await DeleteAsync(controller, turn, microservice.Uuid, cancellationToken))
                return Outcome.Continue("The microservice is being deleted");
        }

        return await LeaveAsync(controller, turn, cancellationToken) ? Outcome.Gone : Outcome.Continue("The microservice is being deleted");
    }

    /// <summary>
    /// Deletes what the object stood for in another application, or under a name that it has left for one that is there already: the Controller
    /// moves no microservice between applications. What another object stands for meanwhile stays.
    /// </summary>
    /// <returns>False when the turn's budget is spent.</returns>
    private async Task<bool> LeaveAsync(
        ControllerClient controller, Turn<MicroserviceSpec, MicroserviceStatus> turn, CancellationToken cancellationToken) =>
        turn.Status.Uuid is not { } uuid
        || await controller.FindMicroserviceAsync(uuid, cancellationToken) is not { } former
        || (former.Application is { } application && await IsClaimedAsync(turn, application, former.Name, cancellationToken))
        || await DeleteAsync(controller, turn, uuid, cancellationToken);

    /// <summary>Whether another object stands for a microservice: one of its own, or an application that declares it or has it from a template.</summary>
    private async Task<bool> IsClaimedAsync(Turn<MicroserviceSpec, MicroserviceStatus> turn, string application, string name, CancellationToken cancellationToken) =>
        (await api.ListAsync(Kinds.Microservice, turn.Key.Namespace, cancellationToken)).Any(other =>
            other["metadata"]!["uid"]!.GetValue<string>() != turn.Resource.Metadata.Uid
            && other["spec"]?["application"]?.GetValue<string>() == application && EntryName.Of(other) == name)
        || (await api.ListAsync(Kinds.Application, turn.Key.Namespace, cancellationToken)).Any(other =>
            EntryName.Of(other) == application
            && ((other["spec"]?["microservices"] as JsonArray ?? []).Any(declared => declared?["name"]?.GetValue<string>() == name)
                || (other["status"]?["children"] as JsonArray ?? []).Any(child => child?.GetValue<string>() == $"microservice/{name}")));

    /// <returns>False when the turn's budget is spent.</returns>
    private static async Task<bool> DeleteAsync(
        ControllerClient controller, Turn<MicroserviceSpec, MicroserviceStatus> turn, string uuid, CancellationToken cancellationToken)
    {
        if (!await turn.TryActAsync(token => controller.DeleteMicroserviceAsync(uuid, token), cancellationToken))
            return false;
        turn.Tell(MicroserviceReasons.Deleted, $"Deleted microservice {uuid}");
        return true;
    }

    private static async Task<bool> CarryOutAsync(
        ControllerClient controller, Turn<MicroserviceSpec, MicroserviceStatus> turn, MicroservicePlan plan, MicroserviceEntry? observed, string name, CancellationToken cancellationToken)
    {
        if (plan.Delete)
        {
            if (!await DeleteAsync(controller, turn, observed!.Uuid, cancellationToken))
                return false;
        }

        if (plan.Create is { } create)
        {
            if (!await turn.TryActAsync(token => controller.CreateMicroserviceAsync(create, token), cancellationToken))
                return false;
            turn.Tell(MicroserviceReasons.Created, plan.Delete ? $"Created microservice {name} anew: {plan.Because}" : $"Created microservice {name}");
        }

        foreach (var update in plan.Updates)
        {
            if (!await turn.TryActAsync(token => update.CarryOutAsync(controller, observed!.Uuid, token), cancellationToken))
                return false;
        }

        if (plan.Updates.Count > 0)
            turn.Tell(MicroserviceReasons.Updated, $"Updated {plan.Because}");

        return true;
    }

    private static void Show(Turn<MicroserviceSpec, MicroserviceStatus> turn, MicroserviceEntry observed) => turn.Status = turn.Status with
    {
        Uuid = observed.Uuid,
        AgentUuid = observed.IofogUuid,
        State = observed.Status?.Status,
        ContainerId = observed.Status?.ContainerId is { Length: > 0 } id ? id : null,
        ErrorMessage = observed.Status?.ErrorMessage is { Length: > 0 } message ? message : null,
        Links = MicroserviceReadiness.LinksOf(observed) is { Count: > 0 } links ? links : null,
    };

    private static MicroserviceEntry? Find(ApplicationEntry application, Turn<MicroserviceSpec, MicroserviceStatus> turn, string name) =>
        application.Microservices?.FirstOrDefault(entry => entry.Name == name)
        ?? application.Microservices?.FirstOrDefault(entry => entry.Uuid == turn.Status.Uuid);

    private static string NameOf(Turn<MicroserviceSpec, MicroserviceStatus> turn) => turn.Resource.Spec?.Name ?? turn.Key.Name;
}
