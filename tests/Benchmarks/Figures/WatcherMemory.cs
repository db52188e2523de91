using IoFog.Operator.Benchmarks.Rig;
using IoFog.Operator.Local;

namespace IoFog.Operator.Benchmarks.Figures;

/// <summary>What the watcher's process needs for many objects, and for none.</summary>
internal static class WatcherMemory
{
    private const int Count = 100_000;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Samples samples, Arguments arguments, CancellationToken cancellationToken)
    {
        await using var storage = await Azurite.StartAsync(Layout.Azurite, static _ => { }, cancellationToken);
        var (idle, _) = await MeasureAsync(0, arguments, storage, cancellationToken);
        var (full, peak) = await MeasureAsync(Count, arguments, storage, cancellationToken);
        samples.Add("idle", "MB", idle, "≤ 45");
        samples.Add("resident", "MB", full, "≤ 120");
        samples.Add("peak ÷ resident", "", peak / full, "≤ 1.5");
        samples.Add("resident per object", "B", (full - idle) * 1024 * 1024 / Count, "≤ 400 of heap");
        samples.Add("binary", "MB", new FileInfo(arguments.Stack.Watcher).Length / 1024.0 / 1024.0, "≤ 30");
    }

    /// <summary>Of a watcher that has listed so many settled objects of 3 KB.</summary>
    public static async Task<(double Resident, double Peak)> MeasureAsync(int count, Arguments arguments, Azurite storage, CancellationToken cancellationToken)
    {
        await using var server = await ListServer.StartAsync(count, settled: true, cancellationToken);
        await using var watcher = WatcherProcess.Start(arguments, server.KubeconfigPath, storage.ConnectionString);
        await watcher.ReadyAsync(cancellationToken);
        await Task.Delay(Settle, TimeProvider.System, cancellationToken);
        return (ProcessMemory.Resident(watcher.Id), ProcessMemory.Peak(watcher.Id));
    }
}
