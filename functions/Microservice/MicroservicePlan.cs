using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Microservices;

/// <summary>What has to be done so that the Controller holds a microservice as its spec says, in this order.</summary>
/// <param name="Delete">The microservice has to be made anew.</param>
/// <param name="Create">The body of a create; null when the microservice is there.</param>
/// <param name="Updates">The requests that change it; none when nothing differs.</param>
/// <param name="Because">What differs, for people; empty when nothing is there or differs.</param>
public sealed record MicroservicePlan(bool Delete, JsonObject? Create, IReadOnlyList<MicroserviceWrite> Updates, string Because)
{
    /// <summary>Nothing is to be done.</summary>
    public bool IsEmpty => Create is null && Updates.Count == 0;

    /// <param name="name">In the Controller.</param>
    /// <param name="spec">What it is to be.</param>
    /// <param name="agentUuid">Of the agent that is to run it.</param>
    /// <param name="observed">What the Controller holds; null when nothing.</param>
    public static MicroservicePlan Of(string name, MicroserviceSpec spec, string agentUuid, MicroserviceEntry? observed)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (observed is null)
            return new(false, MicroserviceBody.ForCreate(spec.Application!, name, spec, agentUuid), [], "");
        return MicroserviceChange.Between(name, spec, agentUuid, observed) switch
        {
            null => new(false, null, [], ""),
            { Writes: { } writes, Because: var because } => new(false, null, writes, because),
            { Because: var because } => new(true, MicroserviceBody.ForCreate(spec.Application!, name, spec, agentUuid), [], because),
        };
    }
}
