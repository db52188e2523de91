using System.Text.Json;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Watcher;

/// <summary>
/// Tells the table about Kubernetes objects of one collection that our objects own, or refer to: those without an owner of ours concern all
/// that may refer to them.
/// </summary>
/// <param name="watch">The watch.</param>
/// <param name="source">Tells this watch apart from others of the same collection.</param>
/// <param name="watching">The table.</param>
internal sealed class OwnedWatch(ResourceWatch watch, string source, Watching watching)
{
    private readonly HashSet<Guid> present = [];

    public ResourceWatch Watch => watch;

    /// <summary>True once the first list is complete.</summary>
    public bool IsListed { get; private set; }

    public Task RunAsync(Action listed, CancellationToken cancellationToken) =>
        watch.RunAsync(
            Receive,
            _ =>
            {
                watching.Tell((table, _) => table.OwnedListed(source, present));
                present.Clear();
                present.TrimExcess();
                IsListed = true;
                listed();
                return Task.CompletedTask;
            },
            static () => { }, // what was owned stays known; the next list corrects it
            cancellationToken);

    private void Receive(WatchKind how, ReadOnlySpan<byte> json)
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
        watching.Tell((table, _) => table.OwnedSeen(source, uid, ownerUid, version));
    }
}
