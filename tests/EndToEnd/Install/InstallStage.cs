using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local;
using IoFog.Operator.Local.Cluster;

namespace IoFog.Operator.EndToEnd.Install;

/// <summary>
/// A cluster with KEDA's definitions and nothing else: an emulated one with RBAC, or the one of <c>IOFOG_TEST_KUBECONFIG</c>. Pods are
/// played in either.
/// </summary>
internal sealed class InstallStage : IAsyncDisposable
{
    private readonly ClusterEmulator? cluster;
    private readonly string kubeconfig;
    private readonly ConcurrentQueue<string> log = [];

    private InstallStage(ClusterEmulator? cluster, RightsAudit rights, string kubeconfig, JsonObject connection)
    {
        (this.cluster, Rights, this.kubeconfig, Connection) = (cluster, rights, kubeconfig, connection);
        Api = KubernetesConnection.Open(kubeconfig);
        (Kubectl, Helm, Network) = (new(kubeconfig), new(kubeconfig), new(Api));
    }

    public KubernetesApi Api { get; }

    public Kubectl Kubectl { get; }

    public Helm Helm { get; }

    public PodNetwork Network { get; }

    /// <summary>Of all service accounts.</summary>
    public RightsAudit Rights { get; }

    /// <summary>False for a real API server: what it was asked for stands in its own audit log.</summary>
    public bool HasAudit => cluster is not null;

    /// <summary>A kubeconfig with one cluster and one user.</summary>
    public JsonObject Connection { get; }

    /// <summary>All that the processes have printed.</summary>
    public IEnumerable<string> Lines => log;

    public static async Task<InstallStage> StartAsync(CancellationToken cancellationToken)
    {
        var rights = new RightsAudit();
        var given = Environment.GetEnvironmentVariable("IOFOG_TEST_KUBECONFIG") is { Length: > 0 } path ? path : null;
        var cluster = given is null ? await ClusterEmulator.StartAsync(new() { RunControllers = false, Audit = rights.Note }, null, cancellationToken) : null;
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, cluster?.Kubeconfig ?? await File.ReadAllTextAsync(given!, cancellationToken), cancellationToken);
        var connection = await new Kubectl(file).RunAsync(cancellationToken, "config", "view", "--raw", "--minify", "--flatten", "-o", "json");
        var stage = new InstallStage(cluster, rights, file, JsonNode.Parse(connection)!.AsObject());
        await stage.Kubectl.RunAsync(cancellationToken, "apply", "-f", Path.Combine(Layout.Repository, "tests", "EndToEnd", "Chart", "keda.yaml"));
        return stage;
    }

    public void Log(string line) => log.Enqueue(line);

    /// <summary>Looks again and again until it holds.</summary>
    public async Task EventuallyAsync(string what, Func<Task<bool>> holds, int seconds = 60)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(seconds))
                Assert.Fail($"Not within {seconds} s: {what}\n{string.Join('\n', log.TakeLast(60))}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (cluster is not null)
            await cluster.DisposeAsync();
        File.Delete(kubeconfig);
    }
}
