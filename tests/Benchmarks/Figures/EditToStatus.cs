using IoFog.Operator.Benchmarks.Rig;

namespace IoFog.Operator.Benchmarks.Figures;

/// <summary>What somebody who edits an object waits for.</summary>
internal static class EditToStatus
{
    private const int Edits = 30;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(Samples samples, Arguments arguments, CancellationToken cancellationToken)
    {
        await using var network = await Network.StartAsync(arguments, withApps: true, cancellationToken);
        await network.Agents.TimeAsync(() => network.CreateAsync("edited", cancellationToken), AgentWatch.IsSettled, cancellationToken);
        for (var i = 0; i < Edits; i++)
            samples.Add("warm", "ms", await EditAsync($"edit {i}"), "p50 ≤ 150, p99 ≤ 1,200");
        for (var i = 0; i < 2; i++)
        {
            await Task.Delay(Idle, TimeProvider.System, cancellationToken);
            samples.Add("after 10 s of idleness", "ms", await EditAsync($"late edit {i}"), "≤ 1,200");
        }

        await network.ClearAsync(cancellationToken);

        async Task<double> EditAsync(string description)
        {
            var before = network.Agents.Agents["edited"].Generation;
            var took = await network.Agents.TimeAsync(
                () => network.EditAsync("edited", description, cancellationToken),
                watched => watched.Generation > before && AgentWatch.IsSettled(watched),
                cancellationToken);
            return took.TotalMilliseconds;
        }
    }
}
