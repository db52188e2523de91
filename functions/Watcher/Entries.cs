using System.Buffers.Binary;
using System.IO.Hashing;

namespace IoFog.Operator.Watcher;

/// <summary>What the Controller holds for our objects, and which object each entry belongs to.</summary>
internal sealed class Entries
{
    private static readonly ulong Absent = Seen.Hash("absent");
    private static readonly ulong Alone = Seen.Hash("alone");

    private readonly Dictionary<Kind, IReadOnlyDictionary<ulong, ulong>> content = [];
    private readonly Claimants claimants = new();
    private readonly Dictionary<string, ApplicationGroup> groups = new(StringComparer.Ordinal);

    /// <summary>The names of the applications that objects are, or are part of.</summary>
    public IReadOnlyList<string> Applications => [.. groups.Keys];

    /// <returns>True when something differs from what was seen before.</returns>
    public bool See(Kind kind, IReadOnlyDictionary<ulong, ulong> now)
    {
        var changed = !content.TryGetValue(kind, out var before) || before.Count != now.Count
            || now.Any(entry => !before.TryGetValue(entry.Key, out var old) || old != entry.Value);
        content[kind] = now;
        return changed;
    }

    /// <summary>Hash of the Controller's own state, for the kind that stands for it; 0 while it is unknown.</summary>
    public ulong Controller { get; set; }

    public void Unsee(Kind kind) => content.Remove(kind);

    public void Unsee()
    {
        content.Clear();
        foreach (var group in groups.Values)
            group.Content = null;
    }

    /// <summary>Hash of the entry's content; of a missing entry a constant; 0 while it is unknown.</summary>
    public ulong ContentOf(Row row)
    {
        if (row.Kind.Entry is null)
            return Controller;
        if (row.Watched.Entry == 0)
            return 0;
        if (row.Group is { } group)
            return group.Content is null ? 0 : row.Kind == Kinds.Application ? ContentOf(row.Watched, group.Content) : group.Content.Entries.GetValueOrDefault(row.Watched.Entry, Absent);
        return !content.TryGetValue(row.Kind, out var known) ? 0 : known.GetValueOrDefault(row.Watched.Entry, Absent);
    }

    /// <summary>
    /// The hash of the owner's uid where objects compete for one entry, or have: the first by creation, then by uid.
    /// 0 where there was never a competitor.
    /// </summary>
    public ulong OwnerOf(Row row)
    {
        if (KeyOf(row) is not (not 0 and var key))
            return 0;
        var several = claimants.SeveralOf(key);
        if (several is null && row.Watched.Seen.Owner == 0)
            return 0;
        return Seen.Hash((several is null ? row : Owner(several)).Watched.Uid.ToString("D"));
    }

    /// <summary>
    /// Of an application: hash of who owns those of its declared microservices and routes that an object of their own stands for as well.
    /// 0 where there was never one.
    /// </summary>
    public ulong ChildOwnersOf(Row row)
    {
        var hash = 0UL;
        foreach (var child in row.Watched.Children ?? [])
        {
            if (claimants.SeveralOf(child) is { } all)
                hash ^= Mix(child, Seen.Hash(Owner(all).Watched.Uid.ToString("D")));
        }

        return hash != 0 ? hash : row.Kind == Kinds.Application && row.Watched.Seen.Owned != 0 ? Alone : 0;
    }

    /// <summary>The hashes of what names the entries that a row claims.</summary>
    public static IEnumerable<ulong> ClaimedBy(Row row) =>
        KeyOf(row) is not (not 0 and var key) ? [] : row.Watched.Children is { } children ? [key, .. children] : [key];

    /// <summary>The first by creation of those that claim an entry and fulfil a condition.</summary>
    public Row? Find(ulong entry, Func<Row, bool> condition) =>
        claimants.Of(entry).Where(condition).ToArray() is { Length: > 0 } some ? Owner(some) : null;

    /// <summary>Hash of what the Controller holds of an entry that no object stands for, as somebody else made it; 0 while there is none.</summary>
    /// <param name="kind">Of the entry.</param>
    /// <param name="entry">Hash of what names it.</param>
    /// <param name="group">Of who asks: what is inside of an application is asked for from inside of it.</param>
    public ulong UnclaimedContentOf(Kind kind, ulong entry, ApplicationGroup? group) =>
        claimants.Of(entry).Count > 0 ? 0
        : kind == Kinds.Application ? group?.Content?.Own ?? 0
        : kind.Entry is { List: null } ? group?.Content?.Entries.GetValueOrDefault(entry) ?? 0
        : content.GetValueOrDefault(kind)?.GetValueOrDefault(entry) ?? 0;

    /// <returns>The other claimants, to be looked at again.</returns>
    public IReadOnlyCollection<Row> Add(Row row)
    {
        HashSet<Row>? others = null;
        foreach (var entry in ClaimedBy(row))
        {
            if (claimants.Add(entry, row) is { Count: > 0 } all)
                (others ??= []).UnionWith(all);
        }

        return others ?? (IReadOnlyCollection<Row>)[];
    }

    /// <inheritdoc cref="Add"/>
    public IReadOnlyCollection<Row> Remove(Row row)
    {
        HashSet<Row>? others = null;
        foreach (var entry in ClaimedBy(row))
        {
            if (claimants.Remove(entry, row) is { Count: > 0 } left)
                (others ??= []).UnionWith(left);
        }

        return others ?? (IReadOnlyCollection<Row>)[];
    }

    /// <summary>Puts a row with the others of its application, and a row that is gone with none.</summary>
    public void Group(Row row)
    {
        var name = row.Gone ? null : row.Watched.Application;
        if (row.Group?.Name != name)
        {
            if (row.Group is { } left && --left.Members == 0)
                groups.Remove(left.Name);
            row.Group = name is null ? null : groups.GetValueOrDefault(name) ?? (groups[name] = new(name));
            if (row.Group is not null)
                row.Group.Members++;
        }

        if (row.Group is not null)
            row.Watched.Application = row.Group.Name;
    }

    public ApplicationGroup? FindGroup(string name) => groups.GetValueOrDefault(name);

    // Control planes have no entry; they compete for their namespace.
    private static ulong KeyOf(Row row) => row.Kind == Kinds.ControlPlane ? Seen.Hash($"{row.Kind} of {row.Watched.Key.Namespace}") : row.Watched.Entry;

    private static Row Owner(IEnumerable<Row> all) => all.MinBy(claimant => (claimant.Watched.Created, claimant.Watched.Uid))!;

    // What others have put into the application does not count, except where a template says what is in it.
    private static ulong ContentOf(Watched watched, ApplicationContent content)
    {
        if (content.Own == 0)
            return Absent;
        var hash = content.Own;
        foreach (var entry in watched.FromTemplate ? content.Entries.Keys : watched.Children ?? [])
            hash ^= Mix(entry, content.Entries.GetValueOrDefault(entry, Absent));
        return hash != 0 ? hash : 1;
    }

    private static ulong Mix(ulong one, ulong other)
    {
        Span<byte> both = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(both, one);
        BinaryPrimitives.WriteUInt64LittleEndian(both[8..], other);
        return XxHash64.HashToUInt64(both);
    }
}
