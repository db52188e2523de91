using System.Text.Json.Serialization;
using IoFog.Operator.Microservices;

namespace IoFog.Operator.CatalogItems;

/// <summary>Images that microservices are made of.</summary>
public sealed record CatalogItemSpec
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    public string? X86 { get; init; }

    public string? Arm { get; init; }

    /// <summary><c>remote</c>, <c>local</c>, the URL of a registry or its id.</summary>
    [JsonConverter(typeof(TextConverter))]
    public string? Registry { get; init; }

    /// <summary>JSON, for people.</summary>
    public string? ConfigExample { get; init; }
}

/// <summary>What is known of an item of the catalog.</summary>
public sealed record CatalogItemStatus : Status
{
    public long? Id { get; init; }

    /// <summary>The name that the Controller holds for this object.</summary>
    public string? Name { get; init; }

    public long? RegistryId { get; init; }
}

[JsonSerializable(typeof(Resource<CatalogItemSpec, CatalogItemStatus>), TypeInfoPropertyName = "CatalogItem")]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class CatalogItemJson : JsonSerializerContext;
