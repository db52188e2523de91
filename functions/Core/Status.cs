using System.Text.Json.Serialization;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator;

/// <summary>The part of a status that is the same for all kinds. The schedule of an object lives here and nowhere else.</summary>
public record Status
{
    /// <summary>The generation that was last looked at, also where the outcome was to wait or to refuse.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Grows by one with every patch of a handler.</summary>
    public long? Turn { get; init; }

    /// <summary>What the watcher had seen outside of the object when it was last looked at.</summary>
    public Seen? Seen { get; init; }

    /// <summary>Who works on the object now; absent at rest.</summary>
    public Claim? Claim { get; init; }

    /// <summary>The values of the <c>request.iofog.org/…</c> annotations that were last honoured, by the name after the slash.</summary>
    public IReadOnlyDictionary<string, string>? Requests { get; init; }

    /// <summary>
    /// Commands among <see cref="Requests"/> that could not be carried out yet. They are as soon as nothing stands in their way, unless their
    /// annotation goes before.
    /// </summary>
    public IReadOnlyList<string>? Deferred { get; init; }

    /// <summary>True while paused; absent otherwise.</summary>
    public bool? Paused { get; init; }

    /// <summary>When to look again; absent when settled and nothing expires.</summary>
    [JsonConverter(typeof(UtcTimeConverter))]
    public DateTimeOffset? NextReconcileTime { get; init; }

    /// <summary>Tries in a row without success; absent when settled.</summary>
    public int? Attempts { get; init; }

    /// <summary>What is missing, as <c>Agent/zebra-1</c>, or <c>Controller</c>; absent when nothing is.</summary>
    public string? WaitingFor { get; init; }

    public IReadOnlyList<Condition>? Conditions { get; init; }

    /// <summary>Adds what a kind shows beside the common conditions.</summary>
    public virtual IReadOnlyList<Condition> Arrange(IReadOnlyList<Condition> conditions) => conditions;
}
