namespace IoFog.Operator.Watcher;

/// <summary>What the Controller holds for our objects, and which object each entry belongs to.</summary>
internal sealed class Entries
{
    private static readonly ulong Absent = Seen.Hash("absent");

    private readonly Dictionary<Kind, IReadOnlyDictionary<ulong, ulong>> content = [];
    private readonly Dictionary<ulong, List<Row>> claimants = [];

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

    public void Unsee() => content.Clear();

    /// <summary>Hash of the entry's content; of a missing entry a constant; 0 while the list is unknown.</summary>
    public ulong ContentOf(Row row) =>
        row.Kind.Entry is null ? Controller :
        row.Watched.Entry == 0 || !content.TryGetValue(row.Kind, out var known) ? 0
        : known.TryGetValue(row.Watched.Entry, out var hash) ? hash
        : Absent;

    /// <summary>
    /// The hash of the owner's uid where objects compete for one entry, or have: the first by creation, then by uid.
    /// 0 where there was never a competitor.
    /// </summary>
    public ulong OwnerOf(Row row)
    {
        if (row.Watched.Entry == 0 || !claimants.TryGetValue(row.Watched.Entry, out var all))
            return 0;
        if (all.Count == 1 && row.Watched.Seen.Owner == 0)
            return 0;
        var owner = all.MinBy(claimant => (claimant.Watched.Created, claimant.Watched.Uid))!;
        return Seen.Hash(owner.Watched.Uid.ToString("D"));
    }

    /// <returns>The other claimants, to be looked at again.</returns>
    public IEnumerable<Row> Add(Row row)
    {
        if (row.Watched.Entry == 0)
            return [];
        if (!claimants.TryGetValue(row.Watched.Entry, out var all))
            claimants[row.Watched.Entry] = all = new(1);
        all.Add(row);
        return all.Count > 1 ? all : [];
    }

    /// <inheritdoc cref="Add"/>
    public IEnumerable<Row> Remove(Row row)
    {
        if (row.Watched.Entry == 0 || !claimants.TryGetValue(row.Watched.Entry, out var all))
            return [];
        all.Remove(row);
        if (all.Count == 0)
            claimants.Remove(row.Watched.Entry);
        return all;
    }
}
