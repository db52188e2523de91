using System.Text.Json.Nodes;
using IoFog.Operator.Insight;
using IoFog.Operator.Local;

namespace IoFog.Operator.Unit.Insight;

/// <summary>Networks from YAML; what has no conditions counts as Ready where the name says so.</summary>
internal static class Networks
{
    /// <summary>The sample network, all of it Ready.</summary>
    public static Network Sample(Action<string, JsonObject>? change = null) => Of(File.ReadAllText(Path.Combine(Layout.Samples, "ecn.yaml")), change);

    /// <param name="yaml">Documents; each gets a Ready condition when it has no status.</param>
    /// <param name="change">Is shown each object's id, to change it.</param>
    public static Network Of(string yaml, Action<string, JsonObject>? change = null)
    {
        var objects = new List<NetworkObject>();
        foreach (var document in Yaml.ParseAll(yaml))
        {
            if (Kinds.Find(document["kind"]!.GetValue<string>()) is not { } kind)
                continue;
            document["status"] ??= Status("Ready", "True", "Works");
            change?.Invoke($"{kind}/{document["metadata"]!["name"]}", document);
            objects.Add(NetworkObject.Read(kind, document));
        }

        return new(objects);
    }

    public static JsonObject Status(string type, string status, string reason, string message = "", string? waitingFor = null)
    {
        var conditions = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = type == "Ready" ? status : "False", ["reason"] = reason, ["message"] = message });
        if (type != "Ready")
            conditions.Add((JsonNode)new JsonObject { ["type"] = type, ["status"] = status, ["reason"] = reason, ["message"] = message });
        var all = new JsonObject { ["conditions"] = conditions };
        if (waitingFor is not null)
            all["waitingFor"] = waitingFor;
        return all;
    }

    public static JsonObject Waiting(string on) => Status("Ready", "False", "WaitingForDependency", $"{on} is not there yet", on);
}
