using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local.Host;

namespace IoFog.Operator.EndToEnd.Install;

/// <summary>Plays KEDA in one namespace: each ScaledObject has a client of its scaler, which writes the Deployment's scale.</summary>
internal sealed class PlayedKeda : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    private readonly KubernetesApi api;
    private readonly string space;
    private readonly PodNetwork network;
    private readonly Action<string> log;
    private readonly Dictionary<string, (KedaClient Client, CancellationTokenSource Stop, Task Running)> clients = [];
    private readonly ConcurrentDictionary<string, bool> woken = [];
    private readonly ScalerEndpoint endpoint = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly Task turning;
    private string? scaler;

    /// <param name="api">As an administrator.</param>
    /// <param name="space">The namespace.</param>
    /// <param name="network">Where scalers are.</param>
    /// <param name="log">Receives what it decides.</param>
    public PlayedKeda(KubernetesApi api, string space, PodNetwork network, Action<string> log)
    {
        (this.api, this.space, this.network, this.log) = (api, space, network, log);
        turning = TurnAsync();
    }

    /// <summary>The Deployments that it has ever scaled from zero.</summary>
    public IEnumerable<string> Woken => woken.Keys;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await turning;
        foreach (var name in clients.Keys)
            await ForgetAsync(name);
        endpoint.Dispose();
        stopping.Dispose();
    }

    private async Task TurnAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var scaled = (await api.GetAsync($"apis/keda.sh/v1alpha1/namespaces/{space}/scaledobjects", KubernetesJson.Default.JsonObject, stopping.Token))["items"]!.AsArray();
                foreach (var one in scaled)
                    await LookAsync(one!.AsObject());
                foreach (var gone in clients.Keys.Except(scaled.Select(one => one!["metadata"]!["name"]!.GetValue<string>())).ToArray())
                    await ForgetAsync(gone);
                await Task.Delay(Interval, TimeProvider.System, stopping.Token);
            }
            catch (Exception e) when (e is KubernetesException or HttpRequestException)
            {
                log($"keda: {e.Message}"); // gone or changed meanwhile: looked at again
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task LookAsync(JsonObject scaled)
    {
        var (name, spec) = (scaled["metadata"]!["name"]!.GetValue<string>(), scaled["spec"]!);
        var trigger = spec["triggers"]!.AsArray().Single()!;
        Assert.Equal("external-push", trigger["type"]!.GetValue<string>());
        var metadata = trigger["metadata"]!.AsObject().ToDictionary(entry => entry.Key, entry => entry.Value!.GetValue<string>());
        if (await network.ReachableAsync(metadata["scalerAddress"], static _ => true, stopping.Token) is not { } address)
            return; // no watcher leads
        if (address != scaler)
            endpoint.Ready(new($"http://{scaler = address}"));
        if (!clients.TryGetValue(name, out var known))
        {
            var client = new KedaClient(name, metadata, endpoint, OptionsOf(spec), log, static () => { });
            var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
            known = clients[name] = (client, stop, client.RunAsync(stop.Token));
        }

        await ScaleAsync(spec["scaleTargetRef"]!["name"]!.GetValue<string>(), known.Client.Wanted);
    }

    private async Task ScaleAsync(string deployment, int wanted)
    {
        var path = $"apis/apps/v1/namespaces/{space}/deployments/{deployment}/scale";
        var scale = await api.FindAsync(path, KubernetesJson.Default.JsonObject, stopping.Token);
        var replicas = scale?["spec"]?["replicas"]?.GetValue<int>() ?? 0;
        if (scale is null || replicas == wanted)
            return;
        if (replicas == 0)
            woken[deployment] = true;
        await api.MergePatchAsync(path, JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["spec"] = new JsonObject { ["replicas"] = wanted } }), stopping.Token);
    }

    private ScalingOptions OptionsOf(JsonNode spec) => new()
    {
        Namespace = space,
        MaxReplicas = spec["maxReplicaCount"]!.GetValue<int>(),
        PollingInterval = TimeSpan.FromSeconds(spec["pollingInterval"]!.GetValue<int>()),
        Cooldown = TimeSpan.FromSeconds(spec["cooldownPeriod"]!.GetValue<int>()),
        Stabilization = TimeSpan.FromSeconds(spec["advanced"]!["horizontalPodAutoscalerConfig"]!["behavior"]!["scaleDown"]!["stabilizationWindowSeconds"]!.GetValue<int>()),
    };

    private async Task ForgetAsync(string name)
    {
        clients.Remove(name, out var known);
        await known.Stop.CancelAsync();
        await known.Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        known.Stop.Dispose();
    }
}
