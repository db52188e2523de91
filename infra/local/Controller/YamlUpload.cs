using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;

namespace IoFog.Operator.Local.Controller;

/// <summary>What iofogctl sends: a YAML file in a form, which the Controller turns into the body of the JSON request.</summary>
/// <param name="Field">Of the form.</param>
/// <param name="Kind">That the file must be of.</param>
internal sealed record YamlUpload(string Field, string Kind)
{
    public static readonly YamlUpload Application = new("application", "Application");
    public static readonly YamlUpload Microservice = new("microservice", "Microservice");
    public static readonly YamlUpload Template = new("template", "ApplicationTemplate");

    /// <returns>The body; null when the form has files of other names only, which is answered with a page.</returns>
    /// <exception cref="Refusal">The file is missing or can't be used.</exception>
    public async Task<JsonObject?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var files = request.HasFormContentType ? (await request.ReadFormAsync(cancellationToken)).Files : null;
        if (files is null or { Count: 0 })
            throw this == Microservice ? Refusal.Type("Cannot read properties of undefined (reading 'buffer')") : Refusal.Invalid("Application file missing");
        if (files.Any(file => file.Name != Field))
            return null;
        using var reader = new StreamReader(files[0].OpenReadStream());
        return Convert(Parse(await reader.ReadToEndAsync(cancellationToken)));
    }

    private static JsonObject Parse(string text)
    {
        try
        {
            return Yaml.ParseAll(text) is [var first, ..] ? first : throw Refusal.Type("Cannot read properties of undefined (reading 'kind')");
        }
        catch (YamlException e)
        {
            throw new Refusal(500, "YAMLException", e.Message);
        }
    }

    private JsonObject Convert(JsonObject document)
    {
        if (document["kind"]?.ToString() is var kind && kind != Kind)
            throw Refusal.Invalid($"Invalid kind {kind ?? "undefined"}");
        if (document["metadata"] is not JsonObject metadata || document["spec"] is not JsonObject spec)
            throw Refusal.Invalid("Invalid YAML format");
        var body = new JsonObject();
        if (metadata["name"] is { } name)
            body["name"] = name.DeepClone();
        return this == Application ? Merged(body, ApplicationOf(spec))
            : this == Microservice ? Named(MicroserviceOf(spec), spec, body["name"]?.ToString())
            : TemplateOf(body, spec);
    }

    // What is left out is emptied, and a file is never of a stopped application.
    private static JsonObject ApplicationOf(JsonObject spec)
    {
        var application = spec.DeepClone().AsObject();
        application["isActivated"] = true;
        application["microservices"] = new JsonArray([.. (spec["microservices"] as JsonArray ?? []).OfType<JsonObject>().Select(one => (JsonNode)MicroserviceOf(one))]);
        return application;
    }

    private static JsonObject TemplateOf(JsonObject body, JsonObject spec)
    {
        body["application"] = ApplicationOf(spec["application"] as JsonObject ?? throw Refusal.Type("Cannot read properties of undefined (reading 'isActivated')"));
        foreach (var field in new[] { "description", "variables" })
        {
            if (spec[field] is { } value)
                body[field] = value.DeepClone();
        }

        return body;
    }

    private static JsonObject Named(JsonObject microservice, JsonObject spec, string? name)
    {
        var parts = name?.Split('/') ?? [];
        if (parts is [var application, var own])
            (microservice["application"], microservice["name"]) = (application, own);
        else if (name is not null)
            microservice["name"] = name;
        if (spec["application"] is { } named)
            microservice["application"] = named.DeepClone();
        return microservice;
    }

    private static JsonObject MicroserviceOf(JsonObject spec)
    {
        var body = new JsonObject();
        var container = (spec["container"] as JsonObject ?? []).DeepClone().AsObject();
        foreach (var (from, to) in new[] { ("ports", "ports"), ("volumes", "volumeMappings"), ("commands", "cmd"), ("env", "env"), ("extraHosts", "extraHosts") })
        {
            body[to] = container[from]?.DeepClone() ?? new JsonArray();
            container.Remove(from);
        }

        foreach (var variable in body["env"]!.AsArray().OfType<JsonObject>())
            variable["value"] = TextOf(variable["value"] ?? throw Refusal.Type("Cannot read properties of undefined (reading 'toString')"));
        Merged(body, container);
        if (spec["name"] is { } name)
            body["name"] = name.DeepClone();
        if (spec["agent"]?["name"] is { } agent)
            body["agentName"] = agent.DeepClone();
        if (spec["config"] is { } config)
            body["config"] = config.ToJsonString();
        SetImages(body, spec["images"] as JsonObject ?? throw Refusal.Type("images is not iterable"));
        return body;
    }

    private static void SetImages(JsonObject body, JsonObject images)
    {
        if (images["catalogId"] is { } item)
        {
            body["catalogItemId"] = item.DeepClone();
            return;
        }

        body["registryId"] = images["registry"]?.ToString() switch
        {
            null or "remote" => 1,
            "local" => 2,
            var other when int.TryParse(other, out var id) => id,
            var other => other,
        };
        body["images"] = new JsonArray([.. new[] { ("x86", 1), ("arm", 2) }.Where(one => images[one.Item1] is not null)
            .Select(one => (JsonNode)new JsonObject { ["fogTypeId"] = one.Item2, ["containerImage"] = images[one.Item1]!.DeepClone() })]);
    }

    private static string TextOf(JsonNode value) => value.GetValueKind() is JsonValueKind.String or JsonValueKind.Number ? value.ToString() : value.ToJsonString();

    private static JsonObject Merged(JsonObject body, JsonObject over)
    {
        foreach (var (name, value) in over)
            body[name] = value?.DeepClone();
        return body;
    }
}
