using System.Diagnostics.CodeAnalysis;

namespace IoFog.Operator.Watcher;

/// <summary>When rows are to be looked at again.</summary>
internal sealed class RowTimers
{
    /// <summary>Room that is kept, however many there were.</summary>
    private const int Kept = 1024;

    private readonly PriorityQueue<Row, DateTimeOffset> timers = new();

    /// <summary>The first of them, which may be of a row that has left; null when there is none.</summary>
    public DateTimeOffset? Next => timers.TryPeek(out _, out var at) ? at : null;

    /// <summary>Sets one, unless an earlier one of this row is set: when that comes, the row is looked at and sets the next.</summary>
    public void Set(Row row, DateTimeOffset at)
    {
        if (row.Timer is { } earlier && earlier <= at)
            return;
        row.Timer = at;
        timers.Enqueue(row, at);
    }

    /// <summary>A row whose time has come; false when none is left.</summary>
    public bool TryTake(DateTimeOffset now, [MaybeNullWhen(false)] out Row row)
    {
        while (timers.TryPeek(out row, out var at) && at <= now)
        {
            timers.Dequeue();
            if (row.Gone)
                continue;
            if (row.Timer == at)
                row.Timer = null;
            return true;
        }

        row = null;
        if (timers.Count < Kept && timers.EnsureCapacity(0) > Kept * 2)
            timers.TrimExcess(); // a storm leaves nothing behind
        return false;
    }
}
