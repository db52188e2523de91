using System.Text.Json;

namespace IoFog.Operator.Controller;

/// <summary>An edge resource as the Controller shows it.</summary>
public sealed record EdgeResourceEntry
{
    public long Id { get; init; }

    public required string Name { get; init; }

    public required string Version { get; init; }

    public string? Description { get; init; }

    public string? InterfaceProtocol { get; init; }

    public EdgeResourceInterface? Interface { get; init; }

    public EdgeResourceDisplay? Display { get; init; }

    public IReadOnlyList<string>? OrchestrationTags { get; init; }

    public JsonElement? Custom { get; init; }
}

/// <summary>How a microservice speaks to an edge resource.</summary>
public sealed record EdgeResourceInterface(IReadOnlyList<EdgeResourceEndpoint>? Endpoints);

/// <summary>One endpoint of an edge resource.</summary>
public sealed record EdgeResourceEndpoint(string Name, string Method, string Url);

/// <summary>How the viewer shows an edge resource.</summary>
public sealed record EdgeResourceDisplay(string? Name, string? Icon, string? Color);

/// <summary>A router: where agents' routers connect.</summary>
public sealed record RouterEntry(string Host, int MessagingPort, int InterRouterPort, int EdgeRouterPort);
