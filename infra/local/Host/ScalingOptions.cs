namespace IoFog.Operator.Local.Host;

/// <summary>What a ScaledObject and the HPA behind it would say of an app.</summary>
public sealed record ScalingOptions
{
    /// <summary>The namespace of the ScaledObject.</summary>
    public string Namespace { get; init; } = "default";

    public int MaxReplicas { get; init; } = 3;

    /// <summary>How often KEDA asks, beside being told.</summary>
    public TimeSpan PollingInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an app stays without work before it is stopped.</summary>
    public TimeSpan Cooldown { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long the HPA remembers that more replicas were wanted.</summary>
    public TimeSpan Stabilization { get; init; } = TimeSpan.FromSeconds(30);

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
