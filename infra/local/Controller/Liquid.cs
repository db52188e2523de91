using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace IoFog.Operator.Local.Controller;

/// <summary>
/// Renders the strings of a body. Covered: <c>{{ self.path }}</c>, an unknown name (becomes <c>undefined</c>), <c>{% raw %}</c>, and an
/// expression that is not closed, whose error becomes the value. Filters and other tags are refused here, for nobody should rely on them
/// being ignored.
/// </summary>
internal static partial class Liquid
{
    public static void Render(JsonObject body) => RenderIn(body, body);

    private static void RenderIn(JsonNode? node, JsonObject self)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (name, value) in map.ToArray())
                {
                    if (value?.GetValueKind() == JsonValueKind.String)
                        map[name] = Render(value.GetValue<string>(), self);
                    else
                        RenderIn(value, self);
                }

                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i]?.GetValueKind() == JsonValueKind.String)
                        list[i] = Render(list[i]!.GetValue<string>(), self);
                    else
                        RenderIn(list[i], self);
                }

                break;
        }
    }

    private static string Render(string text, JsonObject self)
    {
        if (!text.Contains("{{", StringComparison.Ordinal) && !text.Contains("{%", StringComparison.Ordinal))
            return text;
        return Token().Replace(text, match =>
        {
            if (match.Groups["raw"].Success)
                return match.Groups["raw"].Value;
            if (match.Groups["open"].Success)
                return $"TokenizationError: output \"{match.Value}\" not closed, line:1, col:{match.Index + 1}";
            var expression = match.Groups["name"].Value.Trim();
            if (match.Groups["tag"].Success || expression.Contains('|', StringComparison.Ordinal))
                throw new Refusal(501, "NotImplemented", "this emulator renders no filters and tags");
            JsonNode? at = self;
            foreach (var segment in expression.Split('.').Skip(1))
                at = (at as JsonObject)?[segment];
            return expression.StartsWith("self.", StringComparison.Ordinal) && at is not null ? at.ToString() : "undefined";
        });
    }

    [GeneratedRegex(@"\{%\s*raw\s*%\}(?<raw>.*?)\{%\s*endraw\s*%\}|\{%(?<tag>.*?)%\}|\{\{(?<name>.*?)\}\}|(?<open>\{\{.*)$", RegexOptions.Singleline)]
    private static partial Regex Token();
}
