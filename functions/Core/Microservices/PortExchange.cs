using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Microservices;

/// <summary>Microservices that change places: an agent has each port once, so that the first has to give its own up before it can have the other's.</summary>
public static class PortExchange
{
    private const string PortGivenUp = "PortGivenUp";

    /// <summary>
    /// The ports of a microservice that can't have those that it is to have, which it gives up: it is to leave them anyway, and others are to
    /// have them. Two that change places would else wait for each other for ever.
    /// </summary>
    /// <param name="spec">What it is to be.</param>
    /// <param name="observed">What it is.</param>
    /// <param name="agent">The name of the agent that it is on.</param>
    /// <param name="all">What all microservices are to be.</param>
    public static IReadOnlyList<PortEntry> GivenUp(MicroserviceSpec spec, MicroserviceEntry observed, string agent, IReadOnlyList<MicroserviceSpec> all)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(observed);
        return
        [
            .. (observed.Ports ?? []).Where(port =>
                (!Wants(spec, port) && all.Any(other => Wants(other, port)))
                || (port.Public?.Router?.Port is { } number && !WantsPublic(spec, number) && all.Any(other => WantsPublic(other, number)))),
        ];

        bool Wants(MicroserviceSpec wanting, PortEntry port) =>
            wanting.Agent?.Name == agent && wanting.Container?.Ports?.Any(wanted => wanted.External == port.External) == true;

        static bool WantsPublic(MicroserviceSpec wanting, int number) =>
            wanting.Container?.Ports?.Any(wanted => wanted.Public?.Router?.Port == number) == true;
    }

    /// <summary>Gives up what <see cref="GivenUp"/> says; what is not done in this turn is in the next one.</summary>
    /// <param name="api">Knows what all are to be.</param>
    /// <param name="controller">Knows what this one is.</param>
    /// <param name="turn">Of the object that it is, or is a part of.</param>
    /// <param name="spec">What it is to be.</param>
    /// <param name="uuid">Of the microservice.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task GiveWayAsync<TSpec, TStatus>(
        KubernetesApi api, ControllerClient controller, Turn<TSpec, TStatus> turn, MicroserviceSpec spec, string uuid, CancellationToken cancellationToken)
        where TSpec : class
        where TStatus : Status, new()
    {
        ArgumentNullException.ThrowIfNull(api);
        ArgumentNullException.ThrowIfNull(controller);
        ArgumentNullException.ThrowIfNull(turn);

        // A refused update can have taken ports away already.
        if (await controller.FindMicroserviceAsync(uuid, cancellationToken) is not { Ports.Count: > 0, IofogUuid: { } at } now
            || await controller.FindAgentAsync(at, cancellationToken) is not { } agent)
            return;
        foreach (var port in GivenUp(spec, now, agent.Name, await ListAsync(api, turn.Key.Namespace, cancellationToken)))
        {
            if (!await turn.TryActAsync(token => controller.DeletePortAsync(uuid, port.Internal, token), cancellationToken))
                return;
            turn.Tell(PortGivenUp, $"Gave up port {port.External} of {now.Name} on {agent.Name}, which another microservice waits for");
        }
    }

    /// <summary>All that are objects of their own, and all that applications declare.</summary>
    private static async Task<IReadOnlyList<MicroserviceSpec>> ListAsync(KubernetesApi api, string @namespace, CancellationToken cancellationToken)
    {
        var objects = await api.ListAsync(Kinds.Microservice, @namespace, cancellationToken);
        var applications = await api.ListAsync(Kinds.Application, @namespace, cancellationToken);
        return
        [
            .. objects.Select(item => item["spec"])
                .Concat(applications.SelectMany(item => item["spec"]?["microservices"] as JsonArray ?? []))
                .Select(spec => spec.Deserialize(CoreJson.Default.MicroserviceSpec))
                .OfType<MicroserviceSpec>(),
        ];
    }
}
