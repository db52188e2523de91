using System.Text.Json.Serialization;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Registries;

/// <summary>A registry that images come from.</summary>
public sealed record RegistrySpec
{
    /// <summary>What microservices call it.</summary>
    public string? Url { get; init; }

    /// <summary>Devices sign in. Default false.</summary>
    public bool? Private { get; init; }

    public string? Username { get; init; }

    public SecretReference? PasswordSecretRef { get; init; }

    public string? Email { get; init; }

    /// <summary>Default false.</summary>
    public bool? RequiresCert { get; init; }

    /// <summary>What the registry is known by, as PEM.</summary>
    public string? Certificate { get; init; }
}

/// <summary>What is known of a registry.</summary>
public sealed record RegistryStatus : Status
{
    public long? Id { get; init; }

    /// <summary>The URL that the Controller holds for this object.</summary>
    public string? Url { get; init; }

    /// <summary>The Secret and its version from which the Controller has the password, for it does not show what it has.</summary>
    public string? PasswordVersion { get; init; }
}

[JsonSerializable(typeof(Resource<RegistrySpec, RegistryStatus>), TypeInfoPropertyName = "Registry")]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class RegistryJson : JsonSerializerContext;
