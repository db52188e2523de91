using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.EdgeResources;

/// <summary>Keeps one edge resource in the Controller as its object says.</summary>
public sealed class EdgeResourceReconciler(KubernetesApi api, ControllerConnection connection) : IReconciler<EdgeResourceSpec, EdgeResourceStatus>
{
    private const int ListFrom = 8;

    public async Task<Outcome> ReconcileAsync(Turn<EdgeResourceSpec, EdgeResourceStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (EdgeResourcePlan.Problem(turn.Resource.Spec) is { } problem)
            return Outcome.Refused(EdgeResourceReasons.Invalid, problem);

        var spec = turn.Resource.Spec!;
        var id = new EdgeResourceId(NameOf(turn), spec.Version!);
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        var observed = await controller.FindEdgeResourcesAsync(id.Name, id.Version, cancellationToken);
        var agents = await FindAgentsAsync(
            controller, EdgeResourcePlan.NeedsAllAgents(id, spec, turn.Status, observed) ? null : [.. (spec.Agents ?? []).Union(turn.Status.Agents ?? [])], cancellationToken);
        var heirs = EdgeResourcePlan.Former(id, turn.Status) is { } former ? await FindHeirsAsync(turn, former, cancellationToken) : null;
        var steps = EdgeResourcePlan.Of(id, spec, turn.Status, agents, observed, heirs);
        if (observed.Count > 1)
            turn.Tell(EdgeResourceReasons.Duplicates, $"{observed.Count} entries are called {id}; they are replaced by one", warning: true);
        try
        {
            for (var done = 0; done < steps.Count; done++)
            {
                if (!await CarryOutAsync(controller, turn, steps[done], cancellationToken))
                    return Outcome.Continue($"{done} of {steps.Count} steps are done");
            }
        }
        catch (ControllerException e) when (e.IsFinal)
        {
            return Outcome.Refused(EdgeResourceReasons.Invalid, e.Message);
        }

        if (steps.Count > 0)
            observed = await controller.FindEdgeResourcesAsync(id.Name, id.Version, cancellationToken);
        if (observed is not [var stored, ..])
            return Outcome.Later(EdgeResourceReasons.NotKept, "The edge resource was stored and is gone again");
        turn.Adopt();
        var given = (spec.Agents ?? []).Where(agents.ContainsKey).ToArray();
        turn.Status = turn.Status with { Id = stored.Id, Name = id.Name, Version = id.Version, Agents = given.Length == 0 ? null : given };

        // Said to be done and not done: without this, every look would find the difference and write again.
        if (steps.Count > 0 && EdgeResourcePlan.Of(id, spec, turn.Status, new Dictionary<string, AgentEntry>(), observed).Count > 0)
            return Outcome.Later(EdgeResourceReasons.NotKept, "The Controller took the change and does not hold it");
        var missing = (spec.Agents ?? []).FirstOrDefault(agent => !agents.ContainsKey(agent));
        return missing is null
            ? Outcome.Settled(Readiness.True(EdgeResourceReasons.Available, given.Length == 0 ? "No agent has it" : $"Given to {string.Join(", ", given)}"))
            : Outcome.Wait(WaitingFor.On(Kinds.Agent, missing), $"The agent {missing} is not there yet");
    }

    public async Task<Outcome> DeleteAsync(Turn<EdgeResourceSpec, EdgeResourceStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (turn.Resource.Spec?.Version is not { } version || await connection.IsGoneAsync(turn.Key.Namespace, cancellationToken))
            return Outcome.Gone;
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        var id = new EdgeResourceId(NameOf(turn), version);
        foreach (var own in new[] { EdgeResourcePlan.Former(id, turn.Status), id }.OfType<EdgeResourceId>())
        {
            if (await controller.FindEdgeResourceAsync(own.Name, own.Version, cancellationToken) is null
                || (own != id && await FindHeirsAsync(turn, own, cancellationToken) is not null))
                continue;
            if (!await CarryOutAsync(controller, turn, new EdgeResourceStep.Delete(own), cancellationToken))
                return Outcome.Continue("The edge resource is being deleted");
        }

        return Outcome.Gone;
    }

    /// <summary>The agents of another object that stands for what this one stood for before; null where none does.</summary>
    private async Task<IReadOnlyCollection<string>?> FindHeirsAsync(
        Turn<EdgeResourceSpec, EdgeResourceStatus> turn, EdgeResourceId former, CancellationToken cancellationToken)
    {
        var heir = (await api.ListAsync(Kinds.EdgeResource, turn.Key.Namespace, cancellationToken)).FirstOrDefault(other =>
            other["metadata"]!["uid"]!.GetValue<string>() != turn.Resource.Metadata.Uid
            && EntryName.Of(other) == former.Name && other["spec"]?["version"]?.GetValue<string>() == former.Version);
        return heir is null ? null : [.. (heir["spec"]?["agents"] as JsonArray ?? []).Select(agent => agent!.GetValue<string>())];
    }

    /// <returns>False when the turn's budget is spent.</returns>
    private static async Task<bool> CarryOutAsync(
        ControllerClient controller, Turn<EdgeResourceSpec, EdgeResourceStatus> turn, EdgeResourceStep step, CancellationToken cancellationToken)
    {
        var (reason, told) = step switch
        {
            EdgeResourceStep.Delete(var id) => (EdgeResourceReasons.Deleted, $"Deleted {id}"),
            EdgeResourceStep.Put(var id, _) => (EdgeResourceReasons.Stored, $"Stored {id}"),
            EdgeResourceStep.Attach(var id, var agent, _) => (EdgeResourceReasons.Attached, $"Gave {id} to {agent}"),
            EdgeResourceStep.Detach(var id, var agent, _) => (EdgeResourceReasons.Detached, $"Took {id} from {agent}"),
            _ => throw new InvalidOperationException($"unknown step {step.GetType().Name}"),
        };
        if (!await turn.TryActAsync(token => WriteAsync(controller, step, token), cancellationToken))
            return false;
        turn.Tell(reason, told);

        // Known at once, so that it is taken back also when this turn does not come to its end.
        if (step is EdgeResourceStep.Attach attached)
            turn.Status = turn.Status with { Agents = [.. (turn.Status.Agents ?? []).Union([attached.Agent])] };
        return true;
    }

    private static Task WriteAsync(ControllerClient controller, EdgeResourceStep step, CancellationToken cancellationToken) => step switch
    {
        EdgeResourceStep.Delete({ } id) => controller.DeleteEdgeResourceAsync(id.Name, id.Version, cancellationToken),
        EdgeResourceStep.Put({ } id, var body) => controller.PutEdgeResourceAsync(id.Name, id.Version, body, cancellationToken),
        EdgeResourceStep.Attach({ } id, _, var uuid) => controller.LinkEdgeResourceAsync(id.Name, id.Version, uuid, cancellationToken),
        EdgeResourceStep.Detach({ } id, _, var uuid) => controller.UnlinkEdgeResourceAsync(id.Name, id.Version, uuid, cancellationToken),
        _ => throw new InvalidOperationException($"unknown step {step.GetType().Name}"),
    };

    /// <param name="names">Null for all.</param>
    private static async Task<IReadOnlyDictionary<string, AgentEntry>> FindAgentsAsync(
        ControllerClient controller, IReadOnlyList<string>? names, CancellationToken cancellationToken)
    {
        // A whole list costs the Controller some milliseconds for each agent, a filtered one as much for each that it finds.
        var found = new List<AgentEntry>();
        if (names is null || names.Count > ListFrom)
            found.AddRange(await controller.ListAgentsAsync(cancellationToken));
        else
            foreach (var name in names)
                found.AddRange(await controller.FindAgentsAsync(name, cancellationToken));
        return found.OrderBy(agent => agent.CreatedAt).GroupBy(agent => agent.Name).ToDictionary(group => group.Key, group => group.First());
    }

    private static string NameOf(Turn<EdgeResourceSpec, EdgeResourceStatus> turn) => turn.Resource.Spec?.Name ?? turn.Key.Name;
}
