using System.Globalization;
using IoFog.Operator.Benchmarks.Rig;
using IoFog.Operator.Local;

namespace IoFog.Operator.Benchmarks.Figures;

/// <summary>What to ask for the operator's pods: memory by the number of objects, processor time by the number of changes.</summary>
internal static class Sizing
{
    private static readonly int[] Counts = [100, 1_000, 10_000, 100_000];

    public static async Task RunAsync(Samples samples, Arguments arguments, CancellationToken cancellationToken)
    {
        await using (var storage = await Azurite.StartAsync(Layout.Azurite, static _ => { }, cancellationToken))
        {
            foreach (var count in Counts)
            {
                var (resident, peak) = await WatcherMemory.MeasureAsync(count, arguments, storage, cancellationToken);
                samples.Add(string.Create(CultureInfo.InvariantCulture, $"watcher, {count:N0} objects"), "MB", resident);
                samples.Add(string.Create(CultureInfo.InvariantCulture, $"watcher, {count:N0} objects, peak"), "MB", peak);
            }
        }

        await using var network = await Network.StartAsync(arguments, withApps: true, cancellationToken);
        await network.Agents.TimeAsync(() => network.CreateAsync("warm", cancellationToken), AgentWatch.IsSettled, cancellationToken);
        var (watcher, apps) = (ProcessMemory.ProcessorTime(network.Stack.Watcher.Id), ProcessMemory.Started("app").ToDictionary(id => id, ProcessMemory.ProcessorTime));
        await Burst.MeasureAsync(network, cancellationToken);
        samples.Add("watcher, 1,000 creates", "CPU s", ProcessMemory.ProcessorTime(network.Stack.Watcher.Id) - watcher);
        samples.Add("apps without their hosts, 1,000 creates", "CPU s", ProcessMemory.Started("app").Sum(id => ProcessMemory.ProcessorTime(id) - apps.GetValueOrDefault(id)));
        samples.Add("app after them", "MB", ProcessMemory.Started("app").Max(ProcessMemory.Resident));
        await network.ClearAsync(cancellationToken);
    }
}
