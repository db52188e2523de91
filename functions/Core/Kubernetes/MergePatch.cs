using System.Text.Json.Nodes;

namespace IoFog.Operator.Kubernetes;

/// <summary>JSON merge patches (RFC 7386).</summary>
public static class MergePatch
{
    /// <summary>What turns <paramref name="before"/> into <paramref name="after"/>: changed members, and null for those that go. Arrays are replaced whole.</summary>
    /// <returns>An empty object when both are the same.</returns>
    public static JsonObject Between(JsonObject before, JsonObject after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var patch = new JsonObject();
        foreach (var (name, _) in before)
        {
            if (after[name] is null)
                patch[name] = null;
        }

        foreach (var (name, value) in after)
        {
            if (value is null || JsonNode.DeepEquals(before[name], value))
                continue;
            patch[name] = before[name] is JsonObject old && value is JsonObject now ? Between(old, now) : value.DeepClone();
        }

        return patch;
    }
}
