using System.Text.Json.Nodes;
using IoFog.Operator.Benchmarks.Rig;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Benchmarks.Figures;

/// <summary>Many objects at once.</summary>
internal static class Burst
{
    private const int Count = 1000;
    private const int CreatesAtOnce = 16;

    /// <summary>As README says, where a real Controller does not tell.</summary>
    private const int ControllerCalls = 4 + 1;

    public static async Task RunAsync(Samples samples, Arguments arguments, CancellationToken cancellationToken)
    {
        TimeSpan took;
        double calls;
        JsonObject settled;
        var alone = new Dictionary<string, double>();
        await using (var network = await Network.StartAsync(arguments, withApps: true, cancellationToken))
        {
            await network.Agents.TimeAsync(() => network.CreateAsync("warm", cancellationToken), AgentWatch.IsSettled, cancellationToken);
            var before = network.Stack.Controller?.Journal.Count ?? 0;
            var processors = ProcessorShares.Begin(network.Stack);
            took = await MeasureAsync(network, cancellationToken);
            var spent = processors.Spent();
            calls = network.Stack.Controller is { } controller ? (controller.Journal.Count - before) / (double)Count : ControllerCalls;
            samples.Add("1,000 creates settled", "s", took.TotalSeconds);
            samples.Add("settled", "1/s", Count / took.TotalSeconds);
            samples.Add("turns per object", "", network.Agents.Agents.Values.Where(IsOfTheBurst).Average(watched => watched.Turn));
            samples.Add("Controller calls per object", "", calls);
            foreach (var (part, seconds) in spent)
                samples.Add($"processor time per object: {part}", "ms", seconds / Count * 1000);
            samples.Add("of what the processors need for all of it", "×", took.TotalSeconds / (spent.Values.Sum() / Environment.ProcessorCount), "1.25");
            settled = (await network.Stack.Api.GetAsync(Kinds.Agent.PathOf(new ResourceKey(Network.Namespace, "burst-0")), KubernetesJson.Default.JsonObject, cancellationToken))["status"]!.AsObject();
            await network.ClearAsync(cancellationToken);
            if (network.Stack.Controller is not null)
                alone["the Controller"] = Count * calls / await Limits.CreatesAsync(network.Stack, cancellationToken);
            network.Stack.Watcher.Kill();
            alone["the queues"] = (await Alone.QueuesAsync(arguments, network.Stack.Storage.ConnectionString, Count, cancellationToken)).TotalSeconds;
        }

        alone["the API server"] = (await Alone.ApiServerAsync(arguments, settled, Count, cancellationToken)).TotalSeconds;
        foreach (var (part, seconds) in alone)
            samples.Add($"{part} alone, with as much to do", "s", seconds);
        samples.Add("of the slowest part alone", "×", took.TotalSeconds / alone.Values.Max(), "1.25");
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
