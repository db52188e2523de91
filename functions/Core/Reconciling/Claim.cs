namespace IoFog.Operator.Reconciling;

/// <summary>Who works on an object, since which turn. Taken by compare-and-set before the first outside write, cleared by the last patch.</summary>
public sealed record Claim
{
    /// <summary>After the claim began, no outside write starts later than this; what is left is another turn's.</summary>
    public static readonly TimeSpan Budget = TimeSpan.FromSeconds(8);

    /// <summary>No single outside write takes longer.</summary>
    public static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Seen unchanged for this long, a claim's holder is gone: longer than budget and write together, so it never needs renewal.</summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(20);

    /// <summary>This process, as it signs its claims and its requests to the Controller.</summary>
    public static string Instance { get; } = $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>The instance that holds it; for people.</summary>
    public required string Holder { get; init; }

    public required long Turn { get; init; }
}
