using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.EndToEnd;

/// <summary>
/// Plays kubelet and load balancer where there are no nodes: Deployments become available, and Services of type LoadBalancer get an address.
/// </summary>
internal sealed class Kubelet(KubernetesApi api, string @namespace) : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;

    public void Start() => running = RunAsync();

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                try
                {
                    await RollOutAsync();
                    await PublishAsync();
                }
                catch (Exception e) when (e is KubernetesException or HttpRequestException)
                {
                    // gone or changed meanwhile: looked at again
                }

                await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task RollOutAsync()
    {
        foreach (var deployment in await ListAsync($"apis/apps/v1/namespaces/{@namespace}/deployments"))
        {
            if (deployment["metadata"]!["labels"]?["app.kubernetes.io/name"]?.GetValue<string>() == "iofog-operator")
                continue; // the operator itself runs for true, where it runs here
            var generation = deployment["metadata"]!["generation"]!.GetValue<long>();
            if (deployment["status"]?["observedGeneration"]?.GetValue<long>() == generation)
                continue;
            var replicas = deployment["spec"]!["replicas"]!.GetValue<int>();
            await PatchAsync($"apis/apps/v1/namespaces/{@namespace}/deployments/{deployment["metadata"]!["name"]}/status", new()
            {
                ["observedGeneration"] = generation,
                ["replicas"] = replicas,
                ["updatedReplicas"] = replicas,
                ["readyReplicas"] = replicas,
                ["availableReplicas"] = replicas,
                ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Available", ["status"] = "True", ["reason"] = "MinimumReplicasAvailable" }),
            });
        }
    }

    private async Task PublishAsync()
    {
        foreach (var service in await ListAsync($"api/v1/namespaces/{@namespace}/services"))
        {
            if (service["spec"]?["type"]?.GetValue<string>() != "LoadBalancer" || service["status"]?["loadBalancer"]?["ingress"] is not null)
                continue;
            await PatchAsync($"api/v1/namespaces/{@namespace}/services/{service["metadata"]!["name"]}/status", new()
            {
                ["loadBalancer"] = new JsonObject { ["ingress"] = new JsonArray(new JsonObject { ["ip"] = "127.0.0.1" }) },
            });
        }
    }

    private async Task<IEnumerable<JsonObject>> ListAsync(string path) =>
        (await api.GetAsync(path, KubernetesJson.Default.JsonObject, stopping.Token))["items"]!.AsArray().OfType<JsonObject>();

    private Task PatchAsync(string path, JsonObject status) =>
        api.MergePatchAsync(path, JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["status"] = status }), stopping.Token);
}
