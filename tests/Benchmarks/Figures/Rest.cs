using IoFog.Operator.Benchmarks.Rig;
using IoFog.Operator.Local;

namespace IoFog.Operator.Benchmarks.Figures;

/// <summary>What it costs when nothing happens.</summary>
internal static class Rest
{
    private const int Count = 1000;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Span = TimeSpan.FromMinutes(1);

    public static async Task RunAsync(Samples samples, Arguments arguments, CancellationToken cancellationToken)
    {
        await using var storage = await Azurite.StartAsync(Layout.Azurite, static _ => { }, cancellationToken);
        await using var proxy = await StorageProxy.StartAsync(storage.ConnectionString, cancellationToken);
        await using var server = await ListServer.StartAsync(Count, settled: true, cancellationToken);
        await using var watcher = WatcherProcess.Start(arguments, server.KubeconfigPath, proxy.ConnectionString);
        await watcher.ReadyAsync(cancellationToken);
        await Task.Delay(Settle, TimeProvider.System, cancellationToken); // the first look into each queue
        var before = proxy.Calls;
        var cpu = Cpu(watcher.Id);
        await Task.Delay(Span, TimeProvider.System, cancellationToken);
        samples.Add("storage calls", "", proxy.Calls - before, "0");
        samples.Add("CPU", "ms", (Cpu(watcher.Id) - cpu).TotalMilliseconds);
    }

    private static TimeSpan Cpu(int processId)
    {
        using var process = System.Diagnostics.Process.GetProcessById(processId);
        return process.TotalProcessorTime;
    }
}
