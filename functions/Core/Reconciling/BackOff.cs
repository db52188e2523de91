namespace IoFog.Operator.Reconciling;

/// <summary>How long an object waits before its next try.</summary>
public static class BackOff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>The first retry of an object that waits for something the watcher reports: only a safety net, for that report is what wakes it.</summary>
    private static readonly TimeSpan SafetyNet = TimeSpan.FromMinutes(1);

    /// <summary>One second, doubled with each attempt, at most five minutes, spread by a fifth either way.</summary>
    /// <param name="attempts">Tries so far without success, at least 1.</param>
    public static TimeSpan After(int attempts) => Spread(Doubled(First, attempts));

    /// <inheritdoc cref="After"/>
    /// <summary>One minute, doubled with each attempt, at most five minutes, spread by a fifth either way.</summary>
    public static TimeSpan WhileWaiting(int attempts) => Spread(Doubled(SafetyNet, attempts));

    private static TimeSpan Doubled(TimeSpan first, int attempts)
    {
        var doubled = first * Math.Pow(2, Math.Clamp(attempts - 1, 0, 20));
        return doubled < Longest ? doubled : Longest;
    }

    // Spread, not security: retries of many objects must not fall on one moment.
#pragma warning disable CA5394
    private static TimeSpan Spread(TimeSpan delay) => delay * (0.8 + (0.4 * Random.Shared.NextDouble()));
#pragma warning restore CA5394
}
