using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace IoFog.Operator.Local.Controller;

/// <summary>
/// Renders the strings of a body. Covered: <c>{{ self.path }}</c>, variables of a template, texts in quotes, the filters <c>toNumber</c>,
/// <c>toBoolean</c> and <c>toString</c>, an unknown name (becomes <c>undefined</c>), <c>{% raw %}</c>, and what is not closed, whose error becomes
/// the value. Other filters and tags are refused here, for nobody should rely on them being ignored.
/// </summary>
internal static partial class Liquid
{
    public static void Render(JsonObject body) => Render(body, new() { ["self"] = body.DeepClone() });

    /// <param name="body">What is rendered.</param>
    /// <param name="context">What names stand for.</param>
    public static void Render(JsonObject body, JsonObject context) => RenderIn(body, context);

    private static void RenderIn(JsonNode? node, JsonObject context)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (name, value) in map.ToArray())
                {
                    if (value?.GetValueKind() == JsonValueKind.String)
                        map[name] = Render(value.GetValue<string>(), context);
                    else
                        RenderIn(value, context);
                }

                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i]?.GetValueKind() == JsonValueKind.String)
                        list[i] = Render(list[i]!.GetValue<string>(), context);
                    else
                        RenderIn(list[i], context);
                }

                break;
        }
    }

    private static JsonNode? Render(string text, JsonObject context)
    {
        if (!text.Contains("{{", StringComparison.Ordinal) && !text.Contains("{%", StringComparison.Ordinal))
            return text;
        if (Unclosed(text) is { } error)
            return error;

        // What is one expression and nothing else keeps the type that its filter gives it.
        if (Token().Match(text) is { Success: true } whole && whole.Length == text.Length && whole.Groups["expression"].Success && whole.Value.Contains('|', StringComparison.Ordinal))
            return Evaluate(whole.Groups["expression"].Value, context);
        return Token().Replace(text, match =>
        {
            if (match.Groups["raw"].Success)
                return match.Groups["raw"].Value;
            if (match.Groups["tag"].Success)
                throw Unknown();
            return Evaluate(match.Groups["expression"].Value, context)?.ToString() ?? "undefined";
        });
    }

    private static JsonNode? Evaluate(string expression, JsonObject context)
    {
        var parts = expression.Split('|', StringSplitOptions.TrimEntries);
        JsonNode? value = parts[0] is ['\'' or '"', .., '\'' or '"'] ? parts[0][1..^1] : Look(parts[0], context)?.DeepClone();
        foreach (var filter in parts[1..])
        {
            value = filter switch
            {
                "toNumber" => double.TryParse(value?.ToString(), CultureInfo.InvariantCulture, out var number) ? JsonNode.Parse(number.ToString(CultureInfo.InvariantCulture)) : null,
                "toBoolean" => value?.ToString() == "true",
                "toString" => value?.ToString(),
                _ => throw Unknown(),
            };
        }

        return value;
    }

    private static JsonNode? Look(string path, JsonObject context) =>
        path.Split('.').Aggregate((JsonNode?)context, static (at, segment) => (at as JsonObject)?[segment]);

    private static string? Unclosed(string text)
    {
        var rest = Token().Replace(text, match => new string(' ', match.Length));
        var at = rest.IndexOf("{{", StringComparison.Ordinal);
        if (at >= 0)
            return $"TokenizationError: output \"{text[at..]}\" not closed, line:1, col:{at + 1}";
        at = rest.IndexOf("{%", StringComparison.Ordinal);
        return at < 0 ? null : $"TokenizationError: tag \"{text[at..]}\" not closed, line:1, col:{at + 1}";
    }

    private static Refusal Unknown() => new(501, "NotImplemented", "this emulator renders no such filters and tags");

    [GeneratedRegex(@"\{%-?\s*raw\s*-?%\}(?<raw>.*?)\{%-?\s*endraw\s*-?%\}|\{%(?<tag>.*?)%\}|\{\{-?(?<expression>.*?)-?\}\}", RegexOptions.Singleline)]
    private static partial Regex Token();
}
