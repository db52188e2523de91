using System.Text.Json.Serialization;
using IoFog.Operator.Microservices;

namespace IoFog.Operator.Applications;

/// <summary>What an application is to be.</summary>
public sealed record ApplicationSpec
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    /// <summary>False stops the microservices.</summary>
    public bool? IsActivated { get; init; }

    /// <summary>Microservices that this object owns; others of the application are left alone.</summary>
    public IReadOnlyList<MicroserviceSpec>? Microservices { get; init; }

    /// <summary>Routes that this object owns; others of the application are left alone.</summary>
    public IReadOnlyList<ApplicationRoute>? Routes { get; init; }
}

/// <summary>A route that an application declares.</summary>
public sealed record ApplicationRoute(string Name, string From, string To);

/// <summary>What is known of an application.</summary>
public sealed record ApplicationStatus : Status
{
    public long? Id { get; init; }

    /// <summary>The name that the Controller holds for this object.</summary>
    public string? Name { get; init; }

    /// <summary><c>2/3</c>: microservices that run, of those that the object declares.</summary>
    public string? Running { get; init; }

    /// <summary>What this object has created: <c>microservice/viewer</c>, <c>route/monitor-to-viewer</c>.</summary>
    public IReadOnlyList<string>? Children { get; init; }
}

[JsonSerializable(typeof(Resource<ApplicationSpec, ApplicationStatus>), TypeInfoPropertyName = "Application")]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ApplicationJson : JsonSerializerContext;
