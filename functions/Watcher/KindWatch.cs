using System.Text.Json;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Watcher;

/// <summary>Tells the table about all objects of one kind.</summary>
internal sealed class KindWatch(Kind kind, ResourceWatch watch, Watching watching, ILogger<KindWatch> logger) : IWatchTarget
{
    private readonly WatchedReader reader = new(kind);
    private readonly HashSet<Guid> present = [];

    public ResourceWatch Watch => watch;

    /// <summary>True once the first list is complete.</summary>
    public bool IsListed { get; private set; }

    public Task RunAsync(CancellationToken cancellationToken) => watch.RunAsync(this, cancellationToken);

    public void ListBegins() => present.Clear();

    public void Received(WatchKind how, ReadOnlySpan<byte> json)
    {
        Watched watched;
        try
        {
            watched = reader.Read(json);
        }
        catch (JsonException e)
        {
            Log.ObjectUnreadable(logger, kind.Name, e.Message); // the others of its kind are still to be served
            return;
        }

        Metrics.Of(kind).EventReceived(how);
        if (how == WatchKind.Listed)
            present.Add(watched.Uid);
        watching.Tell((table, now) =>
        {
            if (how == WatchKind.Deleted)
                table.Forget(kind, watched.Key);
            else
                table.Observe(kind, watched, now);
        });
    }

    public void Listed()
    {
        watching.Tell((table, now) => table.Listed(kind, present, queueIsEmpty: null, now));
        if (IsListed)
            Metrics.Of(kind).Relists.Inc();
        present.Clear();
        present.TrimExcess();
        IsListed = true;
    }

    public void Opened() => watching.Tell((table, _) => table.Resumed(kind));

    public void Lost() => watching.Tell((table, _) => table.Lost(kind));
}
