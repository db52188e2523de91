using IoFog.Operator.Controller;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Agents;

/// <summary>Keeps one agent in the Controller as its object says.</summary>
public sealed class AgentReconciler(ControllerConnection connection) : IReconciler<AgentSpec, AgentStatus>
{
    public async Task<Outcome> ReconcileAsync(Turn<AgentSpec, AgentStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        var spec = turn.Resource.Spec ?? new();
        var name = NameOf(turn);
        if (AgentPlan.Problem(name, spec) is { } problem)
            return Outcome.Refused(AgentReasons.Invalid, problem);

        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        var uuids = new Dictionary<string, string>();
        foreach (var named in AgentPlan.NamedAgents(spec))
        {
            if (await controller.FindAgentsAsync(named, cancellationToken) is not [var found, ..])
                return Outcome.Wait(WaitingFor.On(Kinds.Agent, named), $"The agent {named}, whose router this one needs, is not there yet");
            if (AgentPlan.ProblemOfRouter(spec, found) is { } unusable)
                return Outcome.Wait(WaitingFor.On(Kinds.Agent, named), unusable);
            uuids[named] = found.Uuid;
        }

        var observed = await FindAsync(controller, turn, name, cancellationToken);
        var plan = AgentPlan.Of(name, spec, turn.Status, uuids, observed);
        if (plan.Writes && AgentPlan.NeedsDefaultRouter(spec) && await controller.FindDefaultRouterAsync(cancellationToken) is null)
            return Outcome.Wait(Kinds.ControlPlane.Name, "The Controller has no default router yet; its ControlPlane registers one");
        try
        {
            if (!await CarryOutAsync(controller, turn, plan, name, cancellationToken))
                return Outcome.Continue("The agent is being set up");
        }
        catch (ControllerException e) when (e.IsFinal)
        {
            return Outcome.Refused(AgentReasons.Invalid, e.Message);
        }

        if (plan.Writes)
            observed = await FindAsync(controller, turn, name, cancellationToken);
        if (AgentPlan.Own(turn.Status, observed) is not { } own)
            return Outcome.Later(AgentReasons.NotProvisioned, "The agent was created and is gone again");
        turn.Status = turn.Status with
        {
            Uuid = own.Uuid,
            State = own.DaemonStatus,
            Version = own.Version,
            Address = own.IpAddress is "0.0.0.0" ? null : own.IpAddress,
            Tags = spec.Tags,
        };
        return Outcome.Settled(ReadinessOf(own));
    }

    public async Task<Outcome> DeleteAsync(Turn<AgentSpec, AgentStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (await connection.IsGoneAsync(turn.Key.Namespace, cancellationToken))
            return Outcome.Gone;
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        foreach (var agent in await FindAsync(controller, turn, NameOf(turn), cancellationToken))
        {
            if (!await turn.TryActAsync(token => controller.DeleteAgentAsync(agent.Uuid, token), cancellationToken))
                return Outcome.Continue("The agent is being deleted");
            turn.Tell(AgentReasons.Deleted, $"Deleted agent {agent.Uuid}");
        }

        return Outcome.Gone;
    }

    /// <returns>False when the turn's budget is spent.</returns>
    private static async Task<bool> CarryOutAsync(
        ControllerClient controller, Turn<AgentSpec, AgentStatus> turn, AgentPlan plan, string name, CancellationToken cancellationToken)
    {
        if (plan.Create is { } create)
        {
            if (!await turn.TryActAsync(async token => turn.Status = turn.Status with { Uuid = await controller.CreateAgentAsync(create, token) }, cancellationToken))
                return false;
            turn.Tell(AgentReasons.Created, $"Created agent {name}");
        }

        if (plan.Update is { } update)
        {
            if (!await turn.TryActAsync(token => controller.UpdateAgentAsync(update.Uuid, update.Fields, token), cancellationToken))
                return false;
            turn.Tell(AgentReasons.Updated, $"Updated {string.Join(", ", update.Fields.Select(field => field.Key))}");
        }

        foreach (var uuid in plan.Remove)
        {
            if (!await turn.TryActAsync(token => controller.DeleteAgentAsync(uuid, token), cancellationToken))
                return false;
            turn.Tell(AgentReasons.DuplicateDeleted, $"Deleted {uuid}, a second agent called {name}", warning: true);
        }

        return true;
    }

    /// <summary>The agent that the status knows, if it is there under another name, else those of this name, oldest first.</summary>
    private static async Task<IReadOnlyList<AgentEntry>> FindAsync(
        ControllerClient controller, Turn<AgentSpec, AgentStatus> turn, string name, CancellationToken cancellationToken)
    {
        var found = await controller.FindAgentsAsync(name, cancellationToken);
        return turn.Status.Uuid is { } uuid && found.All(agent => agent.Uuid != uuid)
            && await controller.FindAgentAsync(uuid, cancellationToken) is { } renamed
            ? [renamed]
            : found;
    }

    private static Readiness ReadinessOf(AgentEntry agent) => agent switch
    {
        { DaemonStatus: "RUNNING" } => Readiness.True(AgentReasons.Running, $"Version {agent.Version} at {agent.IpAddress}"),
        { Version: null } => Readiness.False(AgentReasons.NotProvisioned, "No device has been provisioned for this agent yet"),
        _ => Readiness.False(AgentReasons.Silent, $"The device is {agent.DaemonStatus}"),
    };

    private static string NameOf(Turn<AgentSpec, AgentStatus> turn) => turn.Resource.Spec?.Name ?? turn.Key.Name;
}
