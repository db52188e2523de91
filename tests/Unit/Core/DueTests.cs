namespace IoFog.Operator.Unit.Core;

public sealed class DueTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private static readonly Watched Settled = new()
    {
        Uid = Guid.NewGuid(),
        Key = new("edge", "zebra-1"),
        Generation = 3,
        ObservedGeneration = 3,
        HasFinalizer = true,
        Turn = 7,
        Synced = true,
        Ready = true,
    };

    [Fact]
    public void Leaves_a_settled_object_alone() => Expect(DueReason.None, Settled);

    [Fact]
    public void Sees_a_changed_spec() => Expect(DueReason.Spec, Settled with { Generation = 4 });

    [Fact]
    public void Sees_a_request_that_was_not_honoured() => Expect(DueReason.Requested, Settled with { RequestPending = true });

    [Fact]
    public void Does_nothing_while_paused() =>
        Expect(DueReason.None, Settled with { Paused = true, StatusPaused = true, Generation = 9, RequestPending = true, NextReconcileTime = Now });

    [Fact]
    public void Notices_that_it_was_paused_and_that_it_goes_on()
    {
        Expect(DueReason.Requested, Settled with { Paused = true });
        Expect(DueReason.Requested, Settled with { StatusPaused = true });
    }

    [Fact]
    public void Comes_back_when_its_time_has_come()
    {
        Expect(DueReason.None, Settled with { NextReconcileTime = Now.AddMilliseconds(1) });
        Expect(DueReason.Retry, Settled with { NextReconcileTime = Now });
    }

    [Fact]
    public void Notices_each_part_outside_that_moved()
    {
        foreach (var seen in new Seen[] { new() { Controller = 2 }, new() { Owned = 2 }, new() { Dependency = 2 }, new() { Owner = 2 } })
            Assert.Equal(DueReason.Seen, Due.Evaluate(Settled, seen, Now));
    }

    [Fact]
    public void Does_not_compare_what_is_unknown() =>
        Assert.Equal(DueReason.None, Due.Evaluate(Settled with { Seen = new() { Controller = 5, Owned = 6 } }, default, Now));

    [Fact]
    public void Deletes_also_while_paused_to_let_go() =>
        Expect(DueReason.Deletion, Settled with { Deleting = true, Paused = true, StatusPaused = true });

    [Fact]
    public void Leaves_a_deletion_alone_that_is_not_ours_to_hold() =>
        Expect(DueReason.None, Settled with { Deleting = true, HasFinalizer = false, Generation = 9 });

    [Fact]
    public void Never_forgets_a_deletion_without_a_next_time() =>
        Expect(DueReason.Deletion, Settled with { Deleting = true, NextReconcileTime = null });

    private static void Expect(DueReason reason, Watched watched) => Assert.Equal(reason, Due.Evaluate(watched, default, Now));
}
