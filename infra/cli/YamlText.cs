using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Cli;

/// <summary>JSON as YAML, in the block style that kubectl prints.</summary>
internal static class YamlText
{
    public static string Of(JsonNode? node)
    {
        var text = new StringBuilder();
        Write(text, node, 0, isInline: true);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonNode? node, int depth, bool isInline)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } members:
                foreach (var (name, value) in members)
                {
                    Indent(text, depth, ref isInline);
                    text.Append(Scalar(name)).Append(':');
                    Value(text, value, depth, isList: false);
                }

                break;
            case JsonArray { Count: > 0 } items:
                foreach (var item in items)
                {
                    Indent(text, depth, ref isInline);
                    text.Append('-');
                    Value(text, item, depth, isList: true);
                }

                break;
            default:
                text.Append(Leaf(node)).Append('\n');
                break;
        }
    }

    private static void Value(StringBuilder text, JsonNode? value, int depth, bool isList)
    {
        if (value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            // A list item begins behind its dash; a member's list stands below its name, as deep as the name.
            text.Append(isList ? ' ' : '\n');
            Write(text, value, !isList && value is JsonArray ? depth : depth + 1, isInline: isList);
            return;
        }

        text.Append(' ').Append(Leaf(value)).Append('\n');
    }

    private static void Indent(StringBuilder text, int depth, ref bool isInline)
    {
        if (!isInline)
            text.Append(' ', depth * 2);
        isInline = false;
    }

    private static string Leaf(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject => "{}",
        JsonArray => "[]",
        _ => node.GetValueKind() == JsonValueKind.String ? Scalar(node.GetValue<string>()) : node.ToJsonString(),
    };

    private static string Scalar(string text) => IsPlain(text) ? text : Quoted(text);

    private static bool IsPlain(string text) =>
        text.Length > 0 && char.IsAsciiLetter(text[0]) && text[^1] != ' ' && text[^1] != ':'
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '/' or '.' or '-' or '_' or ':' or '@' or '(' or ')' or '+' or '\'' or ',')
        && !text.Contains(": ", StringComparison.Ordinal)
        && text.ToLowerInvariant() is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n");

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                '\r' => quoted.Append("\\r"),
                < ' ' or '\u007f' or '\u0085' or '\u00a0' or '\u2028' or '\u2029' or '\ufeff' => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }
}
