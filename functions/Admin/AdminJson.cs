using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using IoFog.Operator.Insight;

namespace IoFog.Operator.Admin;

/// <summary>A whole network in numbers.</summary>
internal sealed record Overview
{
    public required string Namespace { get; init; }

    public required string User { get; init; }

    /// <summary>By the kind's name.</summary>
    public required IReadOnlyDictionary<string, KindOverview> Kinds { get; init; }

    /// <summary>Absent where there is no control plane, or it may not be seen.</summary>
    public ControllerOverview? Controller { get; init; }

    /// <summary>Absent where it is unknown.</summary>
    public WatcherOverview? Watcher { get; init; }

    /// <summary>The operator's Deployments; absent where they may not be read.</summary>
    public IReadOnlyList<AppOverview>? Apps { get; init; }
}

/// <summary>One kind in numbers.</summary>
internal sealed record KindOverview
{
    /// <summary>What the path names it.</summary>
    public required string Plural { get; init; }

    /// <summary>True when the caller may not list this kind; then nothing else is told.</summary>
    public bool? Forbidden { get; init; }

    /// <summary>Whether the caller may act.</summary>
    public bool? MayUpdate { get; init; }

    /// <summary>By state.</summary>
    public IReadOnlyDictionary<string, int>? Objects { get; init; }

    public QueueOverview? Queue { get; init; }
}

/// <summary>A queue in numbers.</summary>
/// <param name="Depth">Messages, those in work included.</param>
/// <param name="Oldest">When the oldest visible one was put.</param>
/// <param name="Poison">Messages in the poison queue.</param>
internal sealed record QueueOverview(int Depth, [property: JsonConverter(typeof(UtcTimeConverter))] DateTimeOffset? Oldest, int Poison);

internal sealed record ControllerOverview(string Name, ObjectState State, string? Endpoint, string? Version, string? Reason, string? Message);

/// <param name="Holder">Who leads.</param>
/// <param name="Alive">It has renewed its lease lately.</param>
internal sealed record WatcherOverview(string Holder, bool Alive);

internal sealed record AppOverview(string Name, int Wanted, int Ready);

/// <summary>Everything about one object.</summary>
internal sealed record ObjectView
{
    public required ObjectSummary Summary { get; init; }

    public required bool MayUpdate { get; init; }

    /// <summary>Newest first.</summary>
    public required IReadOnlyList<EventView> Events { get; init; }

    /// <summary>Who last wrote to it, newest first.</summary>
    public required IReadOnlyList<ChangeView> Changes { get; init; }

    /// <summary>Without what could be secret.</summary>
    public required JsonObject Object { get; init; }
}

internal sealed record EventView(string Type, string Reason, string Note, int Count, string? Time, string? Source);

internal sealed record ChangeView(string Manager, string Operation, string? Part, string? Time);

/// <summary>What is desired beside what the Controller holds.</summary>
/// <param name="Held">False when the Controller holds no such entry, null when that is unknown.</param>
/// <param name="Why">Why it is unknown.</param>
internal sealed record ComparisonView(bool? Held, string? Why, IReadOnlyList<FieldComparison> Fields);

internal sealed record ObjectList(IReadOnlyList<ObjectSummary> Items);

internal sealed record PoisonList(IReadOnlyList<PoisonMessage> Messages);

[JsonSerializable(typeof(Overview))]
[JsonSerializable(typeof(ObjectView))]
[JsonSerializable(typeof(ComparisonView))]
[JsonSerializable(typeof(ObjectList))]
[JsonSerializable(typeof(PoisonList))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(ObjectStateConverter)])]
internal sealed partial class AdminJson : JsonSerializerContext;
