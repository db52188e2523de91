using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Local;

/// <summary>One object, as a row.</summary>
internal sealed record ObjectRow(string Kind, string Name, string Synced, string Ready, string Reason, string Message, string Created, long? Attempts, string? Next, string? WaitingFor)
{
    public bool IsReady => Ready == "True";
}

/// <summary>All objects of all kinds.</summary>
internal static class Overview
{
    public static async Task<IReadOnlyList<ObjectRow>> ReadAsync(KubernetesApi api, string @namespace, CancellationToken cancellationToken)
    {
        var rows = new List<ObjectRow>();
        foreach (var kind in Kinds.All)
        {
            var list = await api.FindAsync(kind.PathOf(@namespace), KubernetesJson.Default.JsonObject, cancellationToken);
            rows.AddRange((list?["items"]?.AsArray() ?? []).Select(item => Row(kind, item!.AsObject())));
        }

        return rows;
    }

    private static ObjectRow Row(Kind kind, JsonObject item)
    {
        var status = item["status"] as JsonObject ?? [];
        var conditions = (status["conditions"] as JsonArray ?? []).OfType<JsonObject>().ToArray();
        var synced = conditions.FirstOrDefault(condition => Text(condition, "type") == Names.Synced);
        var ready = conditions.FirstOrDefault(condition => Text(condition, "type") == Names.Ready);
        return new(
            kind.Name, Text(item["metadata"]!.AsObject(), "name"), Text(synced, "status"), Text(ready, "status"), Text(ready, "reason"), Text(ready, "message"),
            Text(item["metadata"]!.AsObject(), "creationTimestamp"), status["attempts"]?.GetValue<long>(), status["nextReconcileTime"]?.GetValue<string>(),
            status["waitingFor"]?.GetValue<string>());
    }

    private static string Text(JsonObject? node, string name) => node?[name]?.ToString() ?? "";
}
