using System.Text.Json;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Agents;

/// <summary>Keeps one agent in the Controller as its object says, and the way in open for its device.</summary>
public sealed class AgentReconciler(KubernetesApi api, ControllerConnection connection, TimeProvider time) : IReconciler<AgentSpec, AgentStatus>
{
    private const string Provision = "provision";

    /// <inheritdoc/>
    public IReadOnlyList<string> Commands { get; } = [Provision, "reboot", "prune", "upgrade", "rollback"];

    public async Task<Outcome> ReconcileAsync(Turn<AgentSpec, AgentStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        var spec = SpecOf(turn.Resource);
        var name = NameOf(turn.Resource);
        if (AgentPlan.Problem(name, spec) is { } problem)
            return Outcome.Refused(AgentReasons.Invalid, problem);
        if (await FindCircleAsync(turn.Key.Namespace, name, spec, cancellationToken) is [_, var next, ..] circle)
        {
            return Outcome.Refused(
                AgentReasons.Invalid, $"spec.upstreamRouters: {string.Join(" → ", circle)} is a circle", WaitingFor.On(Kinds.Agent, next));
        }

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
        if (plan.Update is { } update && AgentPlan.Own(turn.Status, observed) is { } before && AgentPlan.StopsBeingInterior(update, before)
            && (await controller.ListAgentsAsync(cancellationToken)).FirstOrDefault(agent => agent.UpstreamRouters?.Contains(before.Uuid) == true) is { } below)
        {
            return Outcome.Wait(
                WaitingFor.On(Kinds.Agent, below.Name),
                $"spec.routerConfig.routerMode: the router of {below.Name} connects to this one, which stays interior until that has another");
        }

        NameExchange? exchange = null;
        if (plan.Update?.Fields.ContainsKey("name") == true && await controller.FindAgentsAsync(name, cancellationToken) is [var holder, ..])
        {
            exchange = await NameExchange.FindAsync(
                api, Kinds.Agent, (turn.Key.Namespace, turn.Resource.Metadata.Uid), observed[0].Name, name, status => status["uuid"]?.ToString() == holder.Uuid, cancellationToken);
            if (exchange.IsNobodys)
                return await TakeOverAsync(controller, turn, observed[0], exchange, cancellationToken);
            if (!exchange.GivesWay)
                return exchange.Outcome;
            plan = AgentPlan.Of(NameExchange.NameOnTheWay(turn.Resource.Metadata.Uid), spec, turn.Status, uuids, observed);
        }

        if (turn.Resource.Metadata.Generation != turn.Status.ObservedGeneration && AgentPlan.Ignored(spec).ToArray() is { Length: > 0 } ignored)
            turn.Tell(AgentReasons.Ignored, $"{string.Join(", ", ignored)}: only iofogctl uses this; the Secret {ProvisioningSecret.NameOf(turn.Key)} says what to do on the device");
        try
        {
            if (!await CarryOutAsync(controller, turn, plan, name, cancellationToken))
                return Outcome.Continue("The agent is being set up");
        }
        catch (ControllerException e) when (e.IsFinal)
        {
            return Outcome.Refused(AgentReasons.Invalid, e.Message);
        }

        if (exchange is not null)
            return exchange.Outcome;
        if (plan.Writes)
            observed = await FindAsync(controller, turn, name, cancellationToken);
        if (AgentPlan.Own(turn.Status, observed) is not { } own)
            return Outcome.Later(AgentReasons.NotKept, "The agent was created and is gone again");
        turn.Status = StatusOf(turn.Status, own, spec, plan.Given);

        // Said to be done and not done: without this, every look would find the difference and write again.
        if (plan.Writes && AgentPlan.Of(name, spec, turn.Status, uuids, observed).Update is { } left)
            return Outcome.Later(AgentReasons.NotKept, $"The Controller took the change and does not hold it: {string.Join(", ", left.Fields.Select(field => field.Key))}");
        return await ServeDeviceAsync(controller, turn, own, spec, cancellationToken);
    }

    public async Task<Outcome> DeleteAsync(Turn<AgentSpec, AgentStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (await connection.IsGoneAsync(turn.Key.Namespace, cancellationToken))
            return Outcome.Gone;
        var controller = await connection.OpenAsync(turn.Key.Namespace, cancellationToken);
        foreach (var agent in await FindAsync(controller, turn, NameOf(turn.Resource), cancellationToken))
        {
            if (!await turn.TryActAsync(token => controller.DeleteAgentAsync(agent.Uuid, token), cancellationToken))
                return Outcome.Continue("The agent is being deleted");
            turn.Tell(AgentReasons.Deleted, $"Deleted agent {agent.Uuid}");
        }

        // Its owner's end would take it along as well, but a key is better gone at once.
        return turn.Status.Provisioning is null || await CloseAsync(turn, cancellationToken) ? Outcome.Gone : Outcome.Continue("The provisioning Secret is being deleted");
    }

    /// <summary>
    /// Gives up an agent for one that no object stands for, which is then found as by a new object. A device would lose what it
    /// runs with its agent, so that it is left to people where there is one.
    /// </summary>
    private async Task<Outcome> TakeOverAsync(
        ControllerClient controller, Turn<AgentSpec, AgentStatus> turn, AgentEntry own, NameExchange exchange, CancellationToken cancellationToken)
    {
        if (AgentPlan.HasDevice(own))
        {
            return (exchange with
            {
                Message = $"{exchange.Message}. It is not taken over, for the device of {own.Name} would lose its agent and all that it runs; rename or delete one of the two",
            }).Outcome;
        }

        // What the spec gave the one says nothing of the other.
        turn.Status = turn.Status with { Tags = null, Fields = null };
        if (!await turn.TryActAsync(token => controller.DeleteAgentAsync(own.Uuid, token), cancellationToken))
            return Outcome.Continue("The agent is being given up for another one");
        turn.Status = turn.Status with { Uuid = null };
        turn.Tell(AgentReasons.Deleted, $"Deleted agent {own.Name}, which had no device: the object takes over one that is there");
        return await ReconcileAsync(turn, cancellationToken);
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

    /// <summary>What the device needs: a key until it is there, then whatever somebody asked for.</summary>
    private async Task<Outcome> ServeDeviceAsync(
        ControllerClient controller, Turn<AgentSpec, AgentStatus> turn, AgentEntry own, AgentSpec spec, CancellationToken cancellationToken)
    {
        foreach (var command in turn.Asked.Intersect(Commands).ToArray())
        {
            if (AgentPlan.ProblemOfCommand(command, own) is { } problem)
                turn.Deny(command, problem);
            else if (command != Provision && !await turn.TryActOnceAsync(
                command, token => controller.CommandAgentAsync(own.Uuid, command is "upgrade" or "rollback" ? $"version/{command}" : command, token), cancellationToken))
                return Outcome.Continue($"The request {command} is next");
        }

        TimeSpan? checkAgain;
        if (AgentPlan.HasDevice(own) && !turn.Asked.Contains(Provision))
        {
            checkAgain = turn.Status.Provisioning is { Requested: true } asked && asked.Expires > time.GetUtcNow() ? asked.Expires - time.GetUtcNow() : null;
            if (turn.Status.Provisioning is not null && checkAgain is null && !await CloseAsync(turn, cancellationToken))
                return Outcome.Continue("The provisioning Secret is being deleted");
        }
        else
        {
            var address = ProvisioningSecret.ControllerOf(spec, controller.Endpoint);
            var authority = ProvisioningSecret.AuthorityFor(address, controller.Authority);
            var secret = await api.FindAsync(ProvisioningSecret.PathOf(turn.Key), KubernetesJson.Default.JsonObject, cancellationToken);
            if (secret is not null && ProvisioningSecret.IsForeign(secret, turn.Resource.Metadata))
            {
                turn.Deny(Provision, $"the Secret {ProvisioningSecret.NameOf(turn.Key)} is somebody else's");
                turn.Tell(AgentReasons.SecretTaken, $"The Secret {ProvisioningSecret.NameOf(turn.Key)} is somebody else's, so that no provisioning key is put there", warning: true);
                return Outcome.Settled(ReadinessOf(own, turn.Status), ProvisioningSecret.RenewBefore);
            }

            var isFresh = secret is not null && ProvisioningSecret.IsFor(secret, own.Uuid, address, authority)
                && turn.Status.Provisioning?.Expires - ProvisioningSecret.RenewBefore > time.GetUtcNow();
            if ((!isFresh || turn.Asked.Contains(Provision)) && !await OpenAsync(controller, turn, own, address, authority, cancellationToken))
                return Outcome.Continue("The provisioning key is being made");
            checkAgain = turn.Status.Provisioning!.Expires - time.GetUtcNow() - (turn.Status.Provisioning.Requested == true ? TimeSpan.Zero : ProvisioningSecret.RenewBefore);
        }

        return Outcome.Settled(ReadinessOf(own, turn.Status), checkAgain);
    }

    /// <summary>Makes a key, and a Secret of it.</summary>
    /// <returns>False when the turn's budget is spent.</returns>
    private async Task<bool> OpenAsync(
        ControllerClient controller, Turn<AgentSpec, AgentStatus> turn, AgentEntry own, string address, string? authority, CancellationToken cancellationToken)
    {
        var isFirst = turn.Status.Provisioning is null;
        ProvisioningKey? key = null;

        // From here the key before is void. If this turn ends early, the next one makes another.
        turn.Status = turn.Status with { Provisioning = null };
        var isMade = turn.Asked.Contains(Provision)
            ? await turn.TryActOnceAsync(Provision, async token => key = await controller.NewProvisioningKeyAsync(own.Uuid, token), cancellationToken)
            : await turn.TryActAsync(async token => key = await controller.NewProvisioningKeyAsync(own.Uuid, token), cancellationToken);
        if (!isMade || key is null)
            return false;
        var secret = ProvisioningSecret.Of(turn.Resource, own.Uuid, own.Name, address, authority, key.Key);
        if (!await turn.TryActAsync(
            token => api.ApplyAsync(ProvisioningSecret.PathOf(turn.Key), secret, KubernetesJson.Default.JsonObject, Names.FieldManager, token), cancellationToken))
            return false;
        turn.Status = turn.Status with
        {
            Provisioning = new()
            {
                Secret = ProvisioningSecret.NameOf(turn.Key),
                Expires = ProvisioningSecret.ExpiryOf(key, time.GetUtcNow()),
                Requested = AgentPlan.HasDevice(own) ? true : null,
            },
        };
        if (isFirst)
            turn.Tell(AgentReasons.Provisioning, $"The Secret {ProvisioningSecret.NameOf(turn.Key)} has the command that makes a device this agent");
        return true;
    }

    /// <returns>False when the turn's budget is spent.</returns>
    private async Task<bool> CloseAsync(Turn<AgentSpec, AgentStatus> turn, CancellationToken cancellationToken)
    {
        if (!await turn.TryActAsync(token => api.DeleteAsync(ProvisioningSecret.PathOf(turn.Key), token), cancellationToken))
            return false;
        if (turn.Status.Provisioning?.Requested != true && turn.Resource.Metadata.DeletionTimestamp is null)
            turn.Tell(AgentReasons.Provisioned, "A device has become this agent; its provisioning Secret was deleted");
        turn.Status = turn.Status with { Provisioning = null };
        return true;
    }

    /// <summary>The circle of routers that the specs of agents make, if this agent is in one: the Controller would take it, and nothing would ever work.</summary>
    private async Task<IReadOnlyList<string>> FindCircleAsync(string @namespace, string name, AgentSpec spec, CancellationToken cancellationToken)
    {
        if (spec.RouterConfig?.RouterMode != "interior")
            return []; // no router connects to it
        var upstreams = new Dictionary<string, IReadOnlyList<string>> { [name] = [.. AgentPlan.NamedAgents(spec)] };
        IReadOnlyDictionary<string, AgentSpec>? all = null;
        var ahead = new Queue<string>(upstreams[name]);
        while (ahead.TryDequeue(out var next))
        {
            if (upstreams.ContainsKey(next))
                continue;
            var found = await api.FindAsync(Kinds.Agent.PathOf(new ResourceKey(@namespace, next)), AgentJson.Default.Agent, cancellationToken);
            var its = found is not null && NameOf(found) == next
                ? SpecOf(found)
                : (all ??= await ListAsync(@namespace, cancellationToken)).GetValueOrDefault(next);
            upstreams[next] = its is null ? [] : [.. AgentPlan.NamedAgents(its)];
            foreach (var further in upstreams[next])
                ahead.Enqueue(further);
        }

        return AgentPlan.Circle(name, upstreams);
    }

    // Only for agents whose objects have another name than they.
    private async Task<IReadOnlyDictionary<string, AgentSpec>> ListAsync(string @namespace, CancellationToken cancellationToken) =>
        (await api.ListAsync(Kinds.Agent, @namespace, cancellationToken))
            .Select(item => item.Deserialize(AgentJson.Default.Agent)!)
            .GroupBy(NameOf)
            .ToDictionary(group => group.Key, group => SpecOf(group.OrderBy(agent => agent.Metadata.CreationTimestamp).First()));

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

    private static AgentStatus StatusOf(AgentStatus before, AgentEntry own, AgentSpec spec, IReadOnlyList<string> given) => before with
    {
        Uuid = own.Uuid,
        State = own.DaemonStatus,
        Version = own.Version,
        Address = Said(own.IpAddress),
        ExternalAddress = own.IpAddressExternal == own.IpAddress ? null : Said(own.IpAddressExternal),
        RouterMode = own.RouterMode,
        SilentSince = own.DaemonStatus == "RUNNING" || own.LastActive == 0 ? null : before.SilentSince ?? DateTimeOffset.FromUnixTimeMilliseconds(own.LastActive),
        Tags = spec.Tags is { Count: > 0 } ? spec.Tags : null,
        Fields = given.Count > 0 ? given : null,
    };

    private static string? Said(string? address) => address is "0.0.0.0" or "" ? null : address;

    private static Readiness ReadinessOf(AgentEntry agent, AgentStatus status) => agent switch
    {
        { DaemonStatus: "RUNNING" } => Readiness.True(AgentReasons.Running, $"Version {agent.Version ?? "unknown"} at {agent.IpAddress}"),
        _ when !AgentPlan.HasDevice(agent) => Readiness.False(
            AgentReasons.NotProvisioned,
            status.Provisioning is { } provisioning
                ? $"No device has been provisioned for this agent yet; the Secret {provisioning.Secret} has the command for it"
                : "No device has been provisioned for this agent yet"),
        _ => Readiness.False(AgentReasons.Silent, status.SilentSince is { } since ? $"The device is {agent.DaemonStatus}, silent since {since:u}" : $"The device is {agent.DaemonStatus}"),
    };

    private static AgentSpec SpecOf(Resource<AgentSpec, AgentStatus> resource) => (resource.Spec ?? new()).Flat();

    private static string NameOf(Resource<AgentSpec, AgentStatus> resource) => resource.Spec?.Name ?? resource.Metadata.Name;
}
