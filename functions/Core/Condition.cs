using System.Text.Json.Serialization;

namespace IoFog.Operator;

/// <summary>A <c>metav1.Condition</c>.</summary>
public sealed record Condition
{
    public required string Type { get; init; }

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public required string Status { get; init; }

    /// <summary>One CamelCase word.</summary>
    public required string Reason { get; init; }

    /// <summary>For people; never a secret.</summary>
    public required string Message { get; init; }

    public long? ObservedGeneration { get; init; }

    /// <summary>When <see cref="Status"/> last changed.</summary>
    [JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset LastTransitionTime { get; init; }
}
