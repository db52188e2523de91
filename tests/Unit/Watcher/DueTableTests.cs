using IoFog.Operator.Reconciling;
using IoFog.Operator.Watcher;

namespace IoFog.Operator.Unit.Watcher;

public sealed class DueTableTests
{
    private static readonly HashSet<Guid> Nothing = [];

    private readonly DueTable table = new(new() { Jitter = static () => 1 });
    private DateTimeOffset now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    public DueTableTests() => table.Listed(Kinds.Agent, Nothing, queueIsEmpty: true, now);

    [Fact]
    public void Sends_a_new_object_once_until_its_turn_moves()
    {
        var agent = Agent("a");
        Observe(agent);
        Assert.Equal(DueReason.Spec, Assert.Single(Take()).Change.Reason);
        Observe(agent with { Generation = 2 });
        Observe(agent with { Generation = 3 });
        Assert.Empty(Take());
        Observe(agent with { Generation = 3, ObservedGeneration = 1, Turn = 1 });
        Assert.Equal(1, Assert.Single(Take()).Change.Turn);
    }

    [Fact]
    public void Sends_nothing_while_the_API_server_is_away()
    {
        table.Lost(Kinds.Agent);
        Observe(Agent("a"));
        Assert.Empty(Take());
        table.Resumed(Kinds.Agent);
        Assert.Single(Take());
    }

    [Fact]
    public void Comes_back_at_the_time_that_the_status_says()
    {
        Observe(Settled("a") with { NextReconcileTime = now.AddSeconds(30) });
        Assert.Empty(Take());
        Assert.Equal(now.AddSeconds(30), table.NextTimer);
        now = now.AddSeconds(30);
        Assert.Equal(DueReason.Retry, Assert.Single(Take()).Change.Reason);
    }

    [Fact]
    public void Sends_again_when_the_message_is_not_in_the_queue_any_more()
    {
        Observe(Agent("a"));
        var first = Assert.Single(Take());
        DueTable.Sent(first, now);
        now = now.AddSeconds(61);
        Assert.Empty(Take());
        Assert.Equal([Kinds.Agent], table.NeedsCheck(now));
        table.Checked(Kinds.Agent, first.Row.PutAt.AddSeconds(-1), now);
        Assert.Empty(Take()); // an older head: ours may be behind it
        now = now.AddSeconds(61);
        Assert.Empty(Take());
        table.Checked(Kinds.Agent, null, now);
        var again = Assert.Single(Take());
        Assert.True(again.Again);
        Assert.Equal(1, again.Change.Number);
    }

    [Fact]
    public void Waits_longer_between_resends_of_one_turn_after_the_fifth()
    {
        Observe(Agent("a"));
        var sent = Assert.Single(Take());
        for (var i = 0; i < 5; i++)
        {
            now = sent.Row.CheckAt;
            Assert.Empty(Take());
            table.Checked(Kinds.Agent, null, now);
            sent = Assert.Single(Take());
        }

        now = sent.Row.CheckAt;
        Assert.Empty(Take());
        table.Checked(Kinds.Agent, null, now);
        sent = Assert.Single(Take());
        Assert.Equal(TimeSpan.FromSeconds(120), sent.Row.CheckAt - now);
    }

    [Fact]
    public void Counts_what_an_earlier_watcher_may_have_sent_as_sent_for_a_moment()
    {
        var fresh = new DueTable(new() { Jitter = static () => 1 });
        var agent = Agent("a");
        fresh.Observe(Kinds.Agent, agent, now);
        fresh.Listed(Kinds.Agent, new HashSet<Guid> { agent.Uid }, queueIsEmpty: false, now);
        Assert.Empty(fresh.TakeDue(now));
        now = now.AddSeconds(5);
        Assert.Empty(fresh.TakeDue(now));
        Assert.Equal([Kinds.Agent], fresh.NeedsCheck(now));
        fresh.Checked(Kinds.Agent, null, now);
        Assert.Single(fresh.TakeDue(now));
    }

    [Fact]
    public void Leaves_a_claimed_object_alone_and_takes_a_claim_over_that_did_not_move()
    {
        Observe(Agent("a") with { Turn = 4, ClaimTurn = 4 });
        Assert.Empty(Take());
        now += Claim.TimeToLive;
        var takeover = Assert.Single(Take());
        Assert.Equal((DueReason.Takeover, 4L), (takeover.Change.Reason, takeover.Change.Turn));
        Assert.Empty(Take());
    }

    [Fact]
    public void Keeps_retries_out_of_the_way_of_people()
    {
        for (var i = 0; i < 300; i++)
            Observe(Settled($"r{i}") with { NextReconcileTime = now.AddSeconds(-i) });
        var sends = Take();
        Assert.Equal(256, sends.Count);
        Observe(Agent("edited"));
        Assert.Equal("edited", Assert.Single(Take()).Change.Key.Name);
        var done = sends[0].Row.Watched;
        Observe(done with { Turn = done.Turn + 1, NextReconcileTime = null });
        Assert.Equal(DueReason.Retry, Assert.Single(Take()).Change.Reason);
    }

    [Fact]
    public void Fills_the_lane_when_those_in_it_go_without_a_turn()
    {
        for (var i = 0; i < 300; i++)
            Observe(Settled($"r{i}") with { NextReconcileTime = now.AddSeconds(-i) });
        foreach (var send in Take())
            table.Forget(Kinds.Agent, send.Change.Key);
        Assert.Equal(44, Take().Count);
    }

    [Fact]
    public void Wakes_what_waits_the_moment_its_dependency_is_there()
    {
        var hub = Agent("hub") with { Turn = 1 };
        Observe(hub);
        Observe(Settled("edge") with { WaitingFor = "Agent/hub", NextReconcileTime = now.AddHours(1) });
        Assert.Equal("hub", Assert.Single(Take()).Change.Key.Name);
        Observe(hub with { Turn = 2, ObservedGeneration = 1, Synced = true });
        var woken = Assert.Single(Take()).Change;
        Assert.Equal(("edge", DueReason.Seen), (woken.Key.Name, woken.Reason));
        Assert.NotEqual(0UL, woken.Seen.Dependency);
    }

    [Fact]
    public void Gives_an_entry_to_the_object_that_was_first_and_to_the_next_when_that_goes()
    {
        var first = Settled("first") with { Entry = 7, Created = now };
        var second = Settled("second") with { Entry = 7, Created = now.AddSeconds(1) };
        Observe(first);
        Observe(second);
        var sends = Take();
        var owner = Seen.Hash(first.Uid.ToString("D"));
        Assert.All(sends, send => Assert.Equal(owner, send.Change.Seen.Owner));
        Observe(second with { Turn = second.Turn + 1, Seen = new() { Owner = owner } });
        Assert.Empty(Take());
        table.Forget(Kinds.Agent, first.Key);
        Assert.Equal(Seen.Hash(second.Uid.ToString("D")), Assert.Single(Take()).Change.Seen.Owner);
    }

    [Fact]
    public void Shows_a_turn_only_looks_at_the_Controller_that_began_after_it()
    {
        var agent = Settled("a") with { Entry = 7 };
        Observe(agent);
        table.LookBegins();
        Observe(agent with { Turn = agent.Turn + 1 });
        table.EntriesSeen(Kinds.Agent, new Dictionary<ulong, ulong> { [7] = 1 });
        Assert.Empty(Take());
        table.LookBegins();
        table.EntriesSeen(Kinds.Agent, new Dictionary<ulong, ulong> { [7] = 1 });
        Assert.Equal(1UL, Assert.Single(Take()).Change.Seen.Controller);
    }

    [Fact]
    public void What_worked_is_due_once_when_its_control_plane_goes()
    {
        var plane = Settled("iofog") with { Ready = true };
        table.Listed(Kinds.ControlPlane, Nothing, queueIsEmpty: true, now);
        table.Observe(Kinds.ControlPlane, plane, now);
        var agent = Settled("a") with { Entry = 7, Ready = true };
        Observe(agent);
        Observe(Settled("b") with { Entry = 8 }); // does not work, so it has nothing to lose
        Assert.Empty(Take());
        table.ControllerLost();
        table.Forget(Kinds.ControlPlane, plane.Key);
        var told = Assert.Single(Take()).Change;
        Assert.Equal(("a", DueReason.Seen), (told.Key.Name, told.Reason));
        Observe(agent with { Turn = 2, Ready = false, WaitingFor = "ControlPlane", NextReconcileTime = now.AddHours(1), Seen = told.Seen });
        Assert.Empty(Take());
        table.Observe(Kinds.ControlPlane, Settled("other") with { Ready = true }, now);
        Assert.Equal("a", Assert.Single(Take()).Change.Key.Name);
    }

    [Fact]
    public void What_was_set_up_is_due_once_when_control_plane_and_Controller_are_gone_whatever_it_does()
    {
        var plane = Settled("iofog") with { Ready = true };
        table.Listed(Kinds.ControlPlane, Nothing, queueIsEmpty: true, now);
        table.Observe(Kinds.ControlPlane, plane, now);
        var broken = Settled("broken") with { Entry = 7 };
        Observe(broken);
        Observe(Settled("waits") with { Entry = 8, WaitingFor = "Controller", NextReconcileTime = now.AddHours(1) });
        Observe(Settled("never") with { Entry = 9, HasFinalizer = false, WaitingFor = "Agent/x", NextReconcileTime = now.AddHours(1) });
        table.ControllerLost(withControlPlane: true);
        Assert.Empty(Take());
        table.Forget(Kinds.ControlPlane, plane.Key);
        var told = Take();
        Assert.Equal(["broken", "waits"], told.Select(send => send.Change.Key.Name).Order());
        Assert.All(told, send => Assert.Equal(Seen.NoControlPlane, send.Change.Seen.Controller));

        // Who looked at a Controller that was still answering is told again.
        Observe(broken with { Turn = 2, WaitingFor = "ControlPlane", NextReconcileTime = now.AddHours(1) });
        Assert.Empty(Take());
        Observe(broken with { Turn = 3 });
        Assert.Single(Take());
    }

    [Fact]
    public void What_works_with_a_Controller_that_is_no_control_planes_is_not_due()
    {
        table.Listed(Kinds.ControlPlane, Nothing, queueIsEmpty: true, now);
        var agent = Settled("a") with { Ready = true, Entry = 7 };
        Observe(agent);
        Assert.Empty(Take()); // nobody has looked yet whether there is a Controller
        Look();
        var seen = Assert.Single(Take()).Change.Seen;
        Observe(agent with { Turn = agent.Turn + 1, Seen = seen });
        Assert.Empty(Take());
        Look();
        Assert.Empty(Take());

        void Look()
        {
            table.LookBegins();
            table.EntriesSeen(Kinds.Agent, new Dictionary<ulong, ulong> { [7] = 1 });
            table.ControllerReached(1);
        }
    }

    [Fact]
    public void What_nobody_owns_concerns_every_control_plane()
    {
        table.Listed(Kinds.ControlPlane, Nothing, queueIsEmpty: true, now);
        var plane = Settled("iofog");
        table.Observe(Kinds.ControlPlane, plane, now);
        table.OwnedKnown();
        var first = Assert.Single(Take()).Change.Seen;
        table.Observe(Kinds.ControlPlane, plane with { Turn = 2, Seen = first }, now);
        Assert.Empty(Take());
        var secret = Guid.NewGuid();
        table.OwnedSeen("secrets?iofog-user", secret, OwnedObjects.Shared, 5);
        Assert.NotEqual(first.Owned, Assert.Single(Take()).Change.Seen.Owned);
        table.Observe(Kinds.ControlPlane, plane with { Turn = 3, Seen = first }, now);
        Assert.Single(Take());
        table.Observe(Kinds.ControlPlane, plane with { Turn = 4, Seen = first }, now);
        table.OwnedListed("secrets?another", Nothing); // another watch of the same collection says nothing about it
        Assert.NotEqual(first.Owned, Assert.Single(Take()).Change.Seen.Owned);
        table.Observe(Kinds.ControlPlane, plane with { Turn = 5, Seen = first }, now);
        table.OwnedListed("secrets?iofog-user", Nothing);
        Assert.Empty(Take());
    }

    [Fact]
    public void A_Secret_concerns_those_who_may_refer_to_it()
    {
        table.Listed(Kinds.Registry, Nothing, queueIsEmpty: true, now);
        var (fleet, zebra) = (Settled("fleet"), Settled("zebra"));
        table.Observe(Kinds.Registry, fleet, now);
        table.Observe(Kinds.Agent, zebra, now);
        table.OwnedKnown();
        var first = Assert.Single(Take()).Change.Seen;
        table.Observe(Kinds.Registry, fleet with { Turn = 2, Seen = first }, now);
        Assert.Empty(Take());
        table.OwnedSeen("secrets?fleet-registry", Guid.NewGuid(), OwnedObjects.Shared, 5);
        var due = Assert.Single(Take()).Change;
        Assert.Equal(Kinds.Registry, due.Kind);
        Assert.NotEqual(first.Owned, due.Seen.Owned);
    }

    [Fact]
    public void Control_planes_compete_for_their_namespace()
    {
        table.Listed(Kinds.ControlPlane, Nothing, queueIsEmpty: true, now);
        var (first, second) = (Settled("first") with { Created = now }, Settled("second") with { Created = now.AddSeconds(1) });
        table.Observe(Kinds.ControlPlane, first, now);
        Assert.Empty(Take());
        table.Observe(Kinds.ControlPlane, second, now);
        var owner = Seen.Hash(first.Uid.ToString("D"));
        Assert.All(Take(), send => Assert.Equal(owner, send.Change.Seen.Owner));
        table.Observe(Kinds.ControlPlane, second with { Turn = 2, Seen = new() { Owner = owner } }, now);
        table.Forget(Kinds.ControlPlane, first.Key);
        Assert.Equal(Seen.Hash(second.Uid.ToString("D")), Assert.Single(Take()).Change.Seen.Owner);
    }

    [Fact]
    public void Waits_with_sending_until_the_storage_has_said_what_it_holds()
    {
        var fresh = new DueTable(new() { Jitter = static () => 1 });
        var agent = Agent("a");
        fresh.Observe(Kinds.Agent, agent, now);
        fresh.Listed(Kinds.Agent, new HashSet<Guid> { agent.Uid }, queueIsEmpty: null, now);
        Assert.Empty(fresh.TakeDue(now));
        Assert.Equal([Kinds.Agent], fresh.NeedsCount);
        fresh.Counted(Kinds.Agent, queueIsEmpty: true, now);
        Assert.Single(fresh.TakeDue(now));
        Assert.Empty(fresh.NeedsCount);
    }

    [Fact]
    public void Does_not_think_a_message_lost_that_is_still_on_its_way_to_the_storage()
    {
        Observe(Agent("a"));
        var send = Assert.Single(table.TakeDue(now));
        now = now.AddMinutes(5);
        Assert.Empty(table.TakeDue(now));
        Assert.Empty(table.NeedsCheck(now));
        DueTable.Sent(send, now);
        Assert.Equal([Kinds.Agent], table.NeedsCheck(now));
    }

    [Fact]
    public void What_became_of_an_old_sending_says_nothing_of_a_newer_turn()
    {
        var agent = Agent("a");
        Observe(agent);
        var old = Assert.Single(table.TakeDue(now));
        Observe(agent with { Turn = 1 });
        var young = Assert.Single(table.TakeDue(now));
        table.NotSent(old, now);
        Assert.Empty(table.TakeDue(now.AddSeconds(1)));
        table.NotSent(young, now);
        Assert.Single(table.TakeDue(now.AddSeconds(1)));
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public void A_clock_that_is_set_lets_no_claim_run_out_early_or_late(int seconds)
    {
        Observe(Agent("a") with { Turn = 4, ClaimTurn = 4 });
        Assert.Empty(Take());
        now += Claim.TimeToLive / 2;
        now = now.AddSeconds(seconds);
        table.ClockSet(TimeSpan.FromSeconds(seconds));
        Assert.Empty(Take());
        now += Claim.TimeToLive / 2;
        Assert.Equal(DueReason.Takeover, Assert.Single(Take()).Change.Reason);
    }

    [Fact]
    public void A_clock_that_is_set_back_delays_no_resend()
    {
        Observe(Agent("a"));
        Assert.Single(Take());
        now = now.AddHours(-1);
        table.ClockSet(TimeSpan.FromHours(-1));
        Assert.Empty(Take());
        now = now.AddSeconds(61);
        Assert.Empty(Take());
        Assert.Equal([Kinds.Agent], table.NeedsCheck(now));
    }

    [Theory]
    [InlineData(0, 40)]
    [InlineData(20, 60)]
    [InlineData(60, 20)]
    [InlineData(100, 20)]
    [InlineData(100, 350)]
    public void A_hundred_edits_of_one_object_in_a_second_are_four_turns_at_most(int inTheQueue, int underWay)
    {
        var agent = Settled("a");
        Observe(agent);
        var (began, turns, seen, begins, ends) = (now, 0, 0L, DateTimeOffset.MaxValue, DateTimeOffset.MaxValue);
        for (; now < began.AddSeconds(5); now = now.AddMilliseconds(10))
        {
            if (now < began.AddSeconds(1))
                Observe(agent = agent with { Generation = agent.Generation + 1 });
            if (Take().Count > 0)
                begins = now.AddMilliseconds(inTheQueue);
            if (now >= begins)
            {
                (turns, begins, ends) = (turns + 1, DateTimeOffset.MaxValue, now.AddMilliseconds(underWay));
                Observe(agent = agent with { Turn = agent.Turn + 1, ClaimTurn = agent.Turn + 1 });
                seen = agent.Generation;
            }

            if (now >= ends)
            {
                ends = DateTimeOffset.MaxValue;
                Observe(agent = agent with { Turn = agent.Turn + 1, ClaimTurn = 0, ObservedGeneration = seen });
            }
        }

        Assert.Equal((101, 101, 0), (agent.Generation, agent.ObservedGeneration, agent.ClaimTurn));
        Assert.InRange(turns, 1, 4);
    }

    [Fact]
    public void Who_edits_now_and_then_does_not_wait()
    {
        var agent = Settled("a");
        Observe(agent);
        for (var edit = 0; edit < 10; edit++, now = now.AddMilliseconds(10))
        {
            Observe(agent = agent with { Generation = agent.Generation + 2 });
            Assert.Single(Take());
            Observe(agent = agent with { Turn = agent.Turn + 2, ObservedGeneration = agent.Generation });
            Assert.Empty(Take());
        }
    }

    [Fact]
    public void A_kind_in_trouble_delays_no_other()
    {
        table.Listed(Kinds.Route, Nothing, queueIsEmpty: true, now);
        for (var i = 0; i < 1000; i++)
            table.Observe(Kinds.Route, Settled($"r{i}") with { NextReconcileTime = now.AddSeconds(-1) }, now);
        Assert.Equal(256, Take().Count);
        Observe(Settled("a") with { NextReconcileTime = now });
        Observe(Agent("b"));
        Assert.Equal(["a", "b"], Take().Select(send => send.Change.Key.Name).Order());
    }

    private void Observe(Watched watched) => table.Observe(Kinds.Agent, watched, now);

    /// <summary>Takes what is due, and puts it.</summary>
    private IReadOnlyList<Send> Take()
    {
        var sends = table.TakeDue(now);
        foreach (var send in sends)
            DueTable.Sent(send, now);
        return sends;
    }

    private static Watched Agent(string name) => new() { Uid = Guid.NewGuid(), Key = new("edge", name), Generation = 1 };

    private static Watched Settled(string name) => Agent(name) with { ObservedGeneration = 1, Turn = 1, HasFinalizer = true };
}
