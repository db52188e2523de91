using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Watcher;

/// <summary>Who waits for what, as <c>status.waitingFor</c> names it.</summary>
internal sealed class Waiters
{
    private readonly Dictionary<(string Namespace, string WaitingFor), HashSet<Row>> byName = [];
    private readonly Dictionary<ulong, HashSet<Row>> byEntry = [];

    public void Add(Row row)
    {
        if (row.Watched.WaitingFor is not { } waitingFor)
            return;
        Add(byName, (row.Watched.Key.Namespace, waitingFor), row);
        Add(byEntry, Seen.Hash(waitingFor), row);
    }

    /// <summary>To be called before what it waits for changes.</summary>
    public void Remove(Row row)
    {
        if (row.Watched.WaitingFor is not { } waitingFor)
            return;
        Remove(byName, (row.Watched.Key.Namespace, waitingFor), row);
        Remove(byEntry, Seen.Hash(waitingFor), row);
    }

    /// <summary>Those that wait for an object, by its name or by an entry that it stands for, or for any object of its kind.</summary>
    public IEnumerable<Row> For(Row row) => byName.Count == 0 ? [] : Find(row);

    /// <summary>Those that wait for any object or entry of a kind.</summary>
    public IEnumerable<Row> For(Kind kind) =>
        byName.Where(waiting => WaitingFor.TryParse(waiting.Key.WaitingFor, out var awaited, out _) && awaited == kind).SelectMany(static waiting => waiting.Value);

    /// <summary>Those that wait for the Controller.</summary>
    public IEnumerable<Row> ForController() =>
        byName.Where(static waiting => waiting.Key.WaitingFor == WaitingFor.Controller).SelectMany(static waiting => waiting.Value);

    private IEnumerable<Row> Find(Row row)
    {
        var @namespace = row.Watched.Key.Namespace;
        return Of(byName, (@namespace, WaitingFor.On(row.Kind, row.Watched.Key.Name)))
            .Concat(Of(byName, (@namespace, row.Kind.Name)))
            .Concat(Entries.ClaimedBy(row).SelectMany(entry => Of(byEntry, entry)));
    }

    private static IEnumerable<Row> Of<TKey>(Dictionary<TKey, HashSet<Row>> waiting, TKey key)
        where TKey : notnull => waiting.TryGetValue(key, out var rows) ? rows : [];

    private static void Add<TKey>(Dictionary<TKey, HashSet<Row>> waiting, TKey key, Row row)
        where TKey : notnull
    {
        if (!waiting.TryGetValue(key, out var rows))
            waiting[key] = rows = [];
        rows.Add(row);
    }

    private static void Remove<TKey>(Dictionary<TKey, HashSet<Row>> waiting, TKey key, Row row)
        where TKey : notnull
    {
        if (waiting.TryGetValue(key, out var rows) && rows.Remove(row) && rows.Count == 0)
            waiting.Remove(key);
    }
}
