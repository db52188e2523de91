using System.Diagnostics;
using Grpc.Core;
using IoFog.Operator.Watcher;
using IoFog.Operator.Watcher.Scaling;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Unit.Watcher;

public sealed class ScalerTests
{
    private static readonly HashSet<Guid> Nothing = [];

    private readonly FakeTimeProvider time = new(new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));
    private readonly DueTable table = new(new() { Jitter = static () => 1 });
    private readonly Scaler scaler;

    public ScalerTests()
    {
        var options = new WatcherOptions { Namespace = "edge", Storage = "", ControllerPollSeconds = 0, LeaderElection = false, Secrets = [] };
        scaler = new(table.Population.Backlog, options, time, new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance), NullLogger<Scaler>.Instance);
        foreach (var kind in Kinds.All.Skip(1))
            table.Listed(kind, Nothing, queueIsEmpty: true, Now);
    }

    private DateTimeOffset Now => time.GetUtcNow();

    [Fact]
    public async Task Says_that_it_does_not_know_until_every_kind_is_listed()
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => scaler.IsActive(App("Agent"), null!));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Empty(await scaler.WatchAsync(App("Agent"), TestContext.Current.CancellationToken).ToArrayAsync(TestContext.Current.CancellationToken));
        BecomeKnown();
        Assert.False((await scaler.IsActive(App("Agent"), null!)).Result);
    }

    [Fact]
    public async Task Counts_an_object_from_the_moment_it_is_due_until_its_turn_has_ended()
    {
        BecomeKnown();
        var agent = Agent("a");
        await ExpectAsync(0);
        Observe(agent);
        await ExpectAsync(1); // sent
        Observe(agent with { Turn = 1, ClaimTurn = 1 });
        await ExpectAsync(1); // in work: the app must not be stopped
        time.Advance(TimeSpan.FromMinutes(10));
        table.Lost(Kinds.Agent);
        table.TakeDue(Now);
        await ExpectAsync(1); // whoever holds the claim may still be there
        table.Resumed(Kinds.Agent);
        Observe(agent with { Turn = 2, ObservedGeneration = 1 });
        await ExpectAsync(0);
    }

    [Fact]
    public async Task Counts_what_waits_for_a_place_in_the_queue_and_what_could_not_be_put_there()
    {
        BecomeKnown();
        for (var i = 0; i < 300; i++)
            table.Observe(Kinds.Agent, Agent($"r{i}") with { ObservedGeneration = 1, NextReconcileTime = Now.AddSeconds(-1) }, Now);
        var sends = table.TakeDue(Now);
        Assert.Equal(256, sends.Count);
        await ExpectAsync(300);
        table.NotSent(sends[0], Now.AddSeconds(2));
        await ExpectAsync(300);
        foreach (var send in sends)
            table.Forget(Kinds.Agent, send.Change.Key);
        await ExpectAsync(44);
    }

    [Fact]
    public async Task Adds_up_the_kinds_of_an_app_and_no_others()
    {
        BecomeKnown();
        Observe(Agent("a"));
        Observe(Agent("b"));
        table.Observe(Kinds.Route, Agent("r"), Now);
        table.TakeDue(Now);
        Assert.Equal(3, (await MetricsAsync(App("Agent, Route,Agent"))).MetricValueFloat);
        Assert.Equal(1, (await MetricsAsync(App("Route"))).MetricValueFloat);
        Assert.Equal(0, (await MetricsAsync(App("Application"))).MetricValueFloat);
    }

    [Fact]
    public async Task Fills_whole_numbers_and_fractions()
    {
        BecomeKnown();
        Observe(Agent("a"));
        var value = await MetricsAsync(App("Agent"));
        Assert.Equal((1L, 1.0), (value.MetricValue_, value.MetricValueFloat));
        var spec = Assert.Single((await scaler.GetMetricSpec(App("Agent"), null!)).MetricSpecs);
        Assert.Equal((6L, 6.0), (spec.TargetSize, spec.TargetSizeFloat));
        var own = App("Agent");
        own.ScalerMetadata["targetPerReplica"] = "20";
        Assert.Equal(20, Assert.Single((await scaler.GetMetricSpec(own, null!)).MetricSpecs).TargetSizeFloat);
    }

    [Theory]
    [InlineData("edge", null, "lacks kinds")]
    [InlineData("edge", "Gadget", "no kind Gadget")]
    [InlineData("other", "Agent", "serves the namespace edge")]
    public async Task Answers_whom_it_does_not_know_as_an_app_without_work(string @namespace, string? kinds, string objection)
    {
        BecomeKnown();
        Observe(Agent("a"));
        var stranger = App(kinds ?? "");
        stranger.Namespace = @namespace;
        if (kinds is null)
            stranger.ScalerMetadata.Clear();
        Assert.False((await scaler.IsActive(stranger, null!)).Result);
        Assert.Equal(0, (await MetricsAsync(stranger)).MetricValueFloat);
        Assert.Contains(objection, ScaledApp.Read(stranger, "edge").Objection, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tells_the_state_at_once_then_work_the_moment_it_comes_and_again_each_second()
    {
        BecomeKnown();
        await using var told = scaler.WatchAsync(App("Agent"), TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await told.MoveNextAsync());
        Assert.False(told.Current);
        var next = told.MoveNextAsync().AsTask();
        table.Observe(Kinds.Route, Agent("of-another-app"), Now);
        table.TakeDue(Now);
        Assert.False(next.IsCompleted);
        var agent = Agent("a");
        Observe(agent);
        Assert.True(await next);
        Assert.True(told.Current);
        next = told.MoveNextAsync().AsTask();
        time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(await next);
        Assert.True(told.Current);
        next = told.MoveNextAsync().AsTask();
        Observe(agent with { Turn = 1, ObservedGeneration = 1 });
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(next.IsCompleted);
        Observe(agent with { Turn = 1, ObservedGeneration = 1, Generation = 2 });
        Assert.True(await next);
    }

    [Fact]
    public void Answers_within_microseconds_however_many_objects_there_are()
    {
        BecomeKnown();
        for (var i = 0; i < 20_000; i++)
            table.Observe(Kinds.Agent, Agent($"a{i}"), Now);
        table.TakeDue(Now);
        var app = new GetMetricsRequest { ScaledObjectRef = App("Agent,Route"), MetricName = Scaler.MetricName };
        scaler.GetMetrics(app, null!);
        var best = TimeSpan.MaxValue; // of many: a busy machine says nothing about the code
        for (var i = 0; i < 200; i++)
        {
            var began = Stopwatch.GetTimestamp();
            scaler.GetMetrics(app, null!);
            best = TimeSpan.FromTicks(Math.Min(best.Ticks, Stopwatch.GetElapsedTime(began).Ticks));
        }

        Assert.InRange(best.TotalMicroseconds, 0, 50);
    }

    private void BecomeKnown() => table.Listed(Kinds.All[0], Nothing, queueIsEmpty: true, Now);

    private async Task ExpectAsync(int count)
    {
        Assert.Equal(count, (await MetricsAsync(App("Agent"))).MetricValueFloat);
        Assert.Equal(count > 0, (await scaler.IsActive(App("Agent"), null!)).Result);
    }

    private async Task<MetricValue> MetricsAsync(ScaledObjectRef app) =>
        Assert.Single((await scaler.GetMetrics(new() { ScaledObjectRef = app, MetricName = Scaler.MetricName }, null!)).MetricValues);

    private void Observe(Watched watched)
    {
        table.Observe(Kinds.Agent, watched, Now);
        table.TakeDue(Now);
    }

    private static ScaledObjectRef App(string kinds) => new() { Name = "app", Namespace = "edge", ScalerMetadata = { ["kinds"] = kinds } };

    private static Watched Agent(string name) => new() { Uid = Guid.NewGuid(), Key = new("edge", name), Generation = 1 };
}
