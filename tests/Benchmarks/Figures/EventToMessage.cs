using IoFog.Operator.Benchmarks.Rig;

namespace IoFog.Operator.Benchmarks.Figures;

/// <summary>From the moment at which a client sees an object until its message is in the queue.</summary>
internal static class EventToMessage
{
    private const int Count = 200;
    private static readonly TimeSpan MeanPause = TimeSpan.FromMilliseconds(40);

    public static async Task RunAsync(Samples samples, Arguments arguments, CancellationToken cancellationToken)
    {
        await using var network = await Network.StartAsync(arguments, withApps: false, cancellationToken);
        await using var proxy = await StorageProxy.StartAsync(network.Stack.Storage.ConnectionString, cancellationToken);
        await using var watcher = WatcherProcess.Start(arguments, network.Stack.KubeconfigPath, proxy.ConnectionString);
        await watcher.ReadyAsync(cancellationToken);
        await Load.ArriveAsync(Count, MeanPause, i => network.CreateAsync($"event-{i}", cancellationToken), cancellationToken);
        await Poll.UntilAsync("a message for each", () => Task.FromResult(Enumerable.Range(0, Count).All(i => proxy.Puts.ContainsKey($"default/event-{i}"))), cancellationToken, 20);
        foreach (var i in Enumerable.Range(0, Count))
        {
            // This client may have seen the object later than the watcher did.
            var took = TimeProvider.System.GetElapsedTime(network.Agents.FirstSeen[$"event-{i}"], proxy.Puts[$"default/event-{i}"]);
            samples.Add("event to message", "ms", Math.Max(0, took.TotalMilliseconds), "p50 ≤ 15, p99 ≤ 60");
        }
    }
}
