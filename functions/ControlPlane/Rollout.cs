using System.Text.Json.Nodes;

namespace IoFog.Operator.ControlPlanes;

/// <summary>How far a Deployment is.</summary>
internal static class Rollout
{
    /// <returns>Null when all of it runs as it should; else what is missing, for people.</returns>
    public static string? Missing(string name, JsonObject? deployment)
    {
        if (deployment is null)
            return $"Deployment {name} is not there yet";
        var (status, wanted) = (deployment["status"], Number(deployment["spec"]!["replicas"]));
        if (Number(status?["observedGeneration"]) >= Number(deployment["metadata"]!["generation"])
            && Number(status?["updatedReplicas"]) >= wanted && Number(status?["availableReplicas"]) >= wanted && Number(status?["replicas"]) <= wanted)
            return null;
        var updated = Math.Min(Number(status?["updatedReplicas"]), Number(status?["availableReplicas"]));
        return $"Deployment {name} is rolling out: {updated} of {wanted} {(wanted == 1 ? "pod" : "pods")}{Trouble(status)}";
    }

    private static string Trouble(JsonNode? status) =>
        (status?["conditions"] as JsonArray ?? []).FirstOrDefault(condition =>
            (condition!["type"]?.GetValue<string>(), condition["status"]?.GetValue<string>()) is ("ReplicaFailure", "True") or ("Progressing", "False")) is { } trouble
            ? $"; {trouble["message"]}"
            : "";

    private static long Number(JsonNode? node) => node?.GetValueKind() == System.Text.Json.JsonValueKind.Number ? node.GetValue<long>() : 0;
}
