using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster.Controllers;

/// <summary>Removes what nobody owns any more, before or after its owner as the deletion wanted it.</summary>
internal static class Garbage
{
    /// <summary>Finalizer: the owner goes after what it owns.</summary>
    public const string Foreground = "foregroundDeletion";

    /// <summary>Finalizer: what it owns stays, without an owner.</summary>
    public const string Orphan = "orphan";

    /// <summary>Looks at what a change leaves to clear away.</summary>
    public static void Collect(ClusterState state, ResourceKind kind, Event happened)
    {
        var stored = happened.Object;
        if (happened.Type == "DELETED")
        {
            foreach (var (ownedKind, owned) in state.Storage.OwnedBy(stored.Uid))
                ControllerLoop.Remove(state, ownedKind, owned);
            foreach (var (ownerKind, owner) in stored.Owners.Select(state.Storage.Find).OfType<(ResourceKind, StoredObject)>().Where(entry => Holds(entry.Item2, Foreground)))
                FinishForeground(state, ownerKind, owner);
            return;
        }

        if (Holds(stored, Foreground))
        {
            foreach (var (ownedKind, owned) in state.Storage.OwnedBy(stored.Uid).Where(entry => !entry.Object.IsDeleting))
                ControllerLoop.Remove(state, ownedKind, owned);
            FinishForeground(state, kind, stored);
        }
        else if (Holds(stored, Orphan))
        {
            foreach (var (ownedKind, owned) in state.Storage.OwnedBy(stored.Uid))
                Disown(state, ownedKind, owned, stored.Uid);
            Unhold(state, kind, stored, Orphan);
        }

        RemoveOrphan(state, kind, stored);
    }

    private static bool Holds(StoredObject stored, string finalizer) =>
        stored.IsDeleting && (stored.Metadata["finalizers"] as JsonArray ?? []).Any(one => one!.GetValue<string>() == finalizer);

    /// <summary>Removes an object whose owners are all gone already.</summary>
    private static void RemoveOrphan(ClusterState state, ResourceKind kind, StoredObject stored)
    {
        if (stored.Owners.Count > 0 && stored.Owners.All(owner => state.Storage.Find(owner) is null))
            ControllerLoop.Remove(state, kind, stored);
    }

    private static void FinishForeground(ClusterState state, ResourceKind kind, StoredObject owner)
    {
        if (!state.Storage.OwnedBy(owner.Uid).Any(entry => Blocks(entry.Object, owner.Uid)))
            Unhold(state, kind, owner, Foreground);
    }

    private static bool Blocks(StoredObject owned, string uid) => (owned.Metadata["ownerReferences"] as JsonArray ?? [])
        .Any(owner => owner!["uid"]!.GetValue<string>() == uid && owner["blockOwnerDeletion"]?.GetValue<bool>() == true);

    private static void Disown(ClusterState state, ResourceKind kind, StoredObject owned, string uid) =>
        ControllerLoop.TryWrite(state, kind, owned, (before, version) =>
        {
            var next = before.Copy();
            var metadata = next["metadata"]!.AsObject();
            metadata["ownerReferences"] = new JsonArray([.. metadata["ownerReferences"]!.AsArray().Where(owner => owner!["uid"]!.GetValue<string>() != uid).Select(owner => owner!.DeepClone())]);
            if (metadata["ownerReferences"]!.AsArray().Count == 0)
                metadata.Remove("ownerReferences");
            metadata["resourceVersion"] = version;
            return new(next);
        });

    private static void Unhold(ClusterState state, ResourceKind kind, StoredObject stored, string finalizer) =>
        ControllerLoop.TryWrite(state, kind, stored, (before, version) =>
        {
            if (!Holds(before, finalizer))
                return before;
            var next = before.Copy();
            var metadata = next["metadata"]!.AsObject();
            var rest = metadata["finalizers"]!.AsArray().Where(one => one!.GetValue<string>() != finalizer).Select(one => one!.DeepClone()).ToArray();
            if (rest.Length == 0)
                return null;
            metadata["finalizers"] = new JsonArray(rest);
            metadata["resourceVersion"] = version;
            return new(next);
        });
}
