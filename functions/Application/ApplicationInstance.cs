using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Applications;

/// <summary>What an application was made of by a template.</summary>
/// <param name="Fingerprint">Of the template's name and variables.</param>
/// <param name="Content">Of each microservice and route that the Controller made of them; null until it has answered that it did.</param>
public sealed record ApplicationInstance(string Fingerprint, IReadOnlyDictionary<string, string>? Content)
{
    // As LiquidJS names its errors: the Controller stores the text of one as the value.
    private static readonly string[] Errors = ["TokenizationError:", "ParseError:", "RenderError:", "UndefinedVariableError:", "AssertionError:", "undefined variable:", "undefined filter:"];

    /// <summary>Another one after each change of the template's name or variables.</summary>
    public static string FingerprintOf(ApplicationTemplate template)
    {
        ArgumentNullException.ThrowIfNull(template);
        return Text(Seen.Hash(ToJson(template).ToJsonString()));
    }

    /// <summary>By child, another text after each change of one of its fields, also by others; live state stays out.</summary>
    public static IReadOnlyDictionary<string, string> ContentOf(ApplicationEntry? application)
    {
        var content = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var microservice in application?.Microservices ?? [])
            content[ApplicationPlan.MicroserviceChild(microservice.Name)] = Text(Seen.Hash(JsonSerializer.Serialize(WithoutState(microservice), ApplicationJson.Default.MicroserviceEntry)));
        foreach (var route in application?.Routes ?? [])
            content[ApplicationPlan.RouteChild(route.Name)] = Text(Seen.Hash($"{route.From} {route.To}"));
        return content;
    }

    /// <summary>As the Controller takes it.</summary>
    public static JsonObject ToJson(ApplicationTemplate template)
    {
        ArgumentNullException.ThrowIfNull(template);
        return new()
        {
            ["name"] = template.Name,
            ["variables"] = new JsonArray([.. (template.Variables ?? []).Select(variable =>
                (JsonNode)new JsonObject { ["key"] = variable.Key, ["value"] = variable.Value?.DeepClone() })]),
        };
    }

    /// <summary>The variables that have no default value and are not given.</summary>
    public static IReadOnlyList<string> MissingOf(ApplicationTemplate template, TemplateEntry entry)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(entry);
        return
        [
            .. (entry.Variables ?? [])
                .Where(variable => variable.DefaultValue is null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined })
                .Select(variable => variable.Key)
                .Except((template.Variables ?? []).Select(variable => variable.Key)),
        ];
    }

    /// <summary>Fields in which the Controller stored an error of rendering instead of a value, as <c>viewer.config</c>.</summary>
    public static IReadOnlyList<string> BrokenOf(ApplicationEntry application)
    {
        ArgumentNullException.ThrowIfNull(application);
        return
        [
            .. from microservice in application.Microservices ?? []
               from field in JsonSerializer.SerializeToNode(WithoutState(microservice), ApplicationJson.Default.MicroserviceEntry)!.AsObject()
               where Texts(field.Value).Any(text => Errors.Any(error => text.Contains(error, StringComparison.Ordinal)))
               select $"{microservice.Name}.{field.Key}",
        ];
    }

    // What moves by itself, and what the Controller gives anew each time.
    private static MicroserviceEntry WithoutState(MicroserviceEntry microservice) => microservice with
    {
        Status = null,
        Rebuild = false,
        Ports = microservice.Ports?.Select(port => port.Public is null ? port : port with { Public = port.Public with { Links = null } }).ToArray(),
    };

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => Texts(member.Value)),
        JsonArray items => items.SelectMany(Texts),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => [value.GetValue<string>()],
        _ => [],
    };

    private static string Text(ulong hash) => hash.ToString("x16", CultureInfo.InvariantCulture);
}
