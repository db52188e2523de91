using System.Text.Json;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Watcher;

/// <summary>
/// Tells the table about Kubernetes objects of one collection that our objects own, or refer to: those without an owner of ours concern all
/// that may refer to them.
/// </summary>
/// <param name="watch">The watch.</param>
/// <param name="watching">The table.</param>
internal sealed class OwnedWatch(ResourceWatch watch, Watching watching) : IWatchTarget
{
    private readonly HashSet<Guid> present = [];
    private Action listed = static () => { };

    public ResourceWatch Watch => watch;

    /// <summary>True once the first list is complete.</summary>
    public bool IsListed { get; private set; }

    /// <param name="afterList">Called after each complete list.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task RunAsync(Action afterList, CancellationToken cancellationToken)
    {
        listed = afterList;
        return watch.RunAsync(this, cancellationToken);
    }

    public void ListBegins() => present.Clear();

    public void Received(WatchKind how, ReadOnlySpan<byte> json)
    {
        var metadata = JsonSerializer.Deserialize(json, WatcherJson.Default.PartialObject)?.Metadata;
        if (metadata is null || !Guid.TryParse(metadata.Uid, out var uid))
            return;
        if (how == WatchKind.Listed)
            present.Add(uid);
        var owner = metadata.OwnerReferences?.FirstOrDefault(reference => reference.ApiVersion == Kind.ApiVersion)?.Uid;
        if (!Guid.TryParse(owner, out var ownerUid))
            ownerUid = OwnedObjects.Shared;
        var version = how == WatchKind.Deleted ? 0 : Seen.Hash($"{uid:D}/{metadata.ResourceVersion}");
        watching.Tell((table, _) => table.OwnedSeen(watch.Source, uid, ownerUid, version));
    }

    public void Listed()
    {
        watching.Tell((table, _) => table.OwnedListed(watch.Source, present));
        present.Clear();
        present.TrimExcess();
        IsListed = true;
        listed();
    }

    public void Opened()
    {
    }

    // What was owned stays known; the next list corrects it.
    public void Lost()
    {
    }
}
