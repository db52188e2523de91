using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Microservices;

/// <summary>What has to be done so that the Controller holds a microservice as its spec says.</summary>
/// <param name="Create">The body of a create; null when the microservice is there.</param>
/// <param name="Update">The fields to change; null when none differs.</param>
public sealed record MicroservicePlan(JsonObject? Create, JsonObject? Update)
{
    /// <param name="name">In the Controller.</param>
    /// <param name="spec">What it is to be.</param>
    /// <param name="agentUuid">Of the agent that is to run it.</param>
    /// <param name="observed">What the Controller holds; null when nothing.</param>
    public static MicroservicePlan Of(string name, MicroserviceSpec spec, string agentUuid, MicroserviceEntry? observed)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return observed is null
            ? new(MicroserviceBody.ForCreate(spec.Application!, name, spec, agentUuid), null)
            : new(null, MicroserviceBody.ForUpdate(name, spec, agentUuid, observed));
    }
}
