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

    public string? RouterMode { get; init; }

    public string? NetworkRouter { get; init; }

    public IReadOnlyList<string>? UpstreamRouters { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public IReadOnlyList<AgentEdgeResource>? EdgeResources { get; init; }

    /// <summary>Every other field, by its name in the API. Settable because extension data cannot go through a constructor.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Fields { get; set; }
}

/// <summary>An edge resource that is linked to an agent.</summary>
public sealed record AgentEdgeResource(string Name, string Version);
