using IoFog.Operator.Benchmarks.Rig;
using IoFog.Operator.Local;

namespace IoFog.Operator.Benchmarks.Figures;

/// <summary>How soon a watcher that just started has looked at everything and sent what is due.</summary>
internal static class WatcherStart
{
    private const int Count = 10_000;

    public static async Task RunAsync(Samples samples, Arguments arguments, CancellationToken cancellationToken)
    {
        await using var storage = await Azurite.StartAsync(Layout.Azurite, static _ => { }, cancellationToken);
        var limit = await Limits.PutsAsync(storage.ConnectionString, 2000, cancellationToken);
        await using var proxy = await StorageProxy.StartAsync(storage.ConnectionString, cancellationToken);
        await using var server = await ListServer.StartAsync(Count, settled: false, cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        await using var watcher = WatcherProcess.Start(arguments, server.KubeconfigPath, proxy.ConnectionString);
        await watcher.ReadyAsync(cancellationToken);
        samples.Add("everything listed", "s", TimeProvider.System.GetElapsedTime(began).TotalSeconds);
        await Poll.UntilAsync("all of them queued", () => Task.FromResult(proxy.Puts.Count == Count), cancellationToken);
        var took = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        samples.Add("everything queued", "s", took, "≤ 3");
        samples.Add("the puts alone at this storage's limit", "s", Count / limit);
        samples.Add("queued ÷ limit", "", took / (Count / limit));
    }
}
