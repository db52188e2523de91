namespace IoFog.Operator.Watcher;

/// <summary>What the table holds of one object. At rest it is small: what belongs to a change is held only while there is one.</summary>
internal sealed class Row(Kind kind, Watched watched)
{
    private OfTheChange? change;
    private long claimSeenAt;
    private long timer;

    public Kind Kind => kind;

    public Watched Watched { get; set; } = watched;

    /// <summary>The turn for which a message is outstanding; none when null.</summary>
    public long? SentTurn
    {
        get => change?.SentTurn;
        set
        {
            if (value is not null || change is not null)
                (change ??= new()).SentTurn = value;
        }
    }

    /// <summary>Messages sent for <see cref="SentTurn"/>.</summary>
    public int Sends
    {
        get => change?.Sends ?? 0;
        set
        {
            if (value != 0 || change is not null)
                (change ??= new()).Sends = value;
        }
    }

    /// <summary>When the change was sent that the next turn answers; null when none was.</summary>
    public DateTimeOffset? SentAt
    {
        get => change?.SentAt;
        set
        {
            if (value is not null || change is not null)
                (change ??= new()).SentAt = value;
        }
    }

    /// <summary>The last one is on its way to the storage: until that has answered nobody can say that it is lost.</summary>
    public bool InHand
    {
        get => change?.InHand ?? false;
        set
        {
            if (value || change is not null)
                (change ??= new()).InHand = value;
        }
    }

    /// <summary>When the last one was put, by the storage account's clock.</summary>
    public DateTimeOffset PutAt
    {
        get => change?.PutAt ?? default;
        set => (change ??= new()).PutAt = value;
    }

    /// <summary>When to check whether that message is still there.</summary>
    public DateTimeOffset CheckAt
    {
        get => change?.CheckAt ?? default;
        set => (change ??= new()).CheckAt = value;
    }

    /// <summary>Since when the row waits for a place in the background lane; null when it does not.</summary>
    public DateTimeOffset? HeldSince
    {
        get => change?.HeldSince;
        set
        {
            if (value is not null || change is not null)
                (change ??= new()).HeldSince = value;
        }
    }

    /// <summary>When this watcher first saw the claim that is there now, or that the last one is gone.</summary>
    public DateTimeOffset ClaimSeenAt
    {
        get => new(claimSeenAt, TimeSpan.Zero);
        set => claimSeenAt = value.UtcTicks;
    }

    /// <summary>The earliest timer that is set for this row, so that each row has few of them.</summary>
    public DateTimeOffset? Timer
    {
        get => timer == 0 ? null : new(timer, TimeSpan.Zero);
        set => timer = value?.UtcTicks ?? 0;
    }

    /// <summary>How many looks at the Controller had begun when this turn was observed: only later ones show what the turn left there.</summary>
    public int LooksBefore { get; set; }

    /// <summary>The outstanding message counts against the background lane.</summary>
    public bool InBackgroundLane { get; set; }

    /// <summary>Counted in <see cref="Population.Backlog"/>.</summary>
    public bool InWork { get; set; }

    /// <summary>The application that the object's entry is or is part of; null for kinds that have none.</summary>
    public ApplicationGroup? Group { get; set; }

    /// <summary>The last turn answered many edits at once.</summary>
    public bool InStorm { get; set; }

    /// <summary>To be looked at.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Set once the row left the table: timers that still name it do nothing.</summary>
    public bool Gone { get; set; }

    /// <summary>Forgets the change, if nothing of it is left to remember.</summary>
    public void Rest()
    {
        if (change is { SentTurn: null, Sends: 0, SentAt: null, HeldSince: null })
            change = null;
    }

    private sealed class OfTheChange
    {
        public long? SentTurn { get; set; }

        public int Sends { get; set; }

        public DateTimeOffset? SentAt { get; set; }

        public DateTimeOffset PutAt { get; set; }

        public DateTimeOffset CheckAt { get; set; }

        public DateTimeOffset? HeldSince { get; set; }

        public bool InHand { get; set; }
    }
}
