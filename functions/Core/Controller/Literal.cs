using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace IoFog.Operator.Controller;

/// <summary>
/// Keeps strings as they are. The Controller renders every string of most bodies as a Liquid template, and stores the text of an error as the
/// value: a description with two braces would come back as something else, and differ from its spec for ever.
/// </summary>
public static partial class Literal
{
    /// <summary>Wraps what would be rendered, in a copy.</summary>
    public static JsonObject Keep(JsonObject body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return KeepIn(body)!.AsObject();
    }

    /// <summary>The path of a string that can't be kept, because it ends the wrapping itself; null when there is none.</summary>
    /// <param name="node">What to look through.</param>
    /// <param name="path">Its own path: <c>spec</c>.</param>
    public static string? FindUnkeepable(JsonNode? node, string path) => node switch
    {
        JsonObject members => members.Select(member => FindUnkeepable(member.Value, $"{path}.{member.Key}")).FirstOrDefault(found => found is not null),
        JsonArray items => items.Select((item, i) => FindUnkeepable(item, $"{path}[{i}]")).FirstOrDefault(found => found is not null),
        JsonValue value when value.GetValueKind() == JsonValueKind.String && EndOfRaw().IsMatch(value.GetValue<string>()) => path,
        _ => null,
    };

    private static JsonNode? KeepIn(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, KeepIn(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(KeepIn)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String && IsTemplate(value.GetValue<string>()) =>
            JsonValue.Create($"{{% raw %}}{value.GetValue<string>()}{{% endraw %}}"),
        _ => node?.DeepClone(),
    };

    private static bool IsTemplate(string text) => text.Contains("{{", StringComparison.Ordinal) || text.Contains("{%", StringComparison.Ordinal);

    [GeneratedRegex(@"\{%-?\s*endraw")]
    private static partial Regex EndOfRaw();
}
