using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace IoFog.Operator.Local.Controller;

/// <summary>Checks bodies as the Controller does: only the first problem is told, and an explicit null is a wrong type.</summary>
internal static partial class Fields
{
    public static void Require(JsonObject body, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (!body.ContainsKey(name))
                throw Refusal.Invalid($"Required field '{name}' is missing");
        }
    }

    /// <param name="types">Pairs of a name and string, integer, number, boolean, array or object; a minimum may follow: <c>integer 0</c>.</param>
    public static void Check(JsonObject body, string prefix, params ReadOnlySpan<(string Name, string Type)> types)
    {
        foreach (var (name, type) in types)
        {
            if (!body.ContainsKey(name))
                continue;
            var parts = type.Split(' ');
            var value = body[name];
            if (!Fits(value, parts[0]))
                throw Refusal.Invalid($"Field '{prefix}{name}' is not of a type(s) {parts[0]}");
            if (parts.Length > 1 && Number(value!) < int.Parse(parts[1]))
                throw Refusal.Invalid($"{name} must have a minimum value of {parts[1]}");
            if (parts.Length > 2 && Number(value!) > int.Parse(parts[2]))
                throw Refusal.Invalid($$"""{"property":"instance.{{name}}","message":"must have a maximum value of {{parts[2]}}"}""");
        }
    }

    public static void CheckName(JsonObject body, string field, string prefix = "")
    {
        if (body[field] is { } name && !NamePattern().IsMatch(name.GetValue<string>()))
            throw Refusal.Invalid($"Invalid format for field '{prefix}{field}'");
    }

    public static void CheckEnum(JsonObject body, string field, params string[] values)
    {
        if (body[field] is { } value && !values.Contains(value.GetValue<string>()))
            throw Refusal.Invalid($"Field {field} is not one of enum values: {string.Join(',', values)}");
    }

    public static string? Text(JsonObject body, string name) => body[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    public static double Number(JsonNode value) => value switch
    {
        JsonValue one when one.TryGetValue(out int whole) => whole,
        JsonValue one when one.TryGetValue(out double number) => number,
        _ => double.Parse(value.ToJsonString()),
    };

    public static bool IsTrue(JsonNode? value) => value?.GetValueKind() == JsonValueKind.True;

    private static bool Fits(JsonNode? value, string type) => type switch
    {
        "string" => value?.GetValueKind() == JsonValueKind.String,
        "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "array" => value is JsonArray,
        "object" => value is JsonObject,
        "integer" => value?.GetValueKind() == JsonValueKind.Number && Number(value) == Math.Floor(Number(value)),
        _ => value?.GetValueKind() == JsonValueKind.Number,
    };

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")]
    private static partial Regex NamePattern();
}
