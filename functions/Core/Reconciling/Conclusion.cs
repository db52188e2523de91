using IoFog.Operator.Changes;

namespace IoFog.Operator.Reconciling;

/// <summary>Turns an outcome into the common part of a status. Nothing that it returns is due, except to continue.</summary>
internal static class Conclusion
{
    /// <param name="status">The status as the kind left it.</param>
    /// <param name="outcome">How the turn ended.</param>
    /// <param name="change">The message; its time is the clock that decided.</param>
    /// <param name="read">The object as it was read: what is stored is what was looked at.</param>
    /// <param name="acted">Whether something outside may have been written.</param>
    /// <param name="open">The commands that were asked for and not begun.</param>
    /// <param name="now">This instance's time.</param>
    public static Status Of(
        Status status, Outcome outcome, Change change, Watched read, Metadata metadata, bool acted, IReadOnlyList<string> open,
        DateTimeOffset now)
    {
        // Two clocks: never earlier than either says, or the watcher would find it due at once.
        var from = now > change.Time ? now : change.Time;
        var later = outcome as Outcome.LaterOutcome;
        var waitingFor = later?.WaitingFor ?? (outcome as Outcome.RefusedOutcome)?.WaitingFor;
        var attempts = later is null ? 0 : read.Generation == read.ObservedGeneration ? (status.Attempts ?? 0) + 1 : 1;
        DateTimeOffset? next = outcome switch
        {
            Outcome.ContinueOutcome => change.Time,
            Outcome.LaterOutcome { Delay: { } delay } => from + delay,
            Outcome.LaterOutcome { WaitingFor: not null } => from + BackOff.WhileWaiting(attempts),
            Outcome.LaterOutcome => from + BackOff.After(attempts),
            Outcome.SettledOutcome { CheckAgain: { } checkAgain } => from + checkAgain,
            _ => null,
        };
        return status with
        {
            ObservedGeneration = read.Generation,
            Seen = SeenAfter(status, change.Seen, acted && outcome is Outcome.SettledOutcome or Outcome.ContinueOutcome, waitingFor),
            Claim = null,
            Requests = RequestsOf(metadata) is { Count: > 0 } requests ? requests : null,
            Deferred = open.Count > 0 && Defers(outcome) ? open : null,
            Paused = read.Paused ? true : null,
            NextReconcileTime = next,
            Attempts = attempts == 0 ? null : attempts,
            WaitingFor = waitingFor,
            Conditions = status.Arrange(Conditions.Of(outcome, status, read.Generation, now)),
        };
    }

    /// <summary>Whether commands wait for another turn. Otherwise this outcome is the answer to them as well.</summary>
    public static bool Defers(Outcome outcome) => outcome is Outcome.LaterOutcome or Outcome.ContinueOutcome;

    /// <summary>The values of the request annotations as they were read, by name.</summary>
    public static IReadOnlyDictionary<string, string> RequestsOf(Metadata metadata) =>
        (metadata.Annotations ?? new Dictionary<string, string>())
            .Where(annotation => annotation.Key.StartsWith(Names.RequestPrefix, StringComparison.Ordinal))
            .ToDictionary(annotation => annotation.Key[Names.RequestPrefix.Length..], annotation => annotation.Value);

    // The dependency that was seen belongs to what was waited for. A new wait starts unseen: if the dependency has come
    // meanwhile, the difference makes the object due.
    private static Seen? SeenAfter(Status before, Seen seen, bool acted, string? waitingFor)
    {
        var after = seen.Over(before.Seen ?? default);

        // What was seen before a write is not what is there after it. Kept, it would hide that somebody undid the write. After a failure
        // it is kept all the same: the next look would else find a difference, and each try of a write be followed by another at once.
        if (acted)
            after = after with { Controller = 0, Owned = 0 };
        if (waitingFor is null || waitingFor != before.WaitingFor)
            after = after with { Dependency = 0 };
        return after.IsEmpty ? null : after;
    }
}
