using System.Threading.Channels;

namespace IoFog.Operator.Local.Cluster;

/// <summary>All objects and their recent history, with one growing version for all.</summary>
internal sealed class Storage(int historySize)
{
    private readonly Lock gate = new();
    private readonly Dictionary<ResourceKind, Collection> collections = [];
    private readonly Dictionary<string, (ResourceKind Kind, Key Key)> places = [];
    private readonly Dictionary<string, HashSet<string>> ownedBy = [];
    private long version = 1;

    /// <summary>Told after every change, outside of the lock.</summary>
    public event Action<ResourceKind, Event>? Changed;

    public long Version
    {
        get
        {
            lock (gate)
                return version;
        }
    }

    public StoredObject? Find(ResourceKind kind, string @namespace, string name)
    {
        lock (gate)
            return Of(kind).Objects.GetValueOrDefault(new(@namespace, name));
    }

    /// <summary>All objects of a kind by namespace and name, and the version of this view.</summary>
    public (IReadOnlyList<StoredObject> Objects, long Version) List(ResourceKind kind, string? @namespace)
    {
        lock (gate)
        {
            var objects = Of(kind).Objects.Values.Where(stored => @namespace is null || stored.Namespace == @namespace);
            return ([.. objects], version);
        }
    }

    public IReadOnlyList<(ResourceKind Kind, StoredObject Object)> Everything()
    {
        lock (gate)
            return [.. collections.SelectMany(collection => collection.Value.Objects.Values.Select(stored => (collection.Key, stored)))];
    }

    /// <summary>The object of this uid, of whatever kind.</summary>
    public (ResourceKind Kind, StoredObject Object)? Find(string uid)
    {
        lock (gate)
            return places.TryGetValue(uid, out var place) ? (place.Kind, Of(place.Kind).Objects[place.Key]) : null;
    }

    /// <summary>All objects that name this uid as an owner, in the order of their uids.</summary>
    public IReadOnlyList<(ResourceKind Kind, StoredObject Object)> OwnedBy(string uid)
    {
        lock (gate)
            return [.. ownedBy.GetValueOrDefault(uid, []).Order(StringComparer.Ordinal).Select(owned => Find(owned)!.Value)];
    }

    /// <summary>Changes one object, alone.</summary>
    /// <param name="change">From what is there (or null) and the next version to what shall be there (null to remove it); the same object for no change.</param>
    /// <returns>What is there now, or what was removed.</returns>
    public StoredObject Write(ResourceKind kind, string @namespace, string name, Func<StoredObject?, string, StoredObject?> change)
    {
        Event happened;
        lock (gate)
        {
            var collection = Of(kind);
            var key = new Key(@namespace, name);
            var before = collection.Objects.GetValueOrDefault(key);
            var after = change(before, $"{version + 1}");
            if (ReferenceEquals(before, after))
                return before!;
            version++;
            happened = new(version, before is null ? "ADDED" : after is null ? "DELETED" : "MODIFIED", after ?? Deleted(before!), before);
            if (after is null)
                collection.Objects.Remove(key);
            else
                collection.Objects[key] = after;
            Index(kind, key, before, after);
            collection.Append(happened, historySize);
        }

        Changed?.Invoke(kind, happened);
        return happened.Object;
    }

    /// <summary>Follows a kind from a version on.</summary>
    /// <returns>Null when the history does not reach back so far.</returns>
    public ChannelReader<Event>? Follow(ResourceKind kind, long from, CancellationToken cancellationToken)
    {
        var channel = Channel.CreateUnbounded<Event>(new() { SingleReader = true });
        lock (gate)
        {
            var collection = Of(kind);
            if (from < collection.Forgotten)
                return null;
            foreach (var happened in collection.History.Where(happened => happened.Version > from))
                channel.Writer.TryWrite(happened);
            collection.Followers.Add(channel.Writer);
        }

        cancellationToken.Register(() =>
        {
            lock (gate)
                Of(kind).Followers.Remove(channel.Writer);
            channel.Writer.TryComplete();
        });
        return channel.Reader;
    }

    private void Index(ResourceKind kind, Key key, StoredObject? before, StoredObject? after)
    {
        if (before is not null && before.Uid != after?.Uid)
            places.Remove(before.Uid);
        if (after is not null)
            places[after.Uid] = (kind, key);
        foreach (var owner in before?.Owners ?? [])
        {
            if (ownedBy[owner].Remove(before!.Uid) && ownedBy[owner].Count == 0)
                ownedBy.Remove(owner);
        }

        foreach (var owner in after?.Owners ?? [])
        {
            if (!ownedBy.TryGetValue(owner, out var all))
                ownedBy[owner] = all = [];
            all.Add(after!.Uid);
        }
    }

    private StoredObject Deleted(StoredObject last)
    {
        var content = last.Copy();
        content["metadata"]!["resourceVersion"] = $"{version}";
        return new(content);
    }

    private Collection Of(ResourceKind kind)
    {
        if (!collections.TryGetValue(kind, out var collection))
            collections[kind] = collection = new();
        return collection;
    }

    private readonly record struct Key(string Namespace, string Name) : IComparable<Key>
    {
        public int CompareTo(Key other) =>
            string.CompareOrdinal(Namespace, other.Namespace) is var order and not 0 ? order : string.CompareOrdinal(Name, other.Name);
    }

    private sealed class Collection
    {
        public SortedDictionary<Key, StoredObject> Objects { get; } = [];

        public Queue<Event> History { get; } = [];

        public HashSet<ChannelWriter<Event>> Followers { get; } = [];

        /// <summary>The newest version that the history has let go of.</summary>
        public long Forgotten { get; private set; }

        public void Append(Event happened, int size)
        {
            History.Enqueue(happened);
            while (History.Count > size)
                Forgotten = History.Dequeue().Version;
            foreach (var follower in Followers)
                follower.TryWrite(happened);
        }
    }
}

/// <summary>What the storage tells kinds apart by; versions of one kind share their objects.</summary>
internal readonly record struct ResourceKind(string Group, string Plural)
{
    // Both Event APIs show the same objects.
    public static ResourceKind Of(ResourceType type) => type == ResourceTypes.CoreEvent ? Of(ResourceTypes.Event) : new(type.Group, type.Plural);
}

/// <summary>One change of one object.</summary>
internal sealed record Event(long Version, string Type, StoredObject Object, StoredObject? Before);
