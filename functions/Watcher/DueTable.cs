using IoFog.Operator.Changes;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Watcher;

/// <summary>
/// All that the watcher knows, and the only place that decides what is sent and when. It has no clock, no thread and no I/O of its own:
/// the loops tell it what they saw and ask what is due. Not safe for concurrent use; <see cref="Watching"/> guards it.
/// </summary>
internal sealed class DueTable
{
    /// <summary>Room that is kept for rows to look at, however many there were.</summary>
    private const int Kept = 1024;

    private readonly TableOptions options;
    private readonly RowIndex<Guid> rows = new(static row => row.Watched.Uid);
    private readonly RowIndex<(Kind Kind, ResourceKey Key)> byKey = new(static row => (row.Kind, row.Watched.Key));
    private readonly Surroundings surroundings;
    private readonly BackgroundLane lane;
    private readonly Waiters waiters = new();
    private readonly RowTimers timers = new();
    private readonly HashSet<Row> overdue = [];
    private readonly HashSet<Row> letGo = [];
    private readonly HashSet<Kind> listed = [];
    private readonly HashSet<Kind> current = [];
    private readonly HashSet<Kind> uncounted = [];
    private List<Row> dirty = [];
    private List<Row> looked = [];
    private DateTimeOffset? dirtySince;
    private DateTimeOffset since;

    public DueTable(TableOptions options)
    {
        this.options = options;
        surroundings = new(rows, byKey);
        lane = new(options.BackgroundLane);
        Population = new(rows);
    }

    /// <summary>How many objects there are, and in which state.</summary>
    public Population Population { get; }

    /// <summary>True when somebody waits for the Controller and has just begun to.</summary>
    public bool ControllerSuspected { get; private set; }

    /// <summary>Deleting objects that our finalizer holds.</summary>
    public IReadOnlyList<(Kind Kind, ResourceKey Key)> Held() =>
        [.. letGo.Select(row => (row.Kind, row.Watched.Key))];

    /// <summary>An object is there, or has changed.</summary>
    public void Observe(Kind kind, Watched watched, DateTimeOffset now)
    {
        if (byKey.TryGet((kind, watched.Key), out var row) && row.Watched.Uid != watched.Uid)
        {
            Remove(row);
            row = null;
        }

        if (row is null)
        {
            row = new(kind, watched) { ClaimSeenAt = now, LooksBefore = surroundings.Looks };
            rows.Add(row);
            Population.Enter(row);
            byKey.Add(row);
            Entries.Group(row);
            waiters.Add(row);
            MarkEach(Entries.Add(row));
        }
        else
        {
            var before = row.Watched;
            Measure(row, before, watched, now);
            if (before.Turn != watched.Turn)
                row.LooksBefore = surroundings.Looks;
            if (before.Turn != watched.Turn || before.ClaimTurn != watched.ClaimTurn)
                row.ClaimSeenAt = now;
            if (before.ObservedGeneration != watched.ObservedGeneration)
                row.InStorm = watched.ObservedGeneration - before.ObservedGeneration >= options.EditsOfAStorm;
            waiters.Remove(row);
            MarkEach(Entries.Remove(row));
            Population.Leave(row);
            row.Watched = watched;
            Population.Enter(row);
            Entries.Group(row);
            MarkEach(Entries.Add(row));
            waiters.Add(row);
            ControllerSuspected |= watched.WaitingFor == WaitingFor.Controller && before.WaitingFor != WaitingFor.Controller && surroundings.IsReachable;
        }

        if (watched is { Deleting: true, HasFinalizer: true })
            letGo.Add(row);
        else
            letGo.Remove(row);
        dirtySince ??= now;
        Mark(row);
        MarkEach(waiters.For(row));
    }

    /// <summary>An object is gone.</summary>
    public void Forget(Kind kind, ResourceKey key)
    {
        if (byKey.TryGet((kind, key), out var row))
            Remove(row);
    }

    /// <summary>A list is complete: what is not in it is gone, and sending may begin, or go on.</summary>
    /// <param name="queueIsEmpty">As of <see cref="Counted"/>; null where the storage has not answered yet, and nothing is sent until it has.</param>
    public void Listed(Kind kind, IReadOnlySet<Guid> present, bool? queueIsEmpty, DateTimeOffset now)
    {
        foreach (var row in rows.All.Where(row => row.Kind == kind && !present.Contains(row.Watched.Uid)).ToArray())
            Remove(row);
        current.Add(kind);
        uncounted.Add(kind);
        if (queueIsEmpty is { } isEmpty)
            Counted(kind, isEmpty, now);
    }

    /// <summary>Kinds that were listed, and nobody has looked yet whether their queue holds messages of an earlier watcher.</summary>
    public IReadOnlyCollection<Kind> NeedsCount => uncounted;

    /// <summary>Tells whether a queue was empty after the list.</summary>
    /// <param name="queueIsEmpty">False when messages of an earlier watcher may be there: what is due then counts as just sent.</param>
    public void Counted(Kind kind, bool queueIsEmpty, DateTimeOffset now)
    {
        if (!uncounted.Remove(kind))
            return;
        if (!queueIsEmpty)
        {
            foreach (var row in rows.All.Where(row => row.Kind == kind && row.SentTurn is null && IsDue(row, now) != DueReason.None))
                Assume(row, now);
        }

        MarkAll(kind);
        if (listed.Add(kind) && listed.Count == Kinds.All.Count)
            Population.Backlog.BecomeKnown();
    }

    /// <summary>The watcher's clock was set: what it measures by that clock moves along, so that no claim runs out early.</summary>
    public void ClockSet(TimeSpan by)
    {
        foreach (var row in rows.All)
        {
            row.ClaimSeenAt += by;
            if (row.SentTurn is not null)
                row.CheckAt += by;
            Mark(row);
        }
    }

    /// <summary>The API server is away: nothing of this kind is sent until the watch is open again.</summary>
    public void Lost(Kind kind) => current.Remove(kind);

    /// <summary>The watch is open again from where it was.</summary>
    public void Resumed(Kind kind)
    {
        if (current.Add(kind))
            MarkAll(kind);
    }

    /// <summary>A look at the Controller begins: what it will show is newer than every turn observed so far.</summary>
    public void LookBegins() => surroundings.LookBegins();

    /// <summary>What the Controller's list holds of a kind: hash of the entry's name → hash of its content.</summary>
    public void EntriesSeen(Kind kind, IReadOnlyDictionary<ulong, ulong> content)
    {
        var changed = Entries.See(kind, content);
        Shown(kind, changed);
        if (changed)
            MarkEach(waiters.For(kind));
    }

    /// <summary>The applications that objects are, or are part of, by their names in the Controller.</summary>
    public IReadOnlyList<string> Applications => Entries.Applications;

    /// <summary>Those of them with an object that is not Ready.</summary>
    public IReadOnlyList<string> ApplicationsInMotion =>
        [.. rows.All.Where(row => row.Group is not null && !row.Watched.Ready && !row.Watched.Paused).Select(row => row.Group!.Name).Distinct()];

    /// <summary>What the Controller holds of an application.</summary>
    public void ApplicationSeen(string name, ApplicationContent content)
    {
        if (Entries.FindGroup(name) is not { } group)
            return;
        var (changed, last) = (group.Content?.SameAs(content) != true, group.Shown);
        (group.Content, group.Shown) = (content, surroundings.Looks);
        foreach (var row in rows.All)
        {
            if (row.Group == group && (changed || row.LooksBefore >= last))
                Mark(row);
        }
    }

    /// <summary>What the Controller holds of an application is not to be had, and unknown until it is.</summary>
    public void ApplicationUnseen(string name)
    {
        if (Entries.FindGroup(name) is { } group)
            group.Content = null;
    }

    /// <summary>What the Controller holds of a kind is not to be had, and unknown until it is.</summary>
    public void EntriesUnseen(Kind kind) => Entries.Unsee(kind);

    /// <summary>The state of the Controller itself: whether its user signs in, and its default router.</summary>
    public void ControllerSeen(ulong state)
    {
        var changed = Entries.Controller != state;
        Entries.Controller = state;
        Shown(Kinds.ControlPlane, changed);
    }

    /// <summary>The lists are not to be had: nothing is known of entries until they are.</summary>
    public void EntriesLost() => Entries.Unsee();

    /// <summary>The Controller does not answer: nothing is known of entries until it does.</summary>
    /// <param name="withControlPlane">Nor is there a control plane that could bring one.</param>
    public void ControllerLost(bool withControlPlane = false)
    {
        surroundings.ControllerLost(withControlPlane);
        if (HasNoControlPlane)
            MarkDependents();
    }

    /// <summary>The Controller answers.</summary>
    /// <param name="epoch">Another number after each outage, never 0.</param>
    public void ControllerReached(ulong epoch)
    {
        ControllerSuspected = false;
        if (surroundings.ControllerReached(epoch))
            MarkEach(waiters.ForController());
    }

    /// <summary>An object that one of ours owns is there, has changed, or (version 0) is gone.</summary>
    public void OwnedSeen(string source, Guid uid, Guid owner, ulong version)
    {
        foreach (var changed in surroundings.Owned.See(source, uid, owner, version))
            OwnerChanged(changed);
    }

    /// <summary>A list of owned objects is complete.</summary>
    public void OwnedListed(string source, IReadOnlySet<Guid> present)
    {
        foreach (var changed in surroundings.Owned.Listed(source, present))
            OwnerChanged(changed);
    }

    private void OwnerChanged(Guid owner)
    {
        if (rows.TryGet(owner, out var row))
            Mark(row);
        else if (owner == OwnedObjects.Shared)
            MarkEach(rows.All.Where(other => Surroundings.HasOwned(other.Kind)));
    }

    /// <summary>All lists of owned objects are there, so that what is not known does not exist.</summary>
    public void OwnedKnown()
    {
        if (surroundings.Owned.IsKnown)
            return;
        surroundings.Owned.IsKnown = true;
        foreach (var row in rows.All.Where(row => Surroundings.HasOwned(row.Kind)))
            Mark(row);
    }

    /// <summary>What to send now. Each of them is outstanding from here on; tell <see cref="Sent"/> or <see cref="NotSent"/>.</summary>
    public IReadOnlyList<Send> TakeDue(DateTimeOffset now)
    {
        Ripen(now);
        if (dirty.Count == 0 && !lane.HasRoomForSome)
            return [];
        var sends = new List<Send>();
        (dirty, looked) = (looked, dirty);
        foreach (var row in looked)
            row.IsDirty = false;
        since = dirtySince ?? now;
        dirtySince = null;
        foreach (var row in looked)
            Look(row, now, sends);
        looked.Clear();
        looked.Capacity = Math.Min(looked.Capacity, Kept); // a storm leaves nothing behind
        foreach (var kind in lane.Kinds)
            Release(kind, now, sends);
        return sends;
    }

    /// <summary>When to call <see cref="TakeDue"/> or <see cref="NeedsCheck"/> next, if nothing is observed before; null when never.</summary>
    public DateTimeOffset? NextTimer => dirty.Count > 0 ? DateTimeOffset.MinValue : timers.Next;

    /// <summary>A message was put.</summary>
    /// <param name="putAt">By the storage account's clock.</param>
    public static void Sent(Send send, DateTimeOffset putAt)
    {
        if (!send.IsOutstanding)
            return;
        send.Row.PutAt = putAt;
        send.Row.InHand = false;
    }

    /// <summary>A message could not be put; the object stays due.</summary>
    public void NotSent(Send send, DateTimeOffset retryAt)
    {
        var row = send.Row;
        if (row.Gone || !send.IsOutstanding)
            return;
        Unsend(row);
        row.Sends = Math.Max(0, row.Sends - 1);
        if (row.Sends == 0)
            row.SentAt = null;
        timers.Set(row, retryAt);
    }

    /// <summary>Kinds with a message that has been outstanding for so long that somebody should look at the head of the queue.</summary>
    public IReadOnlyList<Kind> NeedsCheck(DateTimeOffset now) =>
        [.. Overdue(now).Select(row => row.Kind).Distinct()];

    /// <summary>Tells what the head of a queue is.</summary>
    /// <param name="oldest">When the oldest visible message was put; null when none is visible.</param>
    public void Checked(Kind kind, DateTimeOffset? oldest, DateTimeOffset now)
    {
        foreach (var row in Overdue(now).Where(row => row.Kind == kind).ToArray())
        {
            overdue.Remove(row);
            if (oldest <= row.PutAt)
            {
                // Ours may still be behind that head.
                row.CheckAt = now + Interval(row);
                timers.Set(row, row.CheckAt);
            }
            else
            {
                // Send again: forget that one is outstanding, but not how many there were.
                Unsend(row);
                Mark(row);
            }
        }
    }

    private void Unsend(Row row)
    {
        lane.Leave(row);
        row.SentTurn = null;
        row.InHand = false;
        overdue.Remove(row);
    }

    private Entries Entries => surroundings.Entries;

    private bool MaySend(Kind kind) => current.Contains(kind) && !uncounted.Contains(kind);

    /// <summary>Rows whose turn is newer than the last look learn only now what that turn left.</summary>
    private void Shown(Kind kind, bool changed)
    {
        var last = surroundings.Show(kind);
        foreach (var row in rows.All)
        {
            if (row.Kind == kind && (changed || row.LooksBefore >= last))
                Mark(row);
        }
    }

    private void Look(Row row, DateTimeOffset now, List<Send> sends)
    {
        if (row.Gone)
            return;
        Decide(row, now, sends);
        Population.CountWork(row);
        row.Rest();
    }

    private void Decide(Row row, DateTimeOffset now, List<Send> sends)
    {
        var watched = row.Watched;
        if (row.SentTurn is { } sent && sent != watched.Turn)
        {
            Unsend(row);
            row.Sends = 0;
        }

        if (row.SentTurn is not null)
        {
            if (row.CheckAt > now)
                timers.Set(row, row.CheckAt);
            else
                overdue.Add(row); // NeedsCheck names its kind
            return;
        }

        lane.Unhold(row);
        if (watched.ClaimTurn != 0)
        {
            var runsOut = row.ClaimSeenAt + Claim.TimeToLive;
            if (runsOut > now)
                timers.Set(row, runsOut);
            else if (MaySend(row.Kind))
                sends.Add(Make(row, DueReason.Takeover, now));
            return;
        }

        var reason = IsDue(row, now);
        if (reason == DueReason.None)
        {
            row.SentAt = null;
            if (watched.NextReconcileTime is { } next && next > now && !(watched.Paused && !watched.Deleting))
                timers.Set(row, next);
            return;
        }

        if (reason == DueReason.Spec && CalmOf(row) is var calm && calm > now)
        {
            row.SentAt ??= now;
            timers.Set(row, calm);
            return;
        }

        if (!MaySend(row.Kind))
            return; // Resumed or Counted looks at it again
        if (reason.IsBackground() && lane.IsFull(row.Kind))
            lane.Hold(row, now);
        else
            sends.Add(Make(row, reason, now));
    }

    // Who edited several times between two turns, or within one, goes on editing, and is not followed step by step.
    private DateTimeOffset CalmOf(Row row) =>
        row.Watched is { Turn: > 0, Deleting: false } watched && (row.InStorm || watched.Generation - watched.ObservedGeneration >= options.EditsOfAStorm)
            ? row.ClaimSeenAt + options.CalmAfterTurn
            : default;

    private DueReason IsDue(Row row, DateTimeOffset now) => Due.Evaluate(row.Watched, SeenOf(row), now);

    private Seen SeenOf(Row row) => surroundings.Of(row, HasNoControlPlane);

    private Send Make(Row row, DueReason reason, DateTimeOffset now)
    {
        var watched = row.Watched;
        var again = row.Sends > 0;
        row.SentTurn = watched.Turn;
        row.SentAt ??= now;
        row.InHand = true;
        row.PutAt = now;
        row.CheckAt = now + Interval(row);
        if (reason.IsBackground())
            lane.Enter(row);

        var change = new Change
        {
            Kind = row.Kind,
            Key = watched.Key,
            Uid = watched.Uid,
            Reason = reason,
            Seen = SeenOf(row),
            Turn = reason == DueReason.Takeover ? watched.ClaimTurn : watched.Turn,
            Number = row.Sends,
            Time = now,
        };
        row.Sends++;
        timers.Set(row, row.CheckAt);
        return new(row, change, watched.Turn, again, since);
    }

    /// <summary>Takes what an earlier watcher may have sent for granted, for a short time.</summary>
    private void Assume(Row row, DateTimeOffset now)
    {
        row.SentTurn = row.Watched.Turn;
        row.PutAt = now;
        row.CheckAt = now + options.CheckAfterList;
        timers.Set(row, row.CheckAt);
        Population.CountWork(row);
    }

    /// <summary>What the turn of an object tells of the change before it.</summary>
    private static void Measure(Row row, Watched before, Watched after, DateTimeOffset now)
    {
        if (before.Turn == after.Turn)
            return;
        var metrics = Metrics.Of(row.Kind);
        if (before.ClaimTurn == 0 && row.SentAt is { } waiting)
            metrics.Begun(now - waiting);
        if (before.ClaimTurn != 0)
            metrics.Worked(now - row.ClaimSeenAt);
        if (after.ClaimTurn != 0)
            return;
        if (row.SentAt is { } sent)
            metrics.Answered(now - sent);
        row.SentAt = null;
        metrics.Ended(TurnResult.Of(after, now));
    }

    private TimeSpan Interval(Row row)
    {
        var doublings = Math.Clamp(row.Sends - options.ResendsBeforeDoubling, 0, 10);
        var interval = options.ResendAfter * Math.Pow(2, doublings);
        return (interval < options.LongestResend ? interval : options.LongestResend) * options.Jitter();
    }

    /// <summary>Fills the background lane, what has been due longest first.</summary>
    private void Release(Kind kind, DateTimeOffset now, List<Send> sends)
    {
        while (MaySend(kind) && lane.TryTakeFirst(kind, out var uid))
        {
            if (!rows.TryGet(uid, out var row))
                continue;
            row.HeldSince = null;
            Look(row, now, sends);
        }
    }

    /// <summary>The control planes are listed, and there is none.</summary>
    public bool HasNoControlPlane => Population.Count(Kinds.ControlPlane) == 0 && current.Contains(Kinds.ControlPlane);

    private void MarkDependents() => MarkEach(rows.All.Where(row => row.Kind.Entry is not null));

    private void MarkAll(Kind kind) => MarkEach(rows.All.Where(row => row.Kind == kind));

    private void MarkEach(IEnumerable<Row> all)
    {
        foreach (var row in all)
            Mark(row);
    }

    private void Mark(Row row)
    {
        if (row.IsDirty || row.Gone)
            return;
        row.IsDirty = true;
        dirty.Add(row);
    }

    /// <summary>Times that have come.</summary>
    private void Ripen(DateTimeOffset now)
    {
        while (timers.TryTake(now, out var row))
        {
            if (row.SentTurn is not null && row.CheckAt <= now)
                overdue.Add(row);
            Mark(row);
        }
    }

    private IEnumerable<Row> Overdue(DateTimeOffset now)
    {
        Ripen(now);
        overdue.RemoveWhere(row => row.Gone || row.SentTurn is null || row.CheckAt > now);
        return overdue.Where(row => !row.InHand && MaySend(row.Kind));
    }

    private void Remove(Row row)
    {
        lane.Unhold(row);
        lane.Leave(row);
        waiters.Remove(row);
        if (row.Watched.Deleting && row.SentAt is not null)
            Metrics.Of(row.Kind).Ended(TurnResult.Success);
        row.Gone = true;
        Population.CountWork(row);
        Population.Leave(row);
        Entries.Group(row);
        rows.Remove(row);
        byKey.Remove(row);
        letGo.Remove(row);
        overdue.Remove(row);
        MarkEach(Entries.Remove(row));
        MarkEach(waiters.For(row));
        if (row.Kind == Kinds.ControlPlane && HasNoControlPlane)
            MarkDependents();
    }
}
