using System.Text.Json;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Controller;

/// <summary>Application templates: stored as they are, rendered when an application is made of one.</summary>
internal sealed class Templates(ControllerState state)
{
    public IEnumerable<Endpoint> Endpoints =>
    [
        new("GET", "applicationTemplates", 200, call => new JsonObject { ["applicationTemplates"] = new JsonArray([.. state.Templates.Where(call.User!.Owns).Select(template => (JsonNode)Listed(template))]) }),
        new("POST", "applicationTemplate", 201, Create) { IsRendered = false },
        new("GET", "applicationTemplate/*", 200, call => Show(Find(call, call[0]) ?? throw Missing(call[0]))),
        new("PATCH", "applicationTemplate/*", 204, call =>
        {
            var template = Find(call, call[0]) ?? throw Missing(call[0]);
            CheckFree(call, template);
            Set(template, call.Body, "name", "description");
            return null;
        }) { IsRendered = false },
        new("PUT", "applicationTemplate/*", 200, Replace) { IsRendered = false },
        new("POST", "applicationTemplate/yaml", 201, Create) { IsRendered = false, Upload = YamlUpload.Template },
        new("PUT", "applicationTemplate/yaml/*", 200, Replace) { IsRendered = false, Upload = YamlUpload.Template },
        new("DELETE", "applicationTemplate/*", 204, call =>
        {
            state.Templates.RemoveAll(template => call.User!.Owns(template) && Fields.Text(template, "name") == call[0]);
            return null; // also when it is not there
        }),
    ];

    /// <summary>The body of an application with what the template makes of its variables.</summary>
    public JsonObject Instantiate(Call call, JsonObject reference)
    {
        var template = Find(call, Fields.Text(reference, "name") ?? "") ?? throw Missing(Fields.Text(reference, "name") ?? "undefined").As(500);
        var variables = new JsonObject();
        foreach (var variable in template["variables"]!.AsArray())
        {
            if (variable!["defaultValue"] is { } value)
                variables[variable["key"]!.GetValue<string>()] = value.DeepClone();
        }

        foreach (var variable in (reference["variables"] as JsonArray ?? []).OfType<JsonObject>())
            variables[Fields.Text(variable, "key")!] = variable["value"]?.DeepClone();
        var content = (template["application"] as JsonObject ?? []).DeepClone().AsObject();
        if (content["microservices"] is null)
            throw Refusal.Type("application.microservices is not iterable");
        variables["self"] = content.DeepClone();
        Liquid.Render(content, variables);
        var instance = call.Body.DeepClone().AsObject();
        instance.Remove("template");
        foreach (var (name, value) in content)
            instance[name] = value?.DeepClone();
        return instance;
    }

    private JsonNode Replace(Call call)
    {
        if (Find(call, call[0]) is not { } template)
        {
            call.Body["name"] = call[0];
            return Create(call);
        }

        CheckFree(call, template);
        call.Body["application"] ??= new JsonObject(); // left out: emptied
        Set(template, call.Body, "name", "description", "application", "variables");
        return Short(template);
    }

    private JsonNode Create(Call call)
    {
        Fields.Require(call.Body, "name");
        Fields.Check(call.Body, "", ("name", "string"), ("description", "string"), ("application", "object"), ("variables", "array"));
        Fields.CheckName(call.Body, "name");
        CheckFree(call, null);
        foreach (var variable in (call.Body["variables"] as JsonArray ?? []).OfType<JsonObject>())
        {
            Fields.Require(variable, "key");
            Fields.CheckName(variable, "key");
        }

        var template = new JsonObject { ["id"] = state.NextId(), ["name"] = "", ["description"] = "", ["application"] = new JsonObject(), ["variables"] = new JsonArray(), ["userId"] = call.User!.Id };
        Set(template, call.Body, "name", "description", "application", "variables");
        state.Templates.Add(template);
        return Short(template);
    }

    private void CheckFree(Call call, JsonObject? own)
    {
        if (Fields.Text(call.Body, "name") is { } name && Find(call, name) is { } other && other != own)
            throw Refusal.Duplicate($"Duplicate name '{name}'");
    }

    private static void Set(JsonObject template, JsonObject body, params string[] fields)
    {
        foreach (var field in fields.Where(body.ContainsKey))
            template[field] = body[field]?.DeepClone();
    }

    private static JsonObject Short(JsonObject template) => new() { ["id"] = template["id"]!.DeepClone(), ["name"] = template["name"]!.DeepClone() };

    // In the list a default value is JSON text.
    private static JsonObject Listed(JsonObject template)
    {
        var listed = Show(template);
        foreach (var variable in listed["variables"]!.AsArray().Where(variable => variable!["defaultValue"] is not null))
            variable!["defaultValue"] = JsonSerializer.Serialize(variable["defaultValue"]);
        return listed;
    }

    private static JsonObject Show(JsonObject template)
    {
        var shown = template.DeepClone().AsObject();
        shown.Remove("userId");
        return shown;
    }

    private JsonObject? Find(Call call, string name) => state.Templates.Find(template => call.User!.Owns(template) && Fields.Text(template, "name") == name);

    private static Refusal Missing(string name) => Refusal.NotFound($"Invalid application template name '{name}'");
}
