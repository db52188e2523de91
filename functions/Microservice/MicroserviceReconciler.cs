using IoFog.Operator.Controller;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Microservices;

/// <summary>Keeps one microservice in the Controller as its object says.</summary>
public sealed class MicroserviceReconciler(ControllerConnection connection) : IReconciler<MicroserviceSpec, MicroserviceStatus>
{
    public async Task<Outcome> ReconcileAsync(Turn<MicroserviceSpec, MicroserviceStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (turn.Resource.Spec is not { Application: { } application, Agent: { } agentReference } spec)
            return Outcome.Refused(MicroserviceReasons.Invalid, "spec.application and spec.agent.name are needed");
        if (spec.Images?.CatalogId is not > 0 && MicroserviceBody.Architectures(spec).Count == 0)
            return Outcome.Refused(MicroserviceReasons.ImagesMissing, "spec.images needs x86, arm or catalogId");

        var name = NameOf(turn);
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        if (await controller.FindAgentsAsync(agentReference.Name, cancellationToken) is not [var agent, ..])
            return Outcome.Wait(WaitingFor.On(Kinds.Agent, agentReference.Name), $"The agent {agentReference.Name} is not there yet");
        if (MicroserviceBody.Architectures(spec) is { Count: > 0 } architectures && !architectures.Contains(agent.FogTypeId))
        {
            return agent.FogTypeId == 0
                ? Outcome.Wait(WaitingFor.On(Kinds.Agent, agentReference.Name), $"The agent {agentReference.Name} has not said yet whether it is x86 or arm")
                : Outcome.Refused(MicroserviceReasons.ImageMissing, $"spec.images has none for {(agent.FogTypeId == 1 ? "x86" : "arm")}, which the agent {agentReference.Name} is");
        }

        if (await controller.FindApplicationAsync(application, cancellationToken) is not { } found)
            return Outcome.Wait(WaitingFor.On(Kinds.Application, application), $"The application {application} is not there yet");

        var observed = Find(found, name) ?? found.Microservices?.FirstOrDefault(entry => entry.Uuid == turn.Status.Uuid);
        if (observed is null && !await LeaveAsync(controller, turn, cancellationToken))
            return Outcome.Continue("The microservice is moving to another application");
        var plan = MicroservicePlan.Of(name, spec, agent.Uuid, observed);
        try
        {
            if (!await CarryOutAsync(controller, turn, plan, observed, name, cancellationToken))
                return Outcome.Continue("The microservice is being set up");
        }
        catch (ControllerException e) when (e.IsFinal)
        {
            return Outcome.Refused(MicroserviceReasons.Invalid, e.Message);
        }

        if (plan.Create is not null || plan.Update is not null)
            observed = (await controller.ListMicroservicesAsync(application, cancellationToken)).FirstOrDefault(entry => entry.Name == name);
        if (observed is null)
            return Outcome.Later(MicroserviceReasons.Invalid, "The microservice was created and is gone again");
        turn.Status = turn.Status with
        {
            Uuid = observed.Uuid,
            AgentUuid = observed.IofogUuid,
            State = observed.Status?.Status,
            ContainerId = observed.Status?.ContainerId is { Length: > 0 } id ? id : null,
            ErrorMessage = observed.Status?.ErrorMessage is { Length: > 0 } message ? message : null,
            Links = (observed.Ports ?? []).SelectMany(port => port.Public?.Links ?? []).ToArray() is { Length: > 0 } links ? links : null,
        };
        return Outcome.Settled(MicroserviceReadiness.Of(observed));
    }

    public async Task<Outcome> DeleteAsync(Turn<MicroserviceSpec, MicroserviceStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (turn.Resource.Spec?.Application is not { } application || await connection.IsGoneAsync(turn.Key.Namespace, cancellationToken))
            return Outcome.Gone;
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        var microservices = await controller.ListMicroservicesAsync(application, cancellationToken);
        foreach (var microservice in microservices.Where(entry => entry.Name == NameOf(turn) || entry.Uuid == turn.Status.Uuid))
        {
            if (!await turn.TryActAsync(token => controller.DeleteMicroserviceAsync(microservice.Uuid, token), cancellationToken))
                return Outcome.Continue("The microservice is being deleted");
            turn.Tell(MicroserviceReasons.Deleted, $"Deleted microservice {microservice.Uuid}");
        }

        return await LeaveAsync(controller, turn, cancellationToken) ? Outcome.Gone : Outcome.Continue("The microservice is being deleted");
    }

    /// <summary>Deletes what the object stood for in another application: the Controller moves no microservice between applications.</summary>
    /// <returns>False when the turn's budget is spent.</returns>
    private static async Task<bool> LeaveAsync(
        ControllerClient controller, Turn<MicroserviceSpec, MicroserviceStatus> turn, CancellationToken cancellationToken)
    {
        if (turn.Status.Uuid is not { } uuid || await controller.FindMicroserviceAsync(uuid, cancellationToken) is null)
            return true;
        if (!await turn.TryActAsync(token => controller.DeleteMicroserviceAsync(uuid, token), cancellationToken))
            return false;
        turn.Tell(MicroserviceReasons.Deleted, $"Deleted microservice {uuid}");
        return true;
    }

    private static async Task<bool> CarryOutAsync(
        ControllerClient controller, Turn<MicroserviceSpec, MicroserviceStatus> turn, MicroservicePlan plan, MicroserviceEntry? observed, string name, CancellationToken cancellationToken)
    {
        if (plan.Create is { } create)
        {
            if (!await turn.TryActAsync(token => controller.CreateMicroserviceAsync(create, token), cancellationToken))
                return false;
            turn.Tell(MicroserviceReasons.Created, $"Created microservice {name}");
        }

        if (plan.Update is { } update)
        {
            if (!await turn.TryActAsync(token => controller.UpdateMicroserviceAsync(observed!.Uuid, update, token), cancellationToken))
                return false;
            turn.Tell(MicroserviceReasons.Updated, $"Updated {string.Join(", ", update.Select(field => field.Key))}");
        }

        return true;
    }

    private static MicroserviceEntry? Find(ApplicationEntry application, string name) =>
        application.Microservices?.FirstOrDefault(entry => entry.Name == name);

    private static string NameOf(Turn<MicroserviceSpec, MicroserviceStatus> turn) => turn.Resource.Spec?.Name ?? turn.Key.Name;
}
