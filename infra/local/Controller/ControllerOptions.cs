namespace IoFog.Operator.Local.Controller;

/// <summary>How an emulated Controller is to be.</summary>
public sealed class ControllerOptions
{
    /// <summary>The port on loopback; 0 to let the system choose.</summary>
    public int Port { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>False where tests play the agents themselves.</summary>
    public bool SimulateAgents { get; init; } = true;

    /// <summary>How long after its creation somebody provisions a simulated agent.</summary>
    public TimeSpan ProvisionAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Between two looks of a simulated agent at what it is to run.</summary>
    public TimeSpan AgentTick { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Between two looks for devices that are silent.</summary>
    public TimeSpan StatusJobInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a user's token lives; each request adds as much.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(1);
}
