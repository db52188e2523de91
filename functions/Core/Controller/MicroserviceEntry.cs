namespace IoFog.Operator.Controller;

internal sealed record MicroserviceList(IReadOnlyList<MicroserviceEntry> Microservices);

/// <summary>A microservice as the Controller shows it.</summary>
public sealed record MicroserviceEntry
{
    public required string Uuid { get; init; }

    /// <summary>The name of its application; null where it is shown inside of that.</summary>
    public string? Application { get; init; }

    public required string Name { get; init; }

    /// <summary>JSON text; read back, its escaped quotes may be broken.</summary>
    public string? Config { get; init; }

    public bool RootHostAccess { get; init; }

    public int? LogSize { get; init; }

    public string? IofogUuid { get; init; }

    public int? RegistryId { get; init; }

    public int? CatalogItemId { get; init; }

    public IReadOnlyList<ImageEntry>? Images { get; init; }

    public IReadOnlyList<PortEntry>? Ports { get; init; }

    public IReadOnlyList<VolumeEntry>? VolumeMappings { get; init; }

    public IReadOnlyList<EnvEntry>? Env { get; init; }

    public IReadOnlyList<string>? Cmd { get; init; }

    public IReadOnlyList<ExtraHostEntry>? ExtraHosts { get; init; }

    /// <summary>Its agent is to make the container anew; shown inside of an application only.</summary>
    public bool Rebuild { get; init; }

    /// <summary>Absent where a create was broken off.</summary>
    public MicroserviceState? Status { get; init; }
}

/// <summary>An image for agents of one type: 1 x86, 2 arm.</summary>
public sealed record ImageEntry(string? ContainerImage, int FogTypeId);

/// <summary>A port of a container.</summary>
public sealed record PortEntry
{
    public required int Internal { get; init; }

    public required int External { get; init; }

    public string? Protocol { get; init; }

    public PublicPortEntry? Public { get; init; }

    public ProxyPortEntry? Proxy { get; init; }
}

/// <summary>Where the proxy broker publishes a port; empty where it did not answer.</summary>
public sealed record ProxyPortEntry(string? Host, int? Port, string? Protocol);

/// <summary>How a port is published.</summary>
public sealed record PublicPortEntry
{
    public bool? Enabled { get; init; }

    public IReadOnlyList<string>? Schemes { get; init; }

    public string? Protocol { get; init; }

    public IReadOnlyList<string>? Links { get; init; }

    public PublicRouterEntry? Router { get; init; }
}

/// <summary>Where a public port is published.</summary>
public sealed record PublicRouterEntry(string? Host, int? Port);

/// <summary>A volume of a container.</summary>
public sealed record VolumeEntry(string HostDestination, string ContainerDestination, string AccessMode, string? Type);

/// <summary>An environment variable.</summary>
public sealed record EnvEntry(string Key, string Value);

/// <summary>An entry for the container's hosts file; <c>Address</c> as it was written, which can be a template.</summary>
public sealed record ExtraHostEntry(string Name, string Address);

/// <summary>What the agent reports of a microservice.</summary>
public sealed record MicroserviceState
{
    /// <summary><c>QUEUED</c>, <c>RUNNING</c>, …</summary>
    public string? Status { get; init; }

    public string? ContainerId { get; init; }

    public string? ErrorMessage { get; init; }
}
