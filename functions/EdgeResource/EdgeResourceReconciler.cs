using IoFog.Operator.Controller;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.EdgeResources;

/// <summary>Keeps one edge resource in the Controller as its object says.</summary>
public sealed class EdgeResourceReconciler(ControllerConnection connection) : IReconciler<EdgeResourceSpec, EdgeResourceStatus>
{
    public async Task<Outcome> ReconcileAsync(Turn<EdgeResourceSpec, EdgeResourceStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (turn.Resource.Spec is not { Version: { } version, InterfaceProtocol: not null } spec)
            return Outcome.Refused(EdgeResourceReasons.Invalid, "spec.version and spec.interfaceProtocol are needed");

        var name = NameOf(turn);
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        var agents = new Dictionary<string, AgentEntry>();
        foreach (var agent in (spec.Agents ?? []).Union(turn.Resource.Status?.Agents ?? []))
        {
            if (await controller.FindAgentsAsync(agent, cancellationToken) is [var found, ..])
                agents[agent] = found;
        }

        var linked = agents.Where(agent => agent.Value.EdgeResources?.Any(resource => resource.Name == name && resource.Version == version) == true)
            .Select(agent => agent.Key).ToHashSet();
        var observed = await controller.FindEdgeResourceAsync(name, version, cancellationToken);
        var plan = EdgeResourcePlan.Of(name, spec, turn.Resource.Status, linked, observed);
        try
        {
            if (!await CarryOutAsync(controller, turn, plan, name, version, agents, cancellationToken))
                return Outcome.Continue("The edge resource is being set up");
        }
        catch (ControllerException e) when (e.IsFinal)
        {
            return Outcome.Refused(EdgeResourceReasons.Invalid, e.Message);
        }

        observed = await controller.FindEdgeResourceAsync(name, version, cancellationToken);
        if (observed is null)
            return Outcome.Later(EdgeResourceReasons.Invalid, "The edge resource was stored and is gone again");
        var given = (spec.Agents ?? []).Where(agents.ContainsKey).ToArray();
        turn.Status = turn.Status with { Id = observed.Id, Version = version, Agents = given.Length == 0 ? null : given };
        var missing = (spec.Agents ?? []).FirstOrDefault(agent => !agents.ContainsKey(agent));
        return missing is null
            ? Outcome.Settled(Readiness.True(EdgeResourceReasons.Available, given.Length == 0 ? "No agent has it" : $"Given to {string.Join(", ", given)}"))
            : Outcome.Wait(WaitingFor.On(Kinds.Agent, missing), $"The agent {missing} is not there yet");
    }

    public async Task<Outcome> DeleteAsync(Turn<EdgeResourceSpec, EdgeResourceStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (await connection.IsGoneAsync(turn.Key.Namespace, cancellationToken))
            return Outcome.Gone;
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        foreach (var version in new[] { turn.Resource.Status?.Version, turn.Resource.Spec?.Version }.OfType<string>().Distinct())
        {
            if (await controller.FindEdgeResourceAsync(NameOf(turn), version, cancellationToken) is null)
                continue;
            if (!await turn.TryActAsync(token => controller.DeleteEdgeResourceAsync(NameOf(turn), version, token), cancellationToken))
                return Outcome.Continue("The edge resource is being deleted");
            turn.Tell(EdgeResourceReasons.Deleted, $"Deleted {NameOf(turn)} {version}");
        }

        return Outcome.Gone;
    }

    private static async Task<bool> CarryOutAsync(
        ControllerClient controller, Turn<EdgeResourceSpec, EdgeResourceStatus> turn, EdgeResourcePlan plan, string name, string version,
        IReadOnlyDictionary<string, AgentEntry> agents, CancellationToken cancellationToken)
    {
        if (plan.Delete && !await ActAsync(token => controller.DeleteEdgeResourceAsync(name, version, token), EdgeResourceReasons.Deleted, $"Deleted {name} {version}, which spoke another protocol"))
            return false;
        if (plan.Put is { } body && !await ActAsync(token => controller.PutEdgeResourceAsync(name, version, body, token), EdgeResourceReasons.Stored, $"Stored {name} {version}"))
            return false;
        foreach (var agent in plan.Attach.Where(agents.ContainsKey))
        {
            if (!await ActAsync(token => controller.LinkEdgeResourceAsync(name, version, agents[agent].Uuid, token), EdgeResourceReasons.Attached, $"Given to {agent}"))
                return false;
        }

        foreach (var agent in plan.Detach.Where(agents.ContainsKey))
        {
            if (!await ActAsync(token => controller.UnlinkEdgeResourceAsync(name, version, agents[agent].Uuid, token), EdgeResourceReasons.Detached, $"Taken from {agent}"))
                return false;
        }

        return plan.DeleteVersion is not { } before
            || await ActAsync(token => controller.DeleteEdgeResourceAsync(name, before, token), EdgeResourceReasons.Deleted, $"Deleted {name} {before}");

        async Task<bool> ActAsync(Func<CancellationToken, Task> write, string reason, string told)
        {
            var acted = await turn.TryActAsync(write, cancellationToken);
            if (acted)
                turn.Tell(reason, told);
            return acted;
        }
    }

    private static string NameOf(Turn<EdgeResourceSpec, EdgeResourceStatus> turn) => turn.Resource.Spec?.Name ?? turn.Key.Name;
}
