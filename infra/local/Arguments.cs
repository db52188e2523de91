namespace IoFog.Operator.Local;

/// <summary>What was asked for.</summary>
internal sealed record Arguments
{
    public required bool ExitWhenReady { get; init; }

    /// <summary>How long <see cref="ExitWhenReady"/> waits.</summary>
    public required TimeSpan Timeout { get; init; }

    public required bool Verbose { get; init; }

    /// <summary><c>controller</c> or <c>cluster</c>: the one emulator that runs; null for the whole stack.</summary>
    public required string? Only { get; init; }

    /// <summary>Of that one emulator; 0 to let the system choose.</summary>
    public required int Port { get; init; }

    /// <summary>True where somebody else plays the devices of that Controller, or the nodes of that cluster.</summary>
    public required bool Bare { get; init; }

    public required StackOptions Stack { get; init; }
}
