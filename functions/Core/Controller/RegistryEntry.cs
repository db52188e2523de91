namespace IoFog.Operator.Controller;

internal sealed record RegistryList(IReadOnlyList<RegistryEntry> Registries);

/// <summary>A registry as the Controller shows it: never with its password.</summary>
public sealed record RegistryEntry
{
    public long Id { get; init; }

    public string? Url { get; init; }

    public bool IsPublic { get; init; }

    public string? Username { get; init; }

    /// <summary>Called <c>email</c> where it is written.</summary>
    public string? UserEmail { get; init; }

    public bool? RequiresCert { get; init; }

    public string? Certificate { get; init; }

    /// <summary>Null for the two that are there from the start.</summary>
    public long? UserId { get; init; }
}
