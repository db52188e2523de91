using System.Text.Json;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Controller;

/// <summary>An application as the Controller shows it.</summary>
public sealed record ApplicationEntry
{
    public long Id { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    public bool IsActivated { get; init; }

    public bool IsSystem { get; init; }

    public IReadOnlyList<MicroserviceEntry>? Microservices { get; init; }

    public IReadOnlyList<RouteEntry>? Routes { get; init; }
}

/// <summary>A route as the Controller shows it; inside an application without the uuids.</summary>
public sealed record RouteEntry
{
    public required string Name { get; init; }

    public required string From { get; init; }

    public required string To { get; init; }

    public string? SourceMicroserviceUuid { get; init; }

    public string? DestMicroserviceUuid { get; init; }
}

/// <summary>A template of applications.</summary>
public sealed record TemplateEntry
{
    public long Id { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    public IReadOnlyList<TemplateVariableEntry>? Variables { get; init; }

    /// <summary>Microservices and routes, unrendered.</summary>
    public JsonObject? Application { get; init; }
}

/// <summary>A variable of a template; without a default value it has to be given.</summary>
public sealed record TemplateVariableEntry(string Key, JsonElement? DefaultValue, string? Description = null);

internal sealed record CreatedApplication(long Id);
