namespace IoFog.Operator;

/// <summary>Why an object is due.</summary>
public enum DueReason
{
    /// <summary>It is not.</summary>
    None = 0,
    Spec,
    Deletion,
    Requested,
    Seen,
    Retry,

    /// <summary>The holder of a claim did not come back. Only the watcher says so; never an answer of <see cref="Due"/>.</summary>
    Takeover,
}

/// <summary>
/// The one rule of when an object needs work. The watcher asks it to decide whether to send a change,
/// and the app asks it again, with what the message says, to decide whether to act on it.
/// </summary>
public static class Due
{
    /// <param name="watched">The object as it is now.</param>
    /// <param name="seen">What the watcher sees outside of it.</param>
    /// <param name="now">The watcher's time: its clock is the only one that decides.</param>
    public static DueReason Evaluate(Watched watched, in Seen seen, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(watched);
        if (watched.Deleting ? !watched.HasFinalizer : watched.Paused && watched.StatusPaused)
            return DueReason.None;
        if (watched.Deleting && watched.NextReconcileTime is null)
            return DueReason.Deletion;
        if (watched.Generation != watched.ObservedGeneration)
            return watched.Deleting ? DueReason.Deletion : DueReason.Spec;
        if (watched.RequestPending || watched.Paused != watched.StatusPaused)
            return DueReason.Requested;
        if (seen.DiffersFrom(watched.Seen))
            return DueReason.Seen;
        return watched.NextReconcileTime <= now ? DueReason.Retry : DueReason.None;
    }

    /// <summary>True for work that nobody waits for in front of a screen; such work never delays other work.</summary>
    public static bool IsBackground(this DueReason reason) => reason is DueReason.Seen or DueReason.Retry;
}
