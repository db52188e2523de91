using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Microservices;

/// <summary>What has to be done so that the Controller holds a microservice as its spec says, in this order.</summary>
/// <param name="Delete">The microservice has to be made anew.</param>
/// <param name="Create">The body of a create; null when the microservice is there.</param>
/// <param name="Update">The fields to change; null when none differs.</param>
/// <param name="Because">What differs, for people; empty when nothing is there or differs.</param>
public sealed record MicroservicePlan(bool Delete, JsonObject? Create, JsonObject? Update, string Because)
{
    /// <summary>Nothing is to be done.</summary>
    public bool IsEmpty => Create is null && Update is null;

    /// <summary>
    /// The ports of a microservice that can't have those that it is to have, which it gives up: it is to leave them anyway, and others are to
    /// have them. Two that change places would else wait for each other for ever.
    /// </summary>
    /// <param name="spec">What it is to be.</param>
    /// <param name="observed">What it is.</param>
    /// <param name="agent">The name of the agent that it is on.</param>
    /// <param name="others">What others are to be.</param>
    public static IReadOnlyList<PortEntry> GivenUp(MicroserviceSpec spec, MicroserviceEntry observed, string agent, IEnumerable<MicroserviceSpec> others)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(observed);
        MicroserviceSpec[] all = [.. others];
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

    /// <param name="name">In the Controller.</param>
    /// <param name="spec">What it is to be.</param>
    /// <param name="agentUuid">Of the agent that is to run it.</param>
    /// <param name="observed">What the Controller holds; null when nothing.</param>
    public static MicroservicePlan Of(string name, MicroserviceSpec spec, string agentUuid, MicroserviceEntry? observed)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (observed is null)
            return new(false, MicroserviceBody.ForCreate(spec.Application!, name, spec, agentUuid), null, "");
        return MicroserviceChange.Between(name, spec, agentUuid, observed) switch
        {
            null => new(false, null, null, ""),
            { Update: { } fields, Because: var because } => new(false, null, fields, because),
            { Because: var because } => new(true, MicroserviceBody.ForCreate(spec.Application!, name, spec, agentUuid), null, because),
        };
    }
}
