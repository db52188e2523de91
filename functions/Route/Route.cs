using System.Text.Json.Serialization;

namespace IoFog.Operator.Routes;

/// <summary>What a route is to be.</summary>
public sealed record RouteSpec
{
    public string? Name { get; init; }

    public string? Application { get; init; }

    /// <summary>Name of the sending microservice.</summary>
    public string? From { get; init; }

    /// <summary>Name of the receiving microservice.</summary>
    public string? To { get; init; }
}

/// <summary>What is known of a route.</summary>
public sealed record RouteStatus : Status
{
    /// <summary>The application that the Controller holds it in.</summary>
    public string? Application { get; init; }

    /// <summary>The name that the Controller holds.</summary>
    public string? Name { get; init; }

    public string? SourceUuid { get; init; }

    public string? DestinationUuid { get; init; }
}

[JsonSerializable(typeof(Resource<RouteSpec, RouteStatus>), TypeInfoPropertyName = "Route")]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class RouteJson : JsonSerializerContext;
