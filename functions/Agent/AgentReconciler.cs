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
        if (AgentPlan.RouterMode(spec) != "none" && string.IsNullOrEmpty(spec.Host))
            return Outcome.Refused(AgentReasons.HostMissing, $"spec.host is needed for routerMode {AgentPlan.RouterMode(spec)}: other routers reach this one by it");
        if (AgentPlan.RouterMode(spec) == "interior" && (spec.RouterConfig?.InterRouterPort is null || spec.RouterConfig.EdgeRouterPort is null))
            return Outcome.Refused(AgentReasons.Invalid, "spec.routerConfig.interRouterPort and edgeRouterPort are needed for routerMode interior");

        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        if (await controller.FindDefaultRouterAsync(cancellationToken) is null)
            return Outcome.Wait(Kinds.ControlPlane.Name, "The Controller has no default router yet; its ControlPlane registers one");
        var uuids = new Dictionary<string, string>();
        foreach (var named in AgentPlan.NamedAgents(spec))
        {
            if (await controller.FindAgentsAsync(named, cancellationToken) is not [var found, ..])
                return Outcome.Wait(WaitingFor.On(Kinds.Agent, named), $"The router of the agent {named} is not there yet");
            uuids[named] = found.Uuid;
        }

        var observed = await FindAsync(controller, turn, name, cancellationToken);
        var plan = AgentPlan.Of(name, spec, uuids, turn.Resource.Status?.Tags ?? [], observed);
        try
        {
            if (!await CarryOutAsync(controller, turn, plan, observed, name, cancellationToken))
                return Outcome.Continue("The agent is being set up");
        }
        catch (ControllerException e) when (e.IsFinal)
        {
            return Outcome.Refused(AgentReasons.Invalid, e.Message);
        }

        if (plan.Create is not null || plan.Update is not null)
            observed = await FindAsync(controller, turn, name, cancellationToken);
        if (observed is null)
            return Outcome.Later(AgentReasons.NotProvisioned, "The agent was created and is gone again");
        turn.Status = turn.Status with
        {
            Uuid = observed.Uuid,
            State = observed.DaemonStatus,
            Version = observed.Version,
            Address = observed.IpAddress is "0.0.0.0" ? null : observed.IpAddress,
            Tags = spec.Tags,
        };
        return Outcome.Settled(ReadinessOf(observed));
    }

    public async Task<Outcome> DeleteAsync(Turn<AgentSpec, AgentStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (await connection.IsGoneAsync(turn.Key.Namespace, cancellationToken))
            return Outcome.Gone;
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        foreach (var agent in await controller.FindAgentsAsync(NameOf(turn), cancellationToken))
        {
            if (!await turn.TryActAsync(token => controller.DeleteAgentAsync(agent.Uuid, token), cancellationToken))
                return Outcome.Continue("The agent is being deleted");
            turn.Tell(AgentReasons.Deleted, $"Deleted agent {agent.Uuid}");
        }

        return Outcome.Gone;
    }

    private static async Task<bool> CarryOutAsync(
        ControllerClient controller, Turn<AgentSpec, AgentStatus> turn, AgentPlan plan, AgentEntry? observed, string name, CancellationToken cancellationToken)
    {
        if (plan.Create is { } create)
        {
            if (!await turn.TryActAsync(token => controller.CreateAgentAsync(create, token), cancellationToken))
                return false;
            turn.Tell(AgentReasons.Created, $"Created agent {name}");
        }

        if (plan.Update is { } update)
        {
            if (!await turn.TryActAsync(token => controller.UpdateAgentAsync(observed!.Uuid, update, token), cancellationToken))
                return false;
            turn.Tell(AgentReasons.Updated, $"Updated {string.Join(", ", update.Select(field => field.Key))}");
        }

        return true;
    }

    /// <summary>The agent that this object stands for. Of several with its name the others go: simultaneous creates can all succeed.</summary>
    private static async Task<AgentEntry?> FindAsync(
        ControllerClient controller, Turn<AgentSpec, AgentStatus> turn, string name, CancellationToken cancellationToken)
    {
        var found = await controller.FindAgentsAsync(name, cancellationToken);
        var own = found.FirstOrDefault(agent => agent.Uuid == turn.Resource.Status?.Uuid) ?? (found is [var oldest, ..] ? oldest : null);
        foreach (var other in found.Where(agent => agent != own))
        {
            if (await turn.TryActAsync(token => controller.DeleteAgentAsync(other.Uuid, token), cancellationToken))
                turn.Tell(AgentReasons.DuplicateDeleted, $"Deleted {other.Uuid}, a second agent called {name}", warning: true);
        }

        return own;
    }

    private static Readiness ReadinessOf(AgentEntry agent) => agent switch
    {
        { DaemonStatus: "RUNNING" } => Readiness.True(AgentReasons.Running, $"Version {agent.Version} at {agent.IpAddress}"),
        { Version: null } => Readiness.False(AgentReasons.NotProvisioned, "No device has been provisioned for this agent yet"),
        _ => Readiness.False(AgentReasons.Silent, $"The device is {agent.DaemonStatus}"),
    };

    private static string NameOf(Turn<AgentSpec, AgentStatus> turn) => turn.Resource.Spec?.Name ?? turn.Key.Name;
}
