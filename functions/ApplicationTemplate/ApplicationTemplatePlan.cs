using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.ApplicationTemplates;

/// <summary>What has to be done so that the Controller holds a template as its spec says.</summary>
/// <param name="Path">The name under which it is put: the one that it has, else the one that it is to have.</param>
/// <param name="Body">All of it: what is left out would be kept, or emptied.</param>
/// <param name="Because">What differs, for people.</param>
internal sealed record ApplicationTemplatePlan(string Path, JsonObject Body, string Because)
{
    /// <param name="body">As it is to be.</param>
    /// <param name="observed">What the Controller holds; null when nothing.</param>
    /// <returns>Null when nothing is to be done.</returns>
    public static ApplicationTemplatePlan? Of(JsonObject body, TemplateEntry? observed)
    {
        var name = body["name"]!.GetValue<string>();
        if (observed is null)
            return new(name, body, "");
        string[] differing = [.. body.Where(field => !JsonNode.DeepEquals(field.Value, Observed(field.Key, observed))).Select(field => field.Key)];
        return differing.Length == 0 ? null : new(observed.Name, body, string.Join(", ", differing));
    }

    /// <summary>Why a spec can't work as it is written, naming the field; null when it can.</summary>
    public static string? Problem(ApplicationTemplateSpec? spec)
    {
        if (spec?.Application?.Microservices is not { } microservices)
            return "spec.application.microservices is needed";
        for (var i = 0; i < microservices.Count; i++)
        {
            if (microservices[i]["name"] is null)
                return $"spec.application.microservices[{i}].name is needed";
            if (microservices[i]["images"] is not JsonObject images || (ApplicationTemplateBody.CatalogIdOf(images) is null && !new[] { "x86", "arm", "catalogItem" }.Any(images.ContainsKey)))
                return $"spec.application.microservices[{i}].images needs x86, arm, catalogId or catalogItem";
            if (ImageSources.HasAccount(images["registry"]?.ToString()))
                return $"spec.application.microservices[{i}].images.registry: no account may stand in it; a Registry has it";
        }

        return null;
    }

    private static JsonNode? Observed(string field, TemplateEntry observed) => field switch
    {
        "name" => observed.Name,
        "description" => observed.Description ?? "",
        "variables" => new JsonArray([.. (observed.Variables ?? []).Select(Variable)]),
        _ => observed.Application,
    };

    private static JsonNode Variable(TemplateVariableEntry variable)
    {
        var body = new JsonObject { ["key"] = variable.Key };
        if (variable.Description is not null)
            body["description"] = variable.Description;
        if (variable.DefaultValue is { ValueKind: not (System.Text.Json.JsonValueKind.Null or System.Text.Json.JsonValueKind.Undefined) } value)
            body["defaultValue"] = JsonNode.Parse(value.GetRawText());
        return body;
    }
}
