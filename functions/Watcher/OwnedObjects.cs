namespace IoFog.Operator.Watcher;

/// <summary>The versions of the Kubernetes objects that our objects own or refer to.</summary>
internal sealed class OwnedObjects
{
    private static readonly ulong None = Seen.Hash("none");

    /// <summary>Stands for the owner of what nobody owns: a Secret that specs refer to, a volume that outlives its control plane.</summary>
    public static readonly Guid Shared = Guid.Empty;

    private readonly Dictionary<Guid, (string Source, Guid Owner, ulong Version)> objects = [];
    private readonly Dictionary<Guid, ulong> combined = [];

    /// <summary>True once every list is there.</summary>
    public bool IsKnown { get; set; }

    /// <returns>The owners whose version changed.</returns>
    public IEnumerable<Guid> See(string source, Guid uid, Guid owner, ulong version)
    {
        var touched = new HashSet<Guid>();
        if (objects.Remove(uid, out var before))
        {
            Toggle(before.Owner, before.Version);
            touched.Add(before.Owner);
        }

        if (version != 0)
        {
            objects[uid] = (source, owner, version);
            Toggle(owner, version);
            touched.Add(owner);
        }

        return touched;
    }

    /// <returns>The owners of what is gone.</returns>
    public IEnumerable<Guid> Listed(string source, IReadOnlySet<Guid> present)
    {
        var gone = objects.Where(known => known.Value.Source == source && !present.Contains(known.Key)).Select(known => known.Key).ToArray();
        return gone.SelectMany(uid => See(source, uid, default, 0)).ToHashSet();
    }

    /// <summary>The combined version of what an object owns; 0 while that is unknown.</summary>
    public ulong VersionOf(Guid owner) =>
        !IsKnown ? 0 : (combined.GetValueOrDefault(owner) ^ combined.GetValueOrDefault(Shared)) is var version and not 0 ? version : None;

    // Exclusive or: the order in which objects come does not matter, and what goes takes itself away again.
    private void Toggle(Guid owner, ulong version)
    {
        var now = combined.GetValueOrDefault(owner) ^ version;
        if (now == 0)
            combined.Remove(owner);
        else
            combined[owner] = now;
    }
}
