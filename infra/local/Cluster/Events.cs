using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster;

/// <summary>Events have two APIs over the same objects; they are kept in the newer form.</summary>
internal static class Events
{
    private static readonly (string Core, string Newer)[] Names =
    [
        ("involvedObject", "regarding"), ("message", "note"), ("reportingComponent", "reportingController"), ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"), ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"),
    ];

    public static JsonObject ToCore(JsonObject content)
    {
        var body = content.DeepClone().AsObject();
        body["apiVersion"] = "v1";
        foreach (var (core, newer) in Names)
            Rename(body, newer, core);
        return body;
    }

    public static JsonObject FromCore(ResourceType type, JsonObject body)
    {
        if (type != ResourceTypes.CoreEvent)
            return body;
        foreach (var (core, newer) in Names)
            Rename(body, core, newer);
        return body;
    }

    private static void Rename(JsonObject node, string from, string to)
    {
        if (!node.Remove(from, out var value))
            return;
        node[to] = value;
    }
}
