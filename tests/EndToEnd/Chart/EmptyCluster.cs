using IoFog.Operator.Local;
using IoFog.Operator.Local.Cluster;

namespace IoFog.Operator.EndToEnd.Chart;

/// <summary>An emulated cluster with KEDA's definitions and the namespace <c>edge</c>.</summary>
public sealed class EmptyCluster : IAsyncLifetime
{
    private readonly string kubeconfig = Path.GetTempFileName();
    private ClusterEmulator? cluster;

    internal Kubectl Kubectl { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var token = TestContext.Current.CancellationToken;
        cluster = await ClusterEmulator.StartAsync(new() { RunControllers = false }, null, token);
        await File.WriteAllTextAsync(kubeconfig, cluster.Kubeconfig, token);
        Kubectl = new(kubeconfig);
        await Kubectl.RunAsync(token, "apply", "-f", Path.Combine(Layout.Repository, "tests", "EndToEnd", "Chart", "keda.yaml"));
        await Kubectl.RunAsync(token, "create", "namespace", "edge");
    }

    public async ValueTask DisposeAsync()
    {
        if (cluster is not null)
            await cluster.DisposeAsync();
        File.Delete(kubeconfig);
    }
}
