using IoFog.Operator.Benchmarks.Rig;

namespace IoFog.Operator.Benchmarks.Figures;

/// <summary>Many objects at once.</summary>
internal static class Burst
{
    private const int Count = 1000;
    private const int CreatesAtOnce = 16;

    public static async Task RunAsync(Samples samples, Arguments arguments, CancellationToken cancellationToken)
    {
        await using var network = await Network.StartAsync(arguments, withApps: true, cancellationToken);
        await network.Agents.TimeAsync(() => network.CreateAsync("warm", cancellationToken), AgentWatch.IsSettled, cancellationToken);
        var before = network.Stack.Controller?.Journal.Count ?? 0;
        var took = await MeasureAsync(network, cancellationToken);
        samples.Add("1,000 creates settled", "s", took.TotalSeconds, "≤ 1.25 × the slowest part");
        samples.Add("settled", "1/s", Count / took.TotalSeconds);
        if (network.Stack.Controller is { } controller)
            samples.Add("Controller calls per object", "", (controller.Journal.Count - before) / (double)Count);
        samples.Add("turns per object", "", network.Agents.Agents.Values.Where(IsOfTheBurst).Average(watched => watched.Turn));
        await network.ClearAsync(cancellationToken);
    }

    /// <summary>Creates all, and waits until all are settled.</summary>
    public static async Task<TimeSpan> MeasureAsync(Network network, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Count),
            new ParallelOptions { MaxDegreeOfParallelism = CreatesAtOnce, CancellationToken = cancellationToken },
            (i, token) => new(network.CreateAsync($"burst-{i}", token)));
        await Poll.UntilAsync("all settled", () => Task.FromResult(network.Agents.Agents.Values.Count(watched => IsOfTheBurst(watched) && AgentWatch.IsSettled(watched)) == Count), cancellationToken, 20);
        return TimeProvider.System.GetElapsedTime(began);
    }

    private static bool IsOfTheBurst(Watched watched) => watched.Key.Name.StartsWith("burst-", StringComparison.Ordinal);
}
