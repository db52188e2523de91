using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace IoFog.Operator.ApplicationTemplates;

/// <summary>What applications are made of.</summary>
public sealed record ApplicationTemplateSpec
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    public IReadOnlyList<TemplateVariable>? Variables { get; init; }

    public TemplateContent? Application { get; init; }
}

/// <summary>A variable of a template.</summary>
/// <param name="DefaultValue">Any JSON; a variable without it has to be given.</param>
public sealed record TemplateVariable(string Key, string? Description, JsonNode? DefaultValue);

/// <summary>What a template makes.</summary>
/// <param name="Microservices">As those of an application; any value may be a template, so that none has a type.</param>
public sealed record TemplateContent(IReadOnlyList<JsonObject>? Microservices, IReadOnlyList<TemplateRoute>? Routes);

/// <summary>A route that a template makes.</summary>
public sealed record TemplateRoute(string? Name, string From, string To);

/// <summary>What is known of a template.</summary>
public sealed record ApplicationTemplateStatus : Status
{
    public long? Id { get; init; }

    /// <summary>The name that the Controller holds for this object.</summary>
    public string? Name { get; init; }
}

[JsonSerializable(typeof(Resource<ApplicationTemplateSpec, ApplicationTemplateStatus>), TypeInfoPropertyName = "ApplicationTemplate")]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ApplicationTemplateJson : JsonSerializerContext;
