using IoFog.Operator.Watcher.Scaling;

namespace IoFog.Operator.Watcher;

/// <summary>How many objects there are of each kind, how many of them are Ready, and how many in work, and for how long.</summary>
/// <param name="rows">All of them.</param>
internal sealed class Population(RowIndex<Guid> rows)
{
    private readonly Dictionary<Kind, (int All, int Ready)> counts = [];

    /// <summary>How many objects are in work.</summary>
    public Backlog Backlog { get; } = new();

    public int Count(Kind kind) => counts.GetValueOrDefault(kind).All;

    public int CountReady(Kind kind) => counts.GetValueOrDefault(kind).Ready;

    /// <summary>One more, with what is known of it now.</summary>
    public void Enter(Row row) => Add(row, 1);

    /// <summary>One less; to be called before what is known of it changes.</summary>
    public void Leave(Row row) => Add(row, -1);

    /// <summary>An object is in work while a message of it is outstanding or waits for a place, or somebody holds a claim.</summary>
    public void CountWork(Row row)
    {
        // What could not be sent stays counted until it is looked at again: it is still due.
        var inWork = !row.Gone && (row.SentTurn is not null || row.HeldSince is not null || row.Watched.ClaimTurn != 0);
        if (inWork == row.InWork)
            return;
        row.InWork = inWork;
        Backlog.Add(row.Kind, inWork ? 1 : -1);
    }

    /// <summary>How long changes wait and claims last, at this moment.</summary>
    public (TimeSpan OldestChange, TimeSpan OldestClaim, TimeSpan AllClaims) AgesOf(Kind kind, DateTimeOffset now)
    {
        var (change, claim, claims) = (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        if (Backlog.Of(kind) == 0)
            return default;
        foreach (var row in rows.All)
        {
            if (row.Kind != kind || !row.InWork)
                continue;
            if (row.Watched.ClaimTurn != 0)
            {
                var age = now - row.ClaimSeenAt;
                claims += age;
                claim = age > claim ? age : claim;
            }
            else if (now - row.SentAt is { } age && age > change)
            {
                change = age;
            }
        }

        return (change, claim, claims);
    }

    private void Add(Row row, int by)
    {
        var (all, ready) = counts.GetValueOrDefault(row.Kind);
        counts[row.Kind] = (all + by, row.Watched.Ready ? ready + by : ready);
    }
}
