using System.Text.Json;
using System.Text.Json.Serialization;

namespace IoFog.Operator.Agents;

/// <summary>
/// What an agent is to be; defaults and bounds stand in the CRD. What is absent stays as the Controller has it, unless this object gave it:
/// then it goes back to its default.
/// </summary>
public sealed record AgentSpec
{
    public string? Name { get; init; }

    /// <summary>Where other routers reach this one, unless <see cref="AgentConfig.Host"/> says it.</summary>
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

    /// <summary>Where the device reaches the Controller; the Controller's own address when absent.</summary>
    public string? ControllerEndpoint { get; init; }

    /// <summary>Only for iofogctl.</summary>
    public JsonElement? Ssh { get; init; }

    /// <inheritdoc cref="Ssh"/>
    public JsonElement? Package { get; init; }

    /// <inheritdoc cref="Ssh"/>
    public JsonElement? Scripts { get; init; }

    /// <inheritdoc cref="Ssh"/>
    public string? Uuid { get; init; }

    /// <inheritdoc cref="Ssh"/>
    public string? Created { get; init; }

    /// <summary>The same with everything in one place: iofogctl's YAML has under config what else stands beside it.</summary>
    public AgentSpec Flat() => Config is not { } config ? this : this with
    {
        Host = config.Host ?? Host,
        Description = Description ?? config.Description,
        Location = Location ?? config.Location,
        Latitude = Latitude ?? config.Latitude,
        Longitude = Longitude ?? config.Longitude,
        AgentType = AgentType is null or "auto" ? config.AgentType ?? AgentType : AgentType,
        RouterConfig = RouterConfig ?? config.RouterConfig,
        UpstreamRouters = UpstreamRouters ?? config.UpstreamRouters,
        NetworkRouter = NetworkRouter ?? config.NetworkRouter,
        Config = config with
        {
            Host = null,
            Description = null,
            Location = null,
            Latitude = null,
            Longitude = null,
            AgentType = null,
            RouterConfig = null,
            UpstreamRouters = null,
            NetworkRouter = null,
        },
    };
}

/// <summary>The configuration of an agent, in the Controller's own names.</summary>
public sealed record AgentConfig
{
    /// <summary>As <see cref="AgentSpec.Name"/>; nothing else is taken.</summary>
    public string? Name { get; init; }

    public string? Host { get; init; }

    public string? Description { get; init; }

    public string? Location { get; init; }

    public double? Latitude { get; init; }

    public double? Longitude { get; init; }

    public string? AgentType { get; init; }

    public AgentRouter? RouterConfig { get; init; }

    public IReadOnlyList<string>? UpstreamRouters { get; init; }

    public string? NetworkRouter { get; init; }

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

    /// <summary>The address that the device says it has outside; absent when it is <see cref="Address"/>.</summary>
    public string? ExternalAddress { get; init; }

    public string? RouterMode { get; init; }

    /// <summary>Since when a device that ran is silent; absent while it runs.</summary>
    [JsonConverter(typeof(UtcTimeConverter))]
    public DateTimeOffset? SilentSince { get; init; }

    /// <summary>The tags that this object gave; others, of edge resources, are left alone.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>The fields, by the Controller's names, that this object gave: what of it goes from the spec goes back to its default.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>Absent when no device is waited for.</summary>
    public AgentProvisioning? Provisioning { get; init; }
}

/// <summary>Where a device finds what makes it this agent.</summary>
public sealed record AgentProvisioning
{
    /// <summary>The name of the Secret.</summary>
    public required string Secret { get; init; }

    /// <summary>Until when the key in it works.</summary>
    [JsonConverter(typeof(UtcTimeConverter))]
    public required DateTimeOffset Expires { get; init; }

    /// <summary>True when somebody asked for it though a device had been provisioned: then it is not renewed.</summary>
    public bool? Requested { get; init; }
}

[JsonSerializable(typeof(Resource<AgentSpec, AgentStatus>), TypeInfoPropertyName = "Agent")]
[JsonSerializable(typeof(AgentSpec))]
[JsonSerializable(typeof(AgentConfig))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class AgentJson : JsonSerializerContext;
