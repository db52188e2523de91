using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using IoFog.Operator.Controller;
using IoFog.Operator.Microservices;

namespace IoFog.Operator.Applications;

/// <summary>What an application is to be.</summary>
public sealed record ApplicationSpec
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    /// <summary>False stops the microservices. Default true.</summary>
    public bool? IsActivated { get; init; }

    /// <summary>The Controller hides it from its lists. Default false.</summary>
    public bool? IsSystem { get; init; }

    /// <summary>Microservices that this object owns; others of the application are left alone.</summary>
    public IReadOnlyList<MicroserviceSpec>? Microservices { get; init; }

    /// <summary>Routes that this object owns; others of the application are left alone.</summary>
    public IReadOnlyList<ApplicationRoute>? Routes { get; init; }

    /// <summary>A template of the Controller, in place of <see cref="Microservices"/> and <see cref="Routes"/>.</summary>
    public ApplicationTemplate? Template { get; init; }
}

/// <summary>A route that an application declares.</summary>
/// <param name="Name"><c>r-from-to</c> when absent, as in the Controller.</param>
public sealed record ApplicationRoute(string? Name, string From, string To)
{
    /// <summary>Its name in the Controller.</summary>
    [JsonIgnore]
    public string NameOrDefault => Name ?? $"r-{From}-{To}";
}

/// <summary>A template of the Controller and what is put into it.</summary>
public sealed record ApplicationTemplate(string Name, IReadOnlyList<ApplicationVariable>? Variables);

/// <summary>A variable of a template; any JSON.</summary>
public sealed record ApplicationVariable(string Key, JsonNode? Value);

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

    /// <summary>The microservices of this object, as their agents report them.</summary>
    public IReadOnlyList<ApplicationMicroservice>? Microservices { get; init; }

    /// <summary>What the template that made it was; absent without one.</summary>
    public ApplicationInstance? Template { get; init; }
}

/// <summary>A microservice of an application.</summary>
public sealed record ApplicationMicroservice
{
    public required string Name { get; init; }

    public string? Uuid { get; init; }

    /// <summary>As its agent reports it.</summary>
    public string? State { get; init; }

    public string? ErrorMessage { get; init; }

    /// <summary>Addresses of public ports.</summary>
    public IReadOnlyList<string>? Links { get; init; }
}

[JsonSerializable(typeof(Resource<ApplicationSpec, ApplicationStatus>), TypeInfoPropertyName = "Application")]
[JsonSerializable(typeof(MicroserviceEntry))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ApplicationJson : JsonSerializerContext;
