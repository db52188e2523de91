using IoFog.Operator.Benchmarks.Rig;

namespace IoFog.Operator.Benchmarks.Figures;

/// <summary>Whether more instances of an app settle more.</summary>
internal static class Instances
{
    private static readonly int[] Counts = [1, 2, 4];

    public static async Task RunAsync(Samples samples, Arguments arguments, CancellationToken cancellationToken)
    {
        foreach (var count in Counts)
        {
            var limited = arguments with { Stack = arguments.Stack with { Scaling = arguments.Stack.Scaling with { MaxReplicas = count } } };
            await using var network = await Network.StartAsync(limited, withApps: true, cancellationToken);
            await network.Agents.TimeAsync(() => network.CreateAsync("warm", cancellationToken), AgentWatch.IsSettled, cancellationToken);
            samples.Add($"1,000 creates settled, at most {count} instances", "s", (await Burst.MeasureAsync(network, cancellationToken)).TotalSeconds);
            await network.ClearAsync(cancellationToken);
        }
    }
}
