using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace IoFog.Operator.Microservices;

/// <summary>What a microservice is to be: declared by an Application, or an object of its own.</summary>
public sealed record MicroserviceSpec
{
    /// <summary>In the Controller; of an object of its own, <c>metadata.name</c> when absent.</summary>
    public string? Name { get; init; }

    /// <summary>The application that it is part of; absent where an Application declares it.</summary>
    public string? Application { get; init; }

    public AgentReference? Agent { get; init; }

    public MicroserviceImages? Images { get; init; }

    public MicroserviceContainer? Container { get; init; }

    /// <summary>Handed to the microservice at run time.</summary>
    public JsonObject? Config { get; init; }

    /// <summary>MiB; <see cref="MicroserviceContainer.LogSize"/> when absent.</summary>
    public int? LogSize { get; init; }
}

/// <summary>Where a microservice runs.</summary>
public sealed record AgentReference(string Name);

/// <summary>What runs.</summary>
public sealed record MicroserviceImages
{
    public int? CatalogId { get; init; }

    /// <summary>The name of a catalog item, in place of its id.</summary>
    public string? CatalogItem { get; init; }

    public string? X86 { get; init; }

    public string? Arm { get; init; }

    /// <summary><c>remote</c>, <c>local</c>, the URL of a registry or its id.</summary>
    [JsonConverter(typeof(TextConverter))]
    public string? Registry { get; init; }
}

/// <summary>How a container runs.</summary>
public sealed record MicroserviceContainer
{
    public bool? RootHostAccess { get; init; }

    /// <summary>MiB; where the Controller's YAML has it.</summary>
    public int? LogSize { get; init; }

    public IReadOnlyList<string>? Commands { get; init; }

    public IReadOnlyList<MicroserviceVolume>? Volumes { get; init; }

    public IReadOnlyList<MicroserviceVariable>? Env { get; init; }

    public IReadOnlyList<MicroserviceHost>? ExtraHosts { get; init; }

    public IReadOnlyList<MicroservicePort>? Ports { get; init; }
}

/// <summary>A volume.</summary>
public sealed record MicroserviceVolume(string HostDestination, string ContainerDestination, string AccessMode, string? Type);

/// <summary>An environment variable.</summary>
public sealed record MicroserviceVariable(string Key, [property: JsonConverter(typeof(TextConverter))] string Value);

/// <summary>An entry of the hosts file.</summary>
public sealed record MicroserviceHost(string Name, string Address);

/// <summary>A port.</summary>
public sealed record MicroservicePort
{
    public required int Internal { get; init; }

    public required int External { get; init; }

    public string? Protocol { get; init; }

    public MicroservicePublicPort? Public { get; init; }

    /// <summary>Has the proxy broker that the Controller knows publish it.</summary>
    public bool? Proxy { get; init; }
}

/// <summary>How a port is published.</summary>
public sealed record MicroservicePublicPort
{
    public bool? Enabled { get; init; }

    public IReadOnlyList<string>? Schemes { get; init; }

    public string? Protocol { get; init; }

    public MicroservicePublicRouter? Router { get; init; }
}

/// <summary>Where a port is published.</summary>
public sealed record MicroservicePublicRouter(string? Host, int? Port);
