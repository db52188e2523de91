using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace IoFog.Operator.Local.Cluster.Controllers;

/// <summary>The few controllers that make a control plane come up and go away: rollouts, load balancers, namespaces with what each has from the start, garbage.</summary>
internal static class ControllerLoop
{
    private const string DefaultAccount = "default";
    private const string Authority = "kube-root-ca.crt";

    private static readonly TimeSpan StartOfPod = TimeSpan.FromMilliseconds(500);

    public static async Task RunAsync(ClusterState state, string authority, bool hasNodes, TimeProvider time, CancellationToken cancellationToken)
    {
        var changes = Channel.CreateUnbounded<(ResourceKind Kind, Event Event)>(new() { SingleReader = true });
        void Note(ResourceKind kind, Event happened) => changes.Writer.TryWrite((kind, happened));
        state.Storage.Changed += Note;
        try
        {
            foreach (var (kind, stored) in state.Storage.Everything())
                Note(kind, new(0, "ADDED", stored, null));
            while (true)
            {
                var (kind, happened) = await changes.Reader.ReadAsync(cancellationToken);
                if (hasNodes && kind == ResourceKind.Of(ResourceTypes.Deployment) && happened.Type != "DELETED")
                    _ = RollOutAsync(state, happened.Object, time, cancellationToken);
                else if (hasNodes && kind == ResourceKind.Of(ResourceTypes.Service) && happened.Type != "DELETED")
                    Publish(state, happened.Object);
                else if (kind == ResourceKind.Of(ResourceTypes.Claim) && happened.Type == "ADDED")
                    SetStatus(state, kind, happened.Object, status => status["phase"] = "Bound");
                Furnish(state, kind, happened, authority);
                Garbage.Collect(state, kind, happened);
                Terminate(state, happened.Object.Namespace);
                if (kind == ResourceKind.Of(ResourceTypes.Namespace) && happened.Type != "DELETED")
                    Terminate(state, happened.Object.Name);
            }
        }
        catch (OperationCanceledException)
        {
            state.Storage.Changed -= Note;
        }
    }

    private static async Task RollOutAsync(ClusterState state, StoredObject deployment, TimeProvider time, CancellationToken cancellationToken)
    {
        var generation = Numbers.Long(deployment.Metadata["generation"]!);
        if (deployment.IsDeleting || (deployment.Content["status"]?["observedGeneration"] is { } observed && Numbers.Long(observed) == generation))
            return;
        try
        {
            await Task.Delay(StartOfPod, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        SetStatus(state, ResourceKind.Of(ResourceTypes.Deployment), deployment, status =>
        {
            var replicas = deployment.Content["spec"]?["replicas"]?.GetValue<int>() ?? 1;
            status["observedGeneration"] = generation;
            foreach (var count in new[] { "replicas", "updatedReplicas", "readyReplicas", "availableReplicas" })
                status[count] = replicas;
            var now = state.Now();
            status["conditions"] = new JsonArray(
                new JsonObject { ["type"] = "Available", ["status"] = "True", ["reason"] = "MinimumReplicasAvailable", ["message"] = "Deployment has minimum availability.", ["lastTransitionTime"] = now, ["lastUpdateTime"] = now },
                new JsonObject { ["type"] = "Progressing", ["status"] = "True", ["reason"] = "NewReplicaSetAvailable", ["message"] = "ReplicaSet has successfully progressed.", ["lastTransitionTime"] = now, ["lastUpdateTime"] = now });
        });
    }

    private static void Publish(ClusterState state, StoredObject service)
    {
        var isBalanced = service.Content["spec"]?["type"]?.GetValue<string>() == "LoadBalancer";
        if (!isBalanced && service.Content["status"]?["loadBalancer"]?["ingress"] is not null)
            SetStatus(state, ResourceKind.Of(ResourceTypes.Service), service, status => status["loadBalancer"] = new JsonObject());
        if (isBalanced && service.Content["status"]?["loadBalancer"]?["ingress"] is null)
        {
            SetStatus(state, ResourceKind.Of(ResourceTypes.Service), service, status =>
                status["loadBalancer"] = new JsonObject { ["ingress"] = new JsonArray(new JsonObject { ["ip"] = "127.0.0.1" }) });
        }
    }

    private static void SetStatus(ClusterState state, ResourceKind kind, StoredObject stored, Action<JsonObject> change) =>
        TryWrite(state, kind, stored, (before, version) =>
        {
            var next = before.Copy();
            if (next["status"] is not JsonObject status)
                next["status"] = status = [];
            change(status);
            if (JsonNode.DeepEquals(before.Content["status"], status))
                return before;
            next["metadata"]!["resourceVersion"] = version;
            return new(next);
        });

    /// <summary>Gives a namespace the service account of pods that name none, and the certificate of the cluster's authority; again when somebody takes them away.</summary>
    private static void Furnish(ClusterState state, ResourceKind kind, Event happened, string authority)
    {
        var name = kind == ResourceKind.Of(ResourceTypes.Namespace) && happened.Type != "DELETED" ? happened.Object.Name
            : (kind == ResourceKind.Of(ResourceTypes.ServiceAccount) && happened.Object.Name == DefaultAccount) || (kind == ResourceKind.Of(ResourceTypes.ConfigMap) && happened.Object.Name == Authority)
                ? happened.Object.Namespace
                : null;
        if (name is null || state.Storage.Find(ResourceKind.Of(ResourceTypes.Namespace), "", name) is not { IsDeleting: false })
            return;
        Keep(ResourceTypes.ServiceAccount, DefaultAccount, null);
        Keep(ResourceTypes.ConfigMap, Authority, new() { ["ca.crt"] = authority });

        void Keep(ResourceType type, string item, JsonObject? data) => state.Storage.Write(ResourceKind.Of(type), name, item, (before, version) =>
        {
            if (before is not null && (data is null || JsonNode.DeepEquals(before.Content["data"], data)))
                return before;
            var content = before?.Copy() ?? new()
            {
                ["apiVersion"] = type.ApiVersion,
                ["kind"] = type.Kind,
                ["metadata"] = new JsonObject { ["name"] = item, ["namespace"] = name, ["uid"] = Guid.NewGuid().ToString(), ["creationTimestamp"] = state.Now() },
            };
            content["metadata"]!["resourceVersion"] = version;
            if (data is not null)
                content["data"] = data;
            return new(content);
        });
    }

    /// <summary>Empties a namespace that is being deleted, and lets it go when it is empty: pods first, and all else only when they are gone; then rights.</summary>
    private static void Terminate(ClusterState state, string name)
    {
        if (name.Length == 0 || state.Storage.Find(ResourceKind.Of(ResourceTypes.Namespace), "", name) is not { IsDeleting: true } found)
            return;
        var content = state.Storage.Everything().Where(entry => entry.Object.Namespace == name).ToArray();
        var pods = content.Where(entry => entry.Kind == ResourceKind.Of(ResourceTypes.Pod)).ToArray();
        foreach (var (kind, stored) in (pods.Length > 0 ? pods : content)
            .OrderBy(entry => entry.Kind.Plural is "rolebindings" or "serviceaccounts" ? 0 : 1).Where(entry => !entry.Object.IsDeleting))
            Remove(state, kind, stored);
        if (state.Storage.Everything().All(entry => entry.Object.Namespace != name))
            TryWrite(state, ResourceKind.Of(ResourceTypes.Namespace), found, static (_, _) => null);
    }

    public static void Remove(ClusterState state, ResourceKind kind, StoredObject stored) =>
        TryWrite(state, kind, stored, (before, version) =>
        {
            var grace = kind == ResourceKind.Of(ResourceTypes.Pod) && before.Content["spec"]?["nodeName"] is not null
                ? before.Content["spec"]?["terminationGracePeriodSeconds"]?.DeepClone() ?? 30
                : null; // a pod on a node goes when its kubelet says so
            if (!before.HasFinalizers && grace is null)
                return null;
            if (before.IsDeleting)
                return before;
            var next = before.Copy();
            var metadata = next["metadata"]!;
            metadata["deletionTimestamp"] = state.Now();
            metadata["deletionGracePeriodSeconds"] = grace ?? 0;
            metadata["generation"] = ((metadata["generation"] is { } generation ? Numbers.Long(generation) : 0)) + 1;
            metadata["resourceVersion"] = version;
            return new(next);
        });

    /// <summary>Writes an object if it is still the same one.</summary>
    public static void TryWrite(ClusterState state, ResourceKind kind, StoredObject stored, Func<StoredObject, string, StoredObject?> change)
    {
        if (state.Storage.Find(kind, stored.Namespace, stored.Name)?.Uid != stored.Uid)
            return;
        state.Storage.Write(kind, stored.Namespace, stored.Name, (before, version) =>
            before is null || before.Uid != stored.Uid ? before : change(before, version));
    }
}
