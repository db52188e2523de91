using IoFog.Operator.Controller;
using IoFog.Operator.Watcher;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Unit.Watcher;

/// <summary>Who leads, and since when, by a clock that the tests set.</summary>
public sealed class LeaderElectionTests : IDisposable
{
    private const string Path = $"apis/coordination.k8s.io/v1/namespaces/default/leases/{LeaderElection.Name}";
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly FakeTimeProvider time = new(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly WatcherOptions options = new()
    {
        Namespace = "default",
        Storage = "UseDevelopmentStorage=true",
        ControllerPollSeconds = 5,
        LeaderElection = true,
        Secrets = [],
    };

    private readonly InMemoryCluster cluster;

    public LeaderElectionTests() => cluster = new(time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string? Holder => cluster.Send(HttpMethod.Get, Path)["spec"]!["holderIdentity"]?.GetValue<string>();

    public void Dispose() => cluster.Dispose();

    /// <param name="before">How long before the last renewal the standby had looked: most of a period is the worst.</param>
    [Theory]
    [InlineData(50)]
    [InlineData(500)]
    [InlineData(950)]
    public async Task A_standby_leads_a_second_after_the_lease_of_one_that_crashed_has_run_out(int before)
    {
        using var crash = new CancellationTokenSource();
        var leader = Election();
        await leader.AcquireAsync(Token);
        var holding = Task.Run(() => leader.HoldAsync(crash.Token), Token);
        time.Advance(TimeSpan.FromMilliseconds(1000 - before));
        var standby = Task.Run(() => Election().AcquireAsync(Token), Token);
        var first = Renewed();
        await Eventually.HoldsAsync("a renewal", () => Renewed() != first, () => time.Advance(Step));
        await crash.CancelAsync();
        var renewed = time.GetTimestamp();
        await Eventually.HoldsAsync("that the standby leads", () => standby.IsCompleted, () => time.Advance(Step));
        Assert.InRange(time.GetElapsedTime(renewed), TimeSpan.FromSeconds(14.9), TimeSpan.FromSeconds(16.1));
        await holding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(110, false)]
    [InlineData(130, true)]
    public async Task What_an_uninstall_has_left_long_ago_is_not_waited_for(int secondsAgo, bool leads)
    {
        await Election().AcquireAsync(Token);
        var removal = Task.Run(() => new Removal(new(cluster.Client(), "default", NullLogger<Finalizers>.Instance), cluster.Client(), time).RunAsync(Token), Token);
        await Eventually.HoldsAsync("the end of the removal", () => removal.IsCompleted, () => time.Advance(Step));
        Assert.Equal("release", Holder);
        time.Advance(TimeSpan.FromSeconds(secondsAgo));
        var next = Task.Run(() => Election().AcquireAsync(Token), Token);
        await Task.WhenAny(next, Task.Delay(TimeSpan.FromSeconds(leads ? 30 : 0.3), TimeProvider.System, Token));
        Assert.Equal(leads, next.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_leader_whose_server_hangs_knows_that_it_leads_no_more_before_another_does()
    {
        var hangs = new TaskCompletionSource();
        Task gate = Task.CompletedTask;
        var leader = new LeaderElection(cluster.Client(_ => gate), options, time, NullLogger<LeaderElection>.Instance);
        await leader.AcquireAsync(Token);
        gate = hangs.Task;
        var began = time.GetTimestamp();
        var holding = Task.Run(() => leader.HoldAsync(Token), Token);
        await Eventually.HoldsAsync("that it gives up", () => holding.IsCompleted, () => time.Advance(Step));
        await holding;
        Assert.InRange(time.GetElapsedTime(began), TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(15));
        hangs.SetResult();
    }

    [Fact]
    public async Task A_leader_that_stops_gives_its_lease_back_before_it_asks_for_anything_that_may_hang()
    {
        var hangs = new TaskCompletionSource();
        var api = cluster.Client(request => request.RequestUri!.AbsolutePath.EndsWith("/namespaces/default", StringComparison.Ordinal) ? hangs.Task : Task.CompletedTask);
        var election = new LeaderElection(api, options, time, NullLogger<LeaderElection>.Instance);
        using var watching = new Watching(new DueTable(new()), time, NullLogger<Watching>.Instance);
        using var connection = new ControllerConnection(api, new(), time);
        var release = new FinalizerRelease(new(api, "default", NullLogger<Finalizers>.Instance), watching, time);
        var watches = new Watches(api, options, watching, time, NullLoggerFactory.Instance);
        var endpoint = new LeaderEndpoint(api, options, new(), time, NullLogger<LeaderEndpoint>.Instance);
        var loops = new WatcherLoops(
            watches,
            new(watching, watches.Queues, time, NullLogger<SendLoop>.Instance),
            new(connection, options, watching, time, NullLogger<ControllerPoll>.Instance),
            release,
            endpoint);
        var lifetime = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        using var leading = new Leading(election, loops, release, endpoint, options, lifetime, NullLogger<Leading>.Instance);
        await election.AcquireAsync(Token);
        Assert.NotEmpty(Holder!);
        var stopping = leading.StopAsync(Token);
        await Eventually.HoldsAsync("that the lease is free", () => Holder is null or "");
        Assert.False(stopping.IsCompleted);
        hangs.SetResult();
        await stopping;
    }

    private LeaderElection Election() => new(cluster.Client(), options, time, NullLogger<LeaderElection>.Instance);

    private string? Renewed() => cluster.Send(HttpMethod.Get, Path)["spec"]!["renewTime"]!.GetValue<string>();
}
