using System.Collections.Concurrent;
using IoFog.Operator.Kubernetes;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoFog.Operator.Benchmarks.Rig;

/// <summary>Watches Agents beside the operator, and notes when what was seen.</summary>
internal sealed class AgentWatch : IWatchTarget, IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly WatchedReader reader = new(Kinds.Agent);
    private readonly ConcurrentDictionary<string, Watched> agents = [];
    private readonly ConcurrentDictionary<string, long> firstSeen = [];
    private readonly TaskCompletionSource listed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task running;
    private Action<Watched, long>? noted;

    public AgentWatch(KubernetesApi api, string @namespace)
    {
        var watch = new ResourceWatch(api, Kinds.Agent.PathOf(@namespace), "", metadataOnly: false, TimeProvider.System, NullLogger.Instance);
        running = watch.RunAsync(this, stopping.Token);
    }

    /// <summary>Once the first list is there.</summary>
    public Task IsListed => listed.Task;

    /// <summary>The agents as they are now.</summary>
    public IReadOnlyDictionary<string, Watched> Agents => agents;

    /// <summary>When each was seen first, as a timestamp.</summary>
    public IReadOnlyDictionary<string, long> FirstSeen => firstSeen;

    /// <summary>Writes once and waits until an event satisfies.</summary>
    /// <returns>Time from just before the write until the event.</returns>
    public async Task<TimeSpan> TimeAsync(Func<Task> write, Func<Watched, bool> satisfies, CancellationToken cancellationToken)
    {
        var seen = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        noted = (watched, at) =>
        {
            if (satisfies(watched))
                seen.TrySetResult(at);
        };
        var began = TimeProvider.System.GetTimestamp();
        await write();
        var ended = await seen.Task.WaitAsync(TimeSpan.FromMinutes(2), cancellationToken);
        noted = null;
        return TimeProvider.System.GetElapsedTime(began, ended);
    }

    /// <summary>True when nothing is left to do for it but a later look.</summary>
    public static bool IsSettled(Watched watched) =>
        watched.Synced && watched.Generation == watched.ObservedGeneration && watched.ClaimTurn == 0;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    void IWatchTarget.ListBegins()
    {
    }

    void IWatchTarget.Listed() => listed.TrySetResult();

    void IWatchTarget.Opened()
    {
    }

    void IWatchTarget.Lost()
    {
    }

    void IWatchTarget.Received(WatchKind kind, ReadOnlySpan<byte> json)
    {
        var at = TimeProvider.System.GetTimestamp();
        var watched = reader.Read(json);
        if (kind == WatchKind.Deleted)
        {
            agents.TryRemove(watched.Key.Name, out _);
            return;
        }

        firstSeen.TryAdd(watched.Key.Name, at);
        agents[watched.Key.Name] = watched;
        noted?.Invoke(watched, at);
    }
}
