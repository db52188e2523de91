using System.Text.Json.Serialization;

namespace IoFog.Operator.Watcher;

internal sealed record PartialObject(PartialMetadata? Metadata);

internal sealed record PartialMetadata(
    string? Uid, string? ResourceVersion, DateTimeOffset? DeletionTimestamp, IReadOnlyList<OwnerReference>? OwnerReferences);

internal sealed record OwnerReference(string ApiVersion, string Uid);

/// <summary>A <c>coordination.k8s.io/v1</c> Lease.</summary>
internal sealed record Lease(string ApiVersion, string Kind, LeaseMetadata Metadata, LeaseSpec? Spec);

internal sealed record LeaseMetadata(string Name, string? Namespace, string? ResourceVersion);

internal sealed record LeaseSpec
{
    public string? HolderIdentity { get; init; }

    public int? LeaseDurationSeconds { get; init; }

    public string? AcquireTime { get; init; }

    public string? RenewTime { get; init; }

    public int? LeaseTransitions { get; init; }
}

[JsonSerializable(typeof(PartialObject))]
[JsonSerializable(typeof(Lease))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class WatcherJson : JsonSerializerContext;
