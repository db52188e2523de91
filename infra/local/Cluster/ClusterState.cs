using System.Globalization;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster;

/// <summary>All that a cluster holds, apart from the server that shows it.</summary>
public sealed class ClusterState
{
    internal ClusterState(int history, TimeProvider time)
    {
        Storage = new(history);
        Time = time;
        foreach (var name in new[] { "default", "kube-node-lease", "kube-public", "kube-system" })
        {
            Storage.Write(ResourceKind.Of(ResourceTypes.Namespace), "", name, (_, version) => new(new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Namespace",
                ["metadata"] = new JsonObject
                {
                    ["name"] = name,
                    ["uid"] = Guid.NewGuid().ToString(),
                    ["resourceVersion"] = version,
                    ["creationTimestamp"] = Now(),
                    ["labels"] = new JsonObject { ["kubernetes.io/metadata.name"] = name },
                },
                ["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") },
                ["status"] = new JsonObject { ["phase"] = "Active" },
            }));
        }
    }

    internal Storage Storage { get; }

    internal ResourceTypes Types { get; } = new();

    internal TimeProvider Time { get; }

    internal string Now() => Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
