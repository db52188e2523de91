using IoFog.Operator.Benchmarks.Rig;

namespace IoFog.Operator.Benchmarks.Figures;

/// <summary>Somebody who edits faster than anybody can follow.</summary>
internal static class HundredEdits
{
    private const int Count = 100;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(10);

    public static async Task RunAsync(Samples samples, Arguments arguments, CancellationToken cancellationToken)
    {
        await using var network = await Network.StartAsync(arguments, withApps: true, cancellationToken);
        await network.Agents.TimeAsync(() => network.CreateAsync("hot", cancellationToken), AgentWatch.IsSettled, cancellationToken);
        var before = network.Agents.Agents["hot"];
        var journal = network.Stack.Controller?.Journal.Count ?? 0;
        var due = TimeProvider.System.GetTimestamp();
        var last = due;
        for (var i = 0; i < Count; i++)
        {
            // Open loop: an edit that is late does not delay the next one.
            var wait = (Between * i) - TimeProvider.System.GetElapsedTime(due);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, TimeProvider.System, cancellationToken);
            await network.EditAsync("hot", $"edit {i}", cancellationToken);
            last = TimeProvider.System.GetTimestamp();
        }

        await Poll.UntilAsync("settled", () => Task.FromResult(network.Agents.Agents["hot"] is var now && now.Generation == before.Generation + Count && AgentWatch.IsSettled(now)), cancellationToken);
        samples.Add("settled after the last edit", "s", TimeProvider.System.GetElapsedTime(last).TotalSeconds, "≤ 3");
        samples.Add("turns", "", network.Agents.Agents["hot"].Turn - before.Turn, "two each: claim and end");
        if (network.Stack.Controller is { } controller)
            samples.Add("reconciles that wrote", "", controller.Journal.Skip(journal).Count(entry => entry.Method == "PATCH"), "≤ 4");
        await network.ClearAsync(cancellationToken);
    }
}
