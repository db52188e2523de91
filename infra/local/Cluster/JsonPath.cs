using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace IoFog.Operator.Local.Cluster;

/// <summary>The JSONPath of printer columns: members, indexes and filters on one member (<c>[?(@.type=="Ready")]</c>).</summary>
internal static partial class JsonPath
{
    public static JsonNode? Find(JsonNode? root, string path)
    {
        var at = root;
        foreach (Match segment in Segment().Matches(path))
        {
            if (segment.Groups["member"] is { Success: true } member)
                at = (at as JsonObject)?[member.Value.Replace("\\.", ".", StringComparison.Ordinal)];
            else if (segment.Groups["index"] is { Success: true } index)
                at = at is JsonArray list && int.Parse(index.Value) < list.Count ? list[int.Parse(index.Value)] : null;
            else
                at = (at as JsonArray)?.FirstOrDefault(item => (item as JsonObject)?[segment.Groups["key"].Value]?.ToString() == segment.Groups["value"].Value);
            if (at is null)
                return null;
        }

        return at;
    }

    [GeneratedRegex("""\.(?<member>(?:\\.|[^.\[\]])+)|\[(?<index>\d+)\]|\[\?\(@\.(?<key>\w+)\s*==\s*["'](?<value>[^"']*)["']\)\]""")]
    private static partial Regex Segment();
}
