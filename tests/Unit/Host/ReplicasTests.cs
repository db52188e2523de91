using IoFog.Operator.Local.Host;

namespace IoFog.Operator.Unit.Host;

public sealed class ReplicasTests
{
    private readonly Replicas replicas = new(new() { MaxReplicas = 3, Cooldown = TimeSpan.FromSeconds(20), Stabilization = TimeSpan.FromSeconds(30) });
    private DateTimeOffset now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Starts_from_zero_only_when_there_is_work()
    {
        replicas.Inactive(now);
        replicas.Measured(5, 6, now);
        Assert.Equal(0, replicas.Wanted);
        replicas.Active(now);
        Assert.Equal(1, replicas.Wanted);
    }

    [Fact]
    public void Grows_by_target_at_once_to_the_most_that_is_allowed_and_shrinks_only_after_some_time()
    {
        replicas.Active(now);
        replicas.Measured(7, 6, now);
        Assert.Equal(2, replicas.Wanted);
        replicas.Measured(600, 6, now);
        Assert.Equal(3, replicas.Wanted);
        now += TimeSpan.FromSeconds(30);
        replicas.Measured(1, 6, now);
        Assert.Equal(3, replicas.Wanted);
        now += TimeSpan.FromSeconds(1);
        replicas.Measured(1, 6, now);
        Assert.Equal(1, replicas.Wanted);
    }

    [Fact]
    public void Goes_to_zero_after_the_cooldown_since_the_last_work()
    {
        replicas.Active(now);
        now += TimeSpan.FromSeconds(19);
        replicas.Inactive(now);
        Assert.Equal(1, replicas.Wanted);
        replicas.Active(now);
        now += TimeSpan.FromSeconds(20);
        replicas.Inactive(now);
        Assert.Equal(0, replicas.Wanted);
    }
}
