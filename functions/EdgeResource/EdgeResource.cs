using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace IoFog.Operator.EdgeResources;

/// <summary>What an edge resource is to be. What is absent is empty.</summary>
public sealed record EdgeResourceSpec
{
    public string? Name { get; init; }

    public string? Version { get; init; }

    public string? Description { get; init; }

    /// <summary><c>http</c>, <c>https</c>, <c>ws</c> or <c>wss</c>.</summary>
    public string? InterfaceProtocol { get; init; }

    public EdgeResourceOffer? Interface { get; init; }

    public EdgeResourceLook? Display { get; init; }

    public IReadOnlyList<string>? OrchestrationTags { get; init; }

    public JsonObject? Custom { get; init; }

    /// <summary>Names of the agents that have it.</summary>
    public IReadOnlyList<string>? Agents { get; init; }
}

/// <summary>What an edge resource offers.</summary>
public sealed record EdgeResourceOffer(IReadOnlyList<EdgeResourceCall>? Endpoints);

/// <summary>One endpoint.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Method">GET, POST, …</param>
/// <param name="Url">A path.</param>
public sealed record EdgeResourceCall(
    string Name,
    string Method,
    string Url,
    string? Description = null,
    string? RequestType = null,
    string? ResponseType = null,
    string? RequestPayloadExample = null,
    string? ResponsePayloadExample = null);

/// <summary>How the viewer shows it.</summary>
public sealed record EdgeResourceLook(string? Name, string? Icon, string? Color);

/// <summary>What is known of an edge resource.</summary>
public sealed record EdgeResourceStatus : Status
{
    public long? Id { get; init; }

    /// <summary>The name that the Controller holds for this object.</summary>
    public string? Name { get; init; }

    /// <summary>The version that the Controller holds for this object.</summary>
    public string? Version { get; init; }

    /// <summary>Names of the agents that it was given to.</summary>
    public IReadOnlyList<string>? Agents { get; init; }
}

[JsonSerializable(typeof(EdgeResourceSpec))]
[JsonSerializable(typeof(Resource<EdgeResourceSpec, EdgeResourceStatus>), TypeInfoPropertyName = "EdgeResource")]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class EdgeResourceJson : JsonSerializerContext;
