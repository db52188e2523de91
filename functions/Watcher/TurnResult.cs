namespace IoFog.Operator.Watcher;

/// <summary>How a turn ended, in controller-runtime's words, as far as the status tells.</summary>
/// <param name="Name"><c>success</c>, <c>error</c>, <c>requeue</c> or <c>requeue_after</c>.</param>
/// <param name="IsTerminal">True when only another spec can help.</param>
internal readonly record struct TurnResult(string Name, bool IsTerminal)
{
    public const string Error = "error";

    public static TurnResult Success { get; } = new("success", false);

    /// <param name="after">The object after a turn, without a claim.</param>
    /// <param name="now">The watcher's time.</param>
    public static TurnResult Of(Watched after, DateTimeOffset now) => after switch
    {
        { StatusPaused: true } => Success,
        { NextReconcileTime: null, Synced: true } or { NextReconcileTime: null, Deleting: true } => Success,
        { NextReconcileTime: null } => new(Error, true),
        { NextReconcileTime: { } next } when next <= now => new("requeue", false),
        { Synced: true } or { WaitingFor: not null } => new("requeue_after", false),
        _ => new(Error, false),
    };
}
