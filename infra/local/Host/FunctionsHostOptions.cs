namespace IoFog.Operator.Local.Host;

/// <summary>What a host is to run.</summary>
public sealed class FunctionsHostOptions
{
    /// <summary>The published app, or its build output.</summary>
    public required string AppFolder { get; init; }

    /// <summary>The app's settings; they become the handler's environment.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>For HTTP triggers, on loopback; 0 to let the system choose.</summary>
    public int HttpPort { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Receives what the host and the handler print.</summary>
    public Action<string> Log { get; init; } = static _ => { };
}
