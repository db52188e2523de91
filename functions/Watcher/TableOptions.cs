namespace IoFog.Operator.Watcher;

/// <summary>The intervals of the protocol.</summary>
internal sealed class TableOptions
{
    /// <summary>Retries and re-checks that may be in one queue, so that a person's edit never waits behind a storm.</summary>
    public int BackgroundLane { get; init; } = 256;

    /// <summary>A message that changed nothing for so long may be lost.</summary>
    public TimeSpan ResendAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The interval doubles after so many resends of one turn.</summary>
    public int ResendsBeforeDoubling { get; init; } = 5;

    public TimeSpan LongestResend { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>When to check what an earlier watcher may have sent.</summary>
    public TimeSpan CheckAfterList { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>So many edits from one turn to the next are a storm.</summary>
    public int EditsOfAStorm { get; init; } = 3;

    /// <summary>How long the turn after a storm of edits waits for its end, from the end of the turn before.</summary>
    public TimeSpan CalmAfterTurn { get; init; } = TimeSpan.FromMilliseconds(350);

    /// <summary>Spreads resends; 0.9 to 1.1.</summary>
#pragma warning disable CA5394 // spread, not security
    public Func<double> Jitter { get; init; } = static () => 0.9 + (0.2 * Random.Shared.NextDouble());
#pragma warning restore CA5394
}
