using System.Text.Json;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster.Schemas;

/// <summary>
/// What an API server makes of the JSON of a built-in: fields that it does not know are dropped, and so are empty values where they mean no
/// more than none; values of another type are refused.
/// </summary>
internal static class Decoding
{
    /// <param name="message">What the value is to be.</param>
    /// <param name="value">Loses what is unknown or empty.</param>
    /// <param name="unknown">Receives the paths of what was dropped.</param>
    /// <exception cref="FormatException">A value that can't be read, in the words of the API server.</exception>
    public static void Prune(Message message, JsonObject value, ICollection<string> unknown) => Prune(message, value, "", "", unknown);

    private static void Prune(Message message, JsonObject value, string path, string names, ICollection<string> unknown)
    {
        foreach (var (name, member) in value.ToArray())
        {
            if (path.Length == 0 && name is "apiVersion" or "kind")
                continue;
            if (!message.Members.TryGetValue(name, out var field))
            {
                unknown.Add(Join(path, name));
                value.Remove(name);
                continue;
            }

            if (member is null || (!field.IsPointer && !field.IsRequired && IsEmpty(field, member)))
            {
                value.Remove(name);
                continue;
            }

            var (at, by) = (Join(path, name), Join(names, name));
            switch (field.Shape, member)
            {
                case (Shape.One, _):
                    Check(field, member, at);
                    break;
                case (Shape.List, JsonArray list):
                    foreach (var (i, item) in list.Index())
                        Check(field, item, $"{at}[{i}]");
                    break;
                case (Shape.Map, JsonObject map):
                    foreach (var (key, item) in map)
                        Check(field, item, $"{at}.{key}");
                    break;
                default:
                    throw Wrong(member);
            }

            void Check(Field field, JsonNode? one, string at)
            {
                if (one is JsonObject inner && field.Message is { } within)
                    Prune(within, inner, at, by, unknown);
                else if (one is not null && !Fits(field, one))
                    throw Wrong(one);
                else if (field.Type == "bytes" && one?.GetValue<string>() is { } text && !Convert.TryFromBase64String(text, new byte[text.Length], out _))
                    throw new FormatException($"illegal base64 data at input byte {text.TakeWhile(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/').Count() / 4 * 4}");
            }

            FormatException Wrong(JsonNode wrong) => new($"json: cannot unmarshal {KindOf(wrong)} into Go struct field {message.Name}.{by} of type {TypeOf(field)}");
        }
    }

    private static bool IsEmpty(Field field, JsonNode value) => (field.Shape, value) switch
    {
        (Shape.List, JsonArray list) => list.Count == 0,
        (Shape.Map, JsonObject map) => map.Count == 0,
        (Shape.One, JsonValue) => Fits(field, value) && value.ToJsonString() is "\"\"" or "0" or "false",
        _ => false,
    };

    private static bool Fits(Field field, JsonNode value) => (field.Type, value.GetValueKind()) switch
    {
        ("any" or "[]string", _) => true,
        ("bool", var kind) => kind is JsonValueKind.True or JsonValueKind.False,
        ("int", var kind) => kind == JsonValueKind.Number && long.TryParse(value.ToJsonString(), out _),
        ("float", var kind) => kind == JsonValueKind.Number,
        ("intstr" or "quantity", var kind) => kind is JsonValueKind.Number or JsonValueKind.String,
        (_, var kind) => kind == JsonValueKind.String && field.Message is null,
    };

    private static string KindOf(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        _ => "bool",
    };

    private static string TypeOf(Field field) => (field.Shape switch { Shape.List => "[]", Shape.Map => "map[string]", _ => "" }) + field.Type switch
    {
        "int" => "int32",
        "bytes" => "[]uint8",
        var type => type,
    };

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
