using System.Text.Json;
using System.Text.Json.Serialization;

namespace IoFog.Operator.Controller;

internal sealed record AgentList(IReadOnlyList<AgentEntry> Fogs);

/// <summary>An agent as the Controller shows it. Configuration fields stay JSON: they are compared, not used.</summary>
public sealed record AgentEntry
{
    public required string Uuid { get; init; }

    public required string Name { get; init; }

    public int FogTypeId { get; init; }

    /// <summary><c>RUNNING</c>, <c>UNKNOWN</c>, or what the agent posted.</summary>
    public string? DaemonStatus { get; init; }

    public string? Version { get; init; }

    public string? IpAddress { get; init; }

    public string? IpAddressExternal { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The last call of its device by the Controller's clock, in milliseconds since 1970; 0 when there was none yet.</summary>
    public long LastActive { get; init; }

    public bool IsReadyToUpgrade { get; init; }

    public bool IsReadyToRollback { get; init; }

    public string? RouterMode { get; init; }

    public string? NetworkRouter { get; init; }

    public IReadOnlyList<string>? UpstreamRouters { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public IReadOnlyList<AgentEdgeResource>? EdgeResources { get; init; }

    /// <summary>Every other field, by its name in the API. Settable because extension data cannot go through a constructor.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Fields { get; set; }
}

/// <summary>What makes a device an agent.</summary>
/// <param name="Key">Works once; a secret.</param>
/// <param name="ExpirationTime">In milliseconds since 1970, by the Controller's clock.</param>
public sealed record ProvisioningKey(string Key, long ExpirationTime);

/// <summary>An edge resource that is linked to an agent.</summary>
public sealed record AgentEdgeResource(string Name, string Version);
