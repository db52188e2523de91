using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster;

/// <summary>Label and field selectors.</summary>
internal static class Selectors
{
    /// <exception cref="ApiError">A field that cannot be selected by, or a form that is not understood.</exception>
    public static Func<StoredObject, bool> Parse(string? labels, string? fields)
    {
        var tests = Split(labels).Select(Label).Concat(Split(fields).Select(Field)).ToArray();
        return stored => tests.All(test => test(stored));
    }

    private static IEnumerable<string> Split(string? selector)
    {
        if (string.IsNullOrEmpty(selector))
            yield break;
        var (start, depth) = (0, 0);
        for (var i = 0; i <= selector.Length; i++)
        {
            if (i == selector.Length || (selector[i] == ',' && depth == 0))
            {
                yield return selector[start..i].Trim();
                start = i + 1;
            }
            else
            {
                depth += selector[i] switch { '(' => 1, ')' => -1, _ => 0 };
            }
        }
    }

    private static Func<StoredObject, bool> Label(string term)
    {
        if (term.Split("!=") is [var not, var other])
            return stored => Value(stored, not.Trim()) != other.Trim();
        if (term.Split('=', 2) is [var same, var value])
            return stored => Value(stored, same.Trim()) == value.TrimStart('=').Trim();
        if (term.Split(" notin ") is [var outside, var without])
            return stored => !Options(without).Contains(Value(stored, outside.Trim()) ?? "");
        if (term.Split(" in ") is [var inside, var among])
            return stored => Value(stored, inside.Trim()) is { } has && Options(among).Contains(has);
        return term.StartsWith('!') ? stored => Value(stored, term[1..]) is null : stored => Value(stored, term) is not null;
    }

    private static string[] Options(string list) => list.Trim().Trim('(', ')').Split(',', StringSplitOptions.TrimEntries);

    private static string? Value(StoredObject stored, string label) => (stored.Metadata["labels"] as JsonObject)?[label]?.GetValue<string>();

    private static Func<StoredObject, bool> Field(string term)
    {
        var negated = term.Contains("!=", StringComparison.Ordinal);
        if (term.Split(negated ? "!=" : "=", 2, StringSplitOptions.RemoveEmptyEntries) is not { Length: > 0 } parts)
            throw ApiError.BadRequest($"invalid selector: '{term}'; can't understand '{term}'");
        var (path, value) = (parts[0].Trim(), parts.Length > 1 ? parts[1].TrimStart('=').Trim() : "");
        var allowed = path is "metadata.name" or "metadata.namespace" or "type" or "reason"
            || path.StartsWith("involvedObject.", StringComparison.Ordinal) || path.StartsWith("regarding.", StringComparison.Ordinal);
        if (!allowed)
            throw ApiError.BadRequest($"field label not supported: {path}");
        var segments = path.Replace("involvedObject.", "regarding.", StringComparison.Ordinal).Split('.');
        return stored => (segments.Aggregate((JsonNode?)stored.Content, (at, segment) => (at as JsonObject)?[segment])?.ToString() ?? "") == value != negated;
    }
}
