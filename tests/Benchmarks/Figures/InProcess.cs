using System.Threading.Channels;
using IoFog.Operator.Agents;
using IoFog.Operator.Benchmarks.Rig;
using IoFog.Operator.Changes;
using IoFog.Operator.Controller;
using IoFog.Operator.Reconciling;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IoFog.Operator.Benchmarks.Figures;

/// <summary>
/// The same reconcilers without queues, host and scale to zero: one process, work straight from the watch. The difference is the price
/// of durability and of costing nothing at rest.
/// </summary>
internal static class InProcess
{
    private const int Edits = 30;
    private const int Workers = 8;

    public static async Task RunAsync(Samples samples, Arguments arguments, CancellationToken cancellationToken)
    {
        // The stack brings the control plane up; its own Agent app stays asleep, for this process is faster.
        await using var network = await Network.StartAsync(arguments, withApps: true, cancellationToken);
        network.Stack.Watcher.Kill();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var services = new ServiceCollection();
        services.AddLogging(static logging => logging.SetMinimumLevel(LogLevel.None));
        services.AddSingleton(network.Stack.Api);
        services.AddController(new ConfigurationBuilder().AddInMemoryCollection([new("Controller:Url", network.Stack.ControllerUrl)]).Build()).AddAgent();
        await using var provider = services.BuildServiceProvider();
        var loop = provider.GetRequiredService<ReconcileLoop>();
        var work = Channel.CreateUnbounded<string>();
        var running = Task.WhenAll([WatchAsync(network, work.Writer, stopping.Token), .. Enumerable.Range(0, Workers).Select(_ => WorkAsync(network, loop, work.Reader, stopping.Token))]);

        await network.Agents.TimeAsync(() => network.CreateAsync("edited", cancellationToken), AgentWatch.IsSettled, cancellationToken);
        for (var i = 0; i < Edits; i++)
        {
            var before = network.Agents.Agents["edited"].Generation;
            var took = await network.Agents.TimeAsync(
                () => network.EditAsync("edited", $"edit {i}", cancellationToken), watched => watched.Generation > before && AgentWatch.IsSettled(watched), cancellationToken);
            samples.Add("edit to status", "ms", took.TotalMilliseconds, "compare edit-to-status: warm");
        }

        samples.Add("1,000 creates settled", "s", (await Burst.MeasureAsync(network, cancellationToken)).TotalSeconds, "compare burst");
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // What a controller's informer and work queue do: names of what may be due, each once.
    private static async Task WatchAsync(Network network, ChannelWriter<string> work, CancellationToken cancellationToken)
    {
        var sent = new Dictionary<string, long>();
        while (true)
        {
            foreach (var (name, watched) in network.Agents.Agents)
            {
                if (watched.ClaimTurn == 0 && (!sent.TryGetValue(name, out var version) || version != Version(watched)) && IsDue(watched))
                {
                    sent[name] = Version(watched);
                    await work.WriteAsync(name, cancellationToken);
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken);
        }
    }

    private static async Task WorkAsync(Network network, ReconcileLoop loop, ChannelReader<string> work, CancellationToken cancellationToken)
    {
        await foreach (var name in work.ReadAllAsync(cancellationToken))
        {
            var watched = network.Agents.Agents[name];
            var change = new Change { Kind = Kinds.Agent, Key = watched.Key, Uid = watched.Uid, Reason = DueReason.Spec, Turn = watched.Turn, Time = TimeProvider.System.GetUtcNow() };
            await loop.HandleAsync(change.ToJson(), cancellationToken);
        }
    }

    private static bool IsDue(Watched watched) => Due.Evaluate(watched, default, TimeProvider.System.GetUtcNow()) != DueReason.None;

    private static long Version(Watched watched) => HashCode.Combine(watched.Generation, watched.Turn);
}
