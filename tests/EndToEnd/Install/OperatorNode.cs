using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.EndToEnd.Install;

/// <summary>
/// Plays the controllers of Deployments and Jobs and a kubelet for the operator's own pods in one namespace: each runs as a process, signed
/// in as its service account and with nothing else.
/// </summary>
internal sealed class OperatorNode : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly KubernetesApi api;
    private readonly string space;
    private readonly JsonObject kubeconfig;
    private readonly PodNetwork network;
    private readonly Action<string> log;
    private readonly ConcurrentDictionary<string, OperatorPod> running = []; // by the uid of the pod
    private readonly string folder = Directory.CreateTempSubdirectory("iofog-node-").FullName;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task turning;

    /// <param name="api">As an administrator.</param>
    /// <param name="space">The namespace.</param>
    /// <param name="kubeconfig">How to reach the API server; a pod's own token is put into it.</param>
    /// <param name="network">Where pods are.</param>
    /// <param name="log">Receives what the processes print.</param>
    public OperatorNode(KubernetesApi api, string space, JsonObject kubeconfig, PodNetwork network, Action<string> log)
    {
        (this.api, this.space, this.kubeconfig, this.network, this.log) = (api, space, kubeconfig, network, log);
        turning = TurnAsync();
    }

    /// <summary>Where a component's pod answers; null while none runs.</summary>
    public async Task<Uri?> AddressOfAsync(string component) =>
        (await ListAsync($"api/v1/namespaces/{space}/pods?labelSelector=app.kubernetes.io/component%3D{component}"))
            .Select(pod => running.GetValueOrDefault(Uid(pod))?.Address).FirstOrDefault(address => address is not null);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await turning;
        await Task.WhenAll(running.Values.Select(pod => pod.DisposeAsync().AsTask()));
        Directory.Delete(folder, recursive: true);
        stopping.Dispose();
    }

    private async Task TurnAsync()
    {
        try
        {
            while (true)
            {
                await TryAsync(LookAsync);
                await Task.Delay(Interval, TimeProvider.System, stopping.Token);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private async Task LookAsync()
    {
        var pods = await ListAsync($"api/v1/namespaces/{space}/pods");
        foreach (var deployment in await ListAsync($"apis/apps/v1/namespaces/{space}/deployments?labelSelector=app.kubernetes.io/name%3Diofog-operator"))
            await TryAsync(() => RollOutAsync(deployment, [.. pods.Where(pod => IsOwnedBy(pod, deployment))]));
        foreach (var job in await ListAsync($"apis/batch/v1/namespaces/{space}/jobs"))
            await TryAsync(() => CompleteAsync(job, pods.FirstOrDefault(pod => IsOwnedBy(pod, job))));
        foreach (var pod in pods)
            await TryAsync(() => RunAsync(pod));
        foreach (var gone in running.Keys.Except(pods.Select(Uid)))
            await running[gone].StopAsync();
    }

    /// <summary>What has changed or gone meanwhile is looked at again; in a namespace that is being deleted nothing can be made.</summary>
    private async Task TryAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception e) when (e is KubernetesException or HttpRequestException)
        {
            log($"node: {e.Message}");
        }
    }

    /// <summary>As a rolling update without a gap: new pods first, and old ones until these are ready.</summary>
    private async Task RollOutAsync(JsonObject deployment, IReadOnlyList<JsonObject> pods)
    {
        var template = deployment["spec"]!["template"]!;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(template.ToJsonString())))[..10];
        var wanted = deployment["spec"]!["replicas"]!.GetValue<int>();
        var alive = pods.Where(pod => pod["metadata"]!["deletionTimestamp"] is null).ToArray();
        var updated = alive.Where(pod => pod["metadata"]!["labels"]!["pod-template-hash"]?.GetValue<string>() == hash).ToArray();
        var ready = updated.Count(IsReady);
        if (deployment["metadata"]!["deletionTimestamp"] is not null)
            return;
        for (var i = updated.Length; i < wanted; i++)
            await CreatePodAsync(deployment, "apps/v1", "Deployment", template, hash);
        foreach (var surplus in updated.Skip(wanted).Concat(ready >= wanted ? alive.Except(updated) : []))
            await api.DeleteAsync(PathOf(surplus), stopping.Token);
        await PatchStatusAsync($"apis/apps/v1/namespaces/{space}/deployments/{Name(deployment)}", deployment, new()
        {
            ["observedGeneration"] = deployment["metadata"]!["generation"]!.DeepClone(),
            ["replicas"] = alive.Length,
            ["updatedReplicas"] = updated.Length,
            ["readyReplicas"] = ready,
            ["availableReplicas"] = ready,
            ["conditions"] = new JsonArray(
                Condition("Available", ready >= wanted, "MinimumReplicasAvailable"),
                Condition("Progressing", true, ready >= wanted ? "NewReplicaSetAvailable" : "ReplicaSetUpdated")),
        });
    }

    private async Task CompleteAsync(JsonObject job, JsonObject? pod)
    {
        if (pod is null && job["status"]?["conditions"] is null && job["metadata"]!["deletionTimestamp"] is null)
            await CreatePodAsync(job, "batch/v1", "Job", job["spec"]!["template"]!, "job");
        else if (pod?["status"]?["phase"]?.GetValue<string>() is "Succeeded" or "Failed")
        {
            var succeeded = pod["status"]!["phase"]!.GetValue<string>() == "Succeeded";
            await PatchStatusAsync($"apis/batch/v1/namespaces/{space}/jobs/{Name(job)}", job, new()
            {
                [succeeded ? "succeeded" : "failed"] = 1,
                ["conditions"] = new JsonArray(Condition(succeeded ? "Complete" : "Failed", true, "Ended")),
            });
        }
    }

    private Task CreatePodAsync(JsonObject owner, string apiVersion, string kind, JsonNode template, string hash)
    {
        var spec = template["spec"]!.DeepClone();
        spec["nodeName"] = "played";
        var metadata = template["metadata"]!.DeepClone();
        metadata["labels"]!["pod-template-hash"] = hash;
        metadata["name"] = $"{Name(owner)}-{hash}-{Guid.NewGuid().ToString()[..5]}";
        metadata["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = apiVersion,
            ["kind"] = kind,
            ["name"] = Name(owner),
            ["uid"] = Uid(owner),
            ["controller"] = true,
            ["blockOwnerDeletion"] = true,
        });
        var pod = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["metadata"] = metadata, ["spec"] = spec };
        return api.CreateAsync($"api/v1/namespaces/{space}/pods", pod, KubernetesJson.Default.JsonObject, stopping.Token);
    }

    private async Task RunAsync(JsonObject pod)
    {
        var isDeleting = pod["metadata"]!["deletionTimestamp"] is not null;
        if (!running.TryGetValue(Uid(pod), out var process))
        {
            if (isDeleting)
                await LetGoAsync(pod);
            else if (pod["status"]?["phase"]?.GetValue<string>() is null or "Pending" or "Running" && await ArgumentsAsync(pod) is { } arguments)
                running[Uid(pod)] = await StartAsync(pod, arguments);
            return;
        }

        if (isDeleting)
        {
            if (process.StopAsync().IsCompleted)
                await LetGoAsync(pod);
            return;
        }

        var isTask = pod["spec"]!["restartPolicy"]?.GetValue<string>() == "Never";
        if (process.HasEnded && !isTask)
        {
            await process.DisposeAsync();
            running[Uid(pod)] = await StartAsync(pod, []); // what stays up takes none
            return;
        }

        var phase = !process.HasEnded || !isTask ? "Running" : process.HasSucceeded ? "Succeeded" : "Failed";
        await PatchStatusAsync(PathOf(pod), pod, new()
        {
            ["phase"] = phase,
            ["podIP"] = network.AddressOf(Uid(pod)),
            ["conditions"] = new JsonArray(Condition("Ready", phase == "Running" && await process.IsReadyAsync(stopping.Token), "Probed")),
        });
    }

    private async Task LetGoAsync(JsonObject pod)
    {
        if (running.TryRemove(Uid(pod), out var process))
            await process.DisposeAsync();
        await api.DeleteAsync($"{PathOf(pod)}?gracePeriodSeconds=0", stopping.Token);
    }

    /// <summary>Its container's; null while a Service that they name leads nowhere, for here a name is looked up but once.</summary>
    private async Task<IReadOnlyList<string>?> ArgumentsAsync(JsonObject pod)
    {
        var arguments = new List<string>();
        foreach (var argument in pod["spec"]!["containers"]![0]!["args"] as JsonArray ?? [])
        {
            if (await network.ReachableAsync(argument!.GetValue<string>(), Lives, stopping.Token) is not { } reachable)
                return null;
            arguments.Add(reachable);
        }

        return arguments;

        bool Lives(string address) => running.Any(one => one.Value.Lives && network.AddressOf(one.Key) == address);
    }

    private async Task<OperatorPod> StartAsync(JsonObject pod, IReadOnlyList<string> arguments)
    {
        var container = pod["spec"]!["containers"]![0]!;
        var settings = new Dictionary<string, string>();
        foreach (var variable in container["env"]!.AsArray())
            settings[variable!["name"]!.GetValue<string>()] = await ValueAsync(variable, pod);
        if (pod["spec"]!["automountServiceAccountToken"]?.GetValue<bool>() != false)
            settings["KUBECONFIG"] = await SignInAsync(pod);
        var name = $"{space}/{Name(pod)}";
        log($"{name}: starts");
        return await OperatorPod.StartAsync(
            container["image"]!.GetValue<string>(), arguments, settings, PodNetwork.Here(network.AddressOf(Uid(pod))), line => log($"{name}: {line}"), stopping.Token);
    }

    private async Task<string> ValueAsync(JsonNode variable, JsonObject pod)
    {
        if (variable["valueFrom"] is not { } source)
            return variable["value"]?.GetValue<string>() ?? "";
        if (source["secretKeyRef"] is { } key)
        {
            var secret = await api.GetAsync($"api/v1/namespaces/{space}/secrets/{key["name"]}", KubernetesJson.Default.JsonObject, stopping.Token);
            return Encoding.UTF8.GetString(Convert.FromBase64String(secret["data"]![key["key"]!.GetValue<string>()]!.GetValue<string>()));
        }

        Assert.Equal("status.podIP", source["fieldRef"]!["fieldPath"]!.GetValue<string>());
        return network.AddressOf(Uid(pod));
    }

    /// <summary>A kubeconfig of the pod's service account: in place of the token that a kubelet mounts.</summary>
    private async Task<string> SignInAsync(JsonObject pod)
    {
        var account = pod["spec"]!["serviceAccountName"]!.GetValue<string>();
        var request = new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenRequest", ["spec"] = new JsonObject() };
        var answer = await api.CreateAsync($"api/v1/namespaces/{space}/serviceaccounts/{account}/token", request, KubernetesJson.Default.JsonObject, stopping.Token);
        var own = kubeconfig.DeepClone();
        own["users"]![0]!["user"] = new JsonObject { ["token"] = answer["status"]!["token"]!.GetValue<string>() };
        var file = Path.Combine(folder, Uid(pod));
        await File.WriteAllTextAsync(file, own.ToJsonString(), stopping.Token);
        return file;
    }

    private async Task PatchStatusAsync(string path, JsonObject before, JsonObject status)
    {
        if (status.Any(field => !JsonNode.DeepEquals(Untimed(before["status"]?[field.Key]) ?? 0, field.Value))) // an API server leaves zeros out
        {
            var now = TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            foreach (var condition in status["conditions"]!.AsArray())
                condition!["lastTransitionTime"] = now;
            await api.MergePatchAsync($"{path}/status", JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["status"] = status }), stopping.Token);
        }
    }

    private static JsonNode? Untimed(JsonNode? value)
    {
        var copy = value?.DeepClone();
        foreach (var condition in copy as JsonArray ?? [])
            condition!.AsObject().Remove("lastTransitionTime");
        return copy;
    }

    private static JsonObject Condition(string type, bool holds, string reason) =>
        new() { ["type"] = type, ["status"] = holds ? "True" : "False", ["reason"] = reason };

    private async Task<IReadOnlyList<JsonObject>> ListAsync(string path) =>
        [.. (await api.GetAsync(path, KubernetesJson.Default.JsonObject, stopping.Token))["items"]!.AsArray().OfType<JsonObject>()];

    private string PathOf(JsonObject pod) => $"api/v1/namespaces/{space}/pods/{Name(pod)}";

    private static bool IsReady(JsonObject pod) =>
        pod["status"]?["conditions"]?.AsArray().Any(condition => condition!["type"]!.GetValue<string>() == "Ready" && condition["status"]!.GetValue<string>() == "True") == true;

    private static bool IsOwnedBy(JsonObject pod, JsonObject owner) =>
        pod["metadata"]!["ownerReferences"]?[0]?["uid"]?.GetValue<string>() == Uid(owner);

    private static string Name(JsonObject item) => item["metadata"]!["name"]!.GetValue<string>();

    private static string Uid(JsonObject item) => item["metadata"]!["uid"]!.GetValue<string>();
}
