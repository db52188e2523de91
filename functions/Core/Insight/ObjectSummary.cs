using System.Text.Json.Serialization;

namespace IoFog.Operator.Insight;

/// <summary>One object as a row.</summary>
public sealed record ObjectSummary
{
    /// <summary><c>Agent/zebra-1</c>.</summary>
    public required string Id { get; init; }

    public required string Kind { get; init; }

    public required string Name { get; init; }

    public required ObjectState State { get; init; }

    /// <summary>Of the condition Ready.</summary>
    public string? Reason { get; init; }

    /// <inheritdoc cref="Reason"/>
    public string? Message { get; init; }

    /// <summary>When Ready last changed.</summary>
    [JsonConverter(typeof(UtcTimeConverter))]
    public DateTimeOffset? Since { get; init; }

    public string? WaitingFor { get; init; }

    public int? Attempts { get; init; }

    [JsonConverter(typeof(UtcTimeConverter))]
    public DateTimeOffset? NextReconcileTime { get; init; }

    [JsonConverter(typeof(UtcTimeConverter))]
    public DateTimeOffset? Created { get; init; }

    public long Generation { get; init; }

    public long ObservedGeneration { get; init; }
}
