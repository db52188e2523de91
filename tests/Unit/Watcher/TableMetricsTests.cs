using IoFog.Operator.Watcher;
using Metrics = IoFog.Operator.Watcher.Metrics;

namespace IoFog.Operator.Unit.Watcher;

/// <summary>What the table measures. Other tests measure at the same time: only what grows is looked at.</summary>
public sealed class TableMetricsTests
{
    private readonly DueTable table = new(new() { Jitter = static () => 1 });
    private DateTimeOffset now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    public TableMetricsTests() => table.Listed(Kinds.EdgeResource, new HashSet<Guid>(), queueIsEmpty: true, now);

    [Fact]
    public void Measures_a_change_from_its_sending_over_the_claim_to_the_status_that_ends_it()
    {
        var waits = Metrics.QueueDuration.WithLabels("edgeresource");
        var works = Metrics.WorkDuration.WithLabels("edgeresource");
        var answers = Metrics.MessageToStatus.WithLabels("EdgeResource");
        var ended = Metrics.Reconciles.WithLabels("edgeresource", "success");
        var before = (waits.Sum, works.Sum, answers.Sum, ended.Value);
        var door = new Watched { Uid = Guid.NewGuid(), Key = new("edge", "door"), Generation = 1 };
        Observe(door, 0);
        Observe(door with { Turn = 1, ClaimTurn = 1 }, 3);
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)), table.Population.AgesOf(Kinds.EdgeResource, now.AddSeconds(1)));
        Observe(door with { Turn = 2, ObservedGeneration = 1, Synced = true, Ready = true }, 4);
        Assert.True(waits.Sum - before.Item1 >= 3);
        Assert.True(works.Sum - before.Item2 >= 4);
        Assert.True(answers.Sum - before.Item3 >= 7);
        Assert.True(ended.Value - before.Item4 >= 1);
        Assert.Equal((1, 1), (table.Population.Count(Kinds.EdgeResource), table.Population.CountReady(Kinds.EdgeResource)));
        table.Forget(Kinds.EdgeResource, door.Key);
        Assert.Equal((0, 0), (table.Population.Count(Kinds.EdgeResource), table.Population.CountReady(Kinds.EdgeResource)));
    }

    [Fact]
    public void Knows_how_long_the_oldest_change_waits()
    {
        Observe(new() { Uid = Guid.NewGuid(), Key = new("edge", "a"), Generation = 1 }, 0);
        Observe(new() { Uid = Guid.NewGuid(), Key = new("edge", "b"), Generation = 1 }, 5);
        Assert.Equal(TimeSpan.FromSeconds(7), table.Population.AgesOf(Kinds.EdgeResource, now.AddSeconds(2)).OldestChange);
    }

    [Fact]
    public void A_change_carries_the_time_of_the_event_that_made_it_due()
    {
        table.Observe(Kinds.EdgeResource, new() { Uid = Guid.NewGuid(), Key = new("edge", "a"), Generation = 1 }, now);
        Assert.Equal(now, Assert.Single(table.TakeDue(now.AddMilliseconds(15))).Since);
    }

    private void Observe(Watched watched, int secondsLater)
    {
        now = now.AddSeconds(secondsLater);
        table.Observe(Kinds.EdgeResource, watched, now);
        table.TakeDue(now);
    }
}
