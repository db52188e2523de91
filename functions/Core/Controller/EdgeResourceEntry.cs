using System.Text.Json;

namespace IoFog.Operator.Controller;

internal sealed record EdgeResourceList(IReadOnlyList<EdgeResourceEntry> EdgeResources);

/// <summary>An edge resource as the Controller shows it.</summary>
public sealed record EdgeResourceEntry
{
    public long Id { get; init; }

    public required string Name { get; init; }

    public required string Version { get; init; }

    public string? Description { get; init; }

    public string? InterfaceProtocol { get; init; }

    /// <summary>Absent where it got lost, because somebody changed the protocol.</summary>
    public EdgeResourceInterface? Interface { get; init; }

    public EdgeResourceDisplay? Display { get; init; }

    public IReadOnlyList<string>? OrchestrationTags { get; init; }

    public JsonElement? Custom { get; init; }
}

/// <summary>How a microservice speaks to an edge resource.</summary>
public sealed record EdgeResourceInterface(IReadOnlyList<EdgeResourceEndpoint>? Endpoints);

/// <summary>One endpoint of an edge resource.</summary>
/// <param name="Name">By the Controller's rule of names.</param>
/// <param name="Method">GET, POST, …</param>
/// <param name="Url">A path.</param>
public sealed record EdgeResourceEndpoint(
    string? Name,
    string? Method,
    string? Url,
    string? Description = null,
    string? RequestType = null,
    string? ResponseType = null,
    string? RequestPayloadExample = null,
    string? ResponsePayloadExample = null);

/// <summary>How the viewer shows an edge resource.</summary>
public sealed record EdgeResourceDisplay(string? Name, string? Icon, string? Color);

/// <summary>A router: where agents' routers connect.</summary>
public sealed record RouterEntry(string Host, int MessagingPort, int InterRouterPort, int EdgeRouterPort);
