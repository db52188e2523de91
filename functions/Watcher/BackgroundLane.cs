namespace IoFog.Operator.Watcher;

/// <summary>
/// Retries and looks because of something seen go this way, so that no more than a few of them are in a queue before somebody's edit. Where
/// it is full, what has been due longest comes next.
/// </summary>
/// <param name="width">How many messages of a kind may be in it.</param>
internal sealed class BackgroundLane(int width)
{
    private readonly Dictionary<Kind, SortedSet<(DateTimeOffset Since, Guid Uid)>> held = [];
    private readonly Dictionary<Kind, int> inside = [];

    /// <summary>Those of which a row has ever had to wait.</summary>
    public IEnumerable<Kind> Kinds => held.Keys;

    /// <summary>Somebody waits who need not: those before have left without a turn.</summary>
    public bool HasRoomForSome
    {
        get
        {
            foreach (var (kind, waiting) in held)
            {
                if (waiting.Count > 0 && !IsFull(kind))
                    return true;
            }

            return false;
        }
    }

    public bool IsFull(Kind kind) => inside.GetValueOrDefault(kind) >= width;

    /// <summary>A message of this row is in the queue.</summary>
    public void Enter(Row row)
    {
        row.InBackgroundLane = true;
        inside[row.Kind] = inside.GetValueOrDefault(row.Kind) + 1;
    }

    /// <summary>It is no more.</summary>
    public void Leave(Row row)
    {
        if (!row.InBackgroundLane)
            return;
        row.InBackgroundLane = false;
        inside[row.Kind]--;
    }

    /// <summary>A row waits until there is room.</summary>
    public void Hold(Row row, DateTimeOffset now)
    {
        var since = row.Watched.NextReconcileTime is { } next && next < now ? next : now;
        if (!held.TryGetValue(row.Kind, out var waiting))
            held[row.Kind] = waiting = [];
        waiting.Add((since, row.Watched.Uid));
        row.HeldSince = since;
    }

    /// <summary>It does not wait any more.</summary>
    public void Unhold(Row row)
    {
        if (row.HeldSince is { } since)
            held[row.Kind].Remove((since, row.Watched.Uid));
        row.HeldSince = null;
    }

    /// <summary>Who has waited longest, if there is room now; does not wait any more.</summary>
    public bool TryTakeFirst(Kind kind, out Guid uid)
    {
        uid = default;
        if (IsFull(kind) || !held.TryGetValue(kind, out var waiting) || waiting.Count == 0)
            return false;
        var first = waiting.Min;
        waiting.Remove(first);
        uid = first.Uid;
        return true;
    }
}
