using System.Text.Json.Serialization;

namespace IoFog.Operator.Microservices;

/// <summary>What is known of a microservice.</summary>
public sealed record MicroserviceStatus : Status
{
    public string? Uuid { get; init; }

    public string? AgentUuid { get; init; }

    /// <summary>As its agent reports it.</summary>
    public string? State { get; init; }

    public string? ContainerId { get; init; }

    public string? ErrorMessage { get; init; }

    /// <summary>Addresses of public ports.</summary>
    public IReadOnlyList<string>? Links { get; init; }
}

[JsonSerializable(typeof(Resource<MicroserviceSpec, MicroserviceStatus>), TypeInfoPropertyName = "Microservice")]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class MicroserviceJson : JsonSerializerContext;
