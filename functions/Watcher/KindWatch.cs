using IoFog.Operator.Changes;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Watcher;

/// <summary>Tells the table about all objects of one kind.</summary>
internal sealed class KindWatch(Kind kind, ResourceWatch watch, ChangeQueue queue, Watching watching)
{
    private readonly WatchedReader reader = new(kind);
    private readonly HashSet<Guid> present = [];

    public ResourceWatch Watch => watch;

    /// <summary>True once the first list is complete.</summary>
    public bool IsListed { get; private set; }

    public Task RunAsync(CancellationToken cancellationToken) =>
        watch.RunAsync(Receive, ListedAsync, () => watching.Tell((table, _) => table.Lost(kind)), cancellationToken);

    private void Receive(WatchKind how, ReadOnlySpan<byte> json)
    {
        var watched = reader.Read(json);
        Metrics.Of(kind).EventReceived(how);
        if (how == WatchKind.Listed)
            present.Add(watched.Uid);
        watching.Tell((table, now) =>
        {
            if (how == WatchKind.Deleted)
            {
                table.Forget(kind, watched.Key);
                return;
            }

            if (how != WatchKind.Listed)
                table.Resumed(kind);
            table.Observe(kind, watched, now);
        });
    }

    private async Task ListedAsync(CancellationToken cancellationToken)
    {
        await queue.EnsureExistsAsync(cancellationToken);
        var isEmpty = await queue.CountAsync(cancellationToken) == 0;
        Metrics.Of(kind).Poison.Set(await queue.CountPoisonAsync(cancellationToken));
        watching.Tell((table, now) => table.Listed(kind, present, isEmpty, now));
        if (IsListed)
            Metrics.Of(kind).Relists.Inc();
        present.Clear();
        present.TrimExcess();
        IsListed = true;
    }
}
