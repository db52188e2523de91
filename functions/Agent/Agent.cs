using System.Text.Json.Serialization;

namespace IoFog.Operator.Agents;

/// <summary>What an agent is to be; defaults and bounds stand in the CRD. What is absent stays as the Controller has it.</summary>
public sealed record AgentSpec
{
    public string? Name { get; init; }

    public string? Host { get; init; }

    public string? Description { get; init; }

    public string? Location { get; init; }

    /// <summary>Degrees.</summary>
    public double? Latitude { get; init; }

    /// <summary>Degrees.</summary>
    public double? Longitude { get; init; }

    /// <summary><c>auto</c>, <c>x86</c> or <c>arm</c>.</summary>
    public string? AgentType { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public AgentConfig? Config { get; init; }

    public AgentRouter? RouterConfig { get; init; }

    /// <summary>Names of agents, or <c>default-router</c>.</summary>
    public IReadOnlyList<string>? UpstreamRouters { get; init; }

    /// <summary>Name of an agent; only with routerMode none.</summary>
    public string? NetworkRouter { get; init; }
}

/// <summary>The configuration of an agent, in the Controller's own names.</summary>
public sealed record AgentConfig
{
    public string? DockerUrl { get; init; }

    public int? DiskLimit { get; init; }

    public string? DiskDirectory { get; init; }

    public int? MemoryLimit { get; init; }

    public int? CpuLimit { get; init; }

    public int? LogLimit { get; init; }

    public string? LogDirectory { get; init; }

    public int? LogFileCount { get; init; }

    public string? LogLevel { get; init; }

    public int? StatusFrequency { get; init; }

    public int? ChangeFrequency { get; init; }

    public int? DeviceScanFrequency { get; init; }

    public bool? BluetoothEnabled { get; init; }

    public bool? WatchdogEnabled { get; init; }

    public bool? AbstractedHardwareEnabled { get; init; }

    public int? DockerPruningFrequency { get; init; }

    public int? AvailableDiskThreshold { get; init; }

    public string? TimeZone { get; init; }
}

/// <summary>The router of an agent.</summary>
public sealed record AgentRouter
{
    /// <summary><c>none</c>, <c>edge</c> or <c>interior</c>.</summary>
    public string? RouterMode { get; init; }

    public int? MessagingPort { get; init; }

    public int? InterRouterPort { get; init; }

    public int? EdgeRouterPort { get; init; }
}

/// <summary>What is known of an agent.</summary>
public sealed record AgentStatus : Status
{
    public string? Uuid { get; init; }

    public string? State { get; init; }

    public string? Version { get; init; }

    public string? Address { get; init; }

    /// <summary>The tags that this object gave; others, of edge resources, are left alone.</summary>
    public IReadOnlyList<string>? Tags { get; init; }
}

[JsonSerializable(typeof(Resource<AgentSpec, AgentStatus>), TypeInfoPropertyName = "Agent")]
[JsonSerializable(typeof(AgentConfig))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class AgentJson : JsonSerializerContext;
