using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster;

/// <summary>Events have two APIs over the same objects; they are kept in the newer form.</summary>
internal static class Events
{
    public static JsonObject ToCore(JsonObject content)
    {
        var core = content.DeepClone().AsObject();
        core["apiVersion"] = "v1";
        Rename(core, "regarding", "involvedObject");
        Rename(core, "note", "message");
        Rename(core, "reportingController", "reportingComponent");
        core["source"] = new JsonObject { ["component"] = core["reportingComponent"]?.DeepClone() };
        core["firstTimestamp"] = content["eventTime"]?.DeepClone();
        core["lastTimestamp"] = (content["series"]?["lastObservedTime"] ?? content["eventTime"])?.DeepClone();
        core["count"] = content["series"]?["count"]?.DeepClone() ?? 1;
        return core;
    }

    public static JsonObject FromCore(ResourceType type, JsonObject body)
    {
        if (type != ResourceTypes.CoreEvent)
            return body;
        Rename(body, "involvedObject", "regarding");
        Rename(body, "message", "note");
        Rename(body, "reportingComponent", "reportingController");
        return body;
    }

    private static void Rename(JsonObject node, string from, string to)
    {
        if (!node.Remove(from, out var value))
            return;
        node[to] = value;
    }
}
