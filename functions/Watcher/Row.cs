namespace IoFog.Operator.Watcher;

/// <summary>What the table holds of one object.</summary>
internal sealed class Row(Kind kind, Watched watched)
{
    public Kind Kind => kind;

    public Watched Watched { get; set; } = watched;

    /// <summary>The turn for which a message is outstanding; none when null.</summary>
    public long? SentTurn { get; set; }

    /// <summary>Messages sent for <see cref="SentTurn"/>.</summary>
    public int Sends { get; set; }

    /// <summary>When the change was sent that the next turn answers; null when none was.</summary>
    public DateTimeOffset? SentAt { get; set; }

    /// <summary>When the last one was put, by the storage account's clock.</summary>
    public DateTimeOffset PutAt { get; set; }

    /// <summary>When to check whether that message is still there.</summary>
    public DateTimeOffset CheckAt { get; set; }

    /// <summary>The outstanding message counts against the background lane.</summary>
    public bool InBackgroundLane { get; set; }

    /// <summary>When this watcher first saw the claim that is there now.</summary>
    public DateTimeOffset ClaimSeenAt { get; set; }

    /// <summary>Since when the row waits for a place in the background lane; null when it does not.</summary>
    public DateTimeOffset? HeldSince { get; set; }

    /// <summary>How many looks at the Controller had begun when this turn was observed: only later ones show what the turn left there.</summary>
    public long LooksBefore { get; set; }

    /// <summary>Counted in <see cref="DueTable.Backlog"/>.</summary>
    public bool InWork { get; set; }

    /// <summary>The application that the object's entry is or is part of; null for kinds that have none.</summary>
    public ApplicationGroup? Group { get; set; }

    /// <summary>Set once the row left the table: timers that still name it do nothing.</summary>
    public bool Gone { get; set; }

    /// <summary>The earliest timer that is set for this row, so that each row has few of them.</summary>
    public DateTimeOffset? Timer { get; set; }
}
