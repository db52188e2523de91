using System.Net;
using System.Text.Json.Nodes;
using IoFog.Operator.Watcher;
using IoFog.Operator.Watcher.Scaling;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Unit.Watcher;

/// <summary>The Service in front of the watchers leads to the leader.</summary>
public sealed class LeaderEndpointTests : IDisposable
{
    private const string Slices = "apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
    private readonly FakeTimeProvider time = new();
    private readonly InMemoryCluster cluster;
    private readonly Backlog backlog = new();
    private Task gate = Task.CompletedTask;
    private int looks;

    public LeaderEndpointTests()
    {
        cluster = new(time);
        cluster.Send(HttpMethod.Post, "api/v1/namespaces/default/services", JsonNode.Parse("""
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"watchers"},"spec":{"ports":[{"name":"http","port":8080},{"name":"scaler","port":9090}]}}
            """)!.AsObject());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Leads_to_the_leader_once_it_can_answer_and_nowhere_after_it()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var endpoint = Of("10.0.0.7");
        var running = endpoint.RunAsync(stopping.Token);
        Assert.False(endpoint.IsPublished);
        Assert.Empty(cluster.Send(HttpMethod.Get, Slices)["items"]!.AsArray());
        backlog.BecomeKnown();
        await Eventually.HoldsAsync("published", () => endpoint.IsPublished);
        var slice = cluster.Send(HttpMethod.Get, $"{Slices}/watchers");
        Assert.Equal("10.0.0.7", Address);
        Assert.Equal("watchers", slice["metadata"]!["labels"]!["kubernetes.io/service-name"]!.GetValue<string>());
        Assert.Equal("Service", slice["metadata"]!["ownerReferences"]![0]!["kind"]!.GetValue<string>());
        Assert.Equal("http 8080 scaler 9090", string.Join(' ', slice["ports"]!.AsArray().Select(port => $"{port!["name"]} {port["port"]}")));
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await endpoint.WithdrawAsync(Token);
        Assert.Null(Address);
    }

    [Fact]
    public async Task Puts_right_what_somebody_has_changed_and_writes_nothing_else()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Token);
        backlog.BecomeKnown();
        var endpoint = Of("10.0.0.7");
        var running = endpoint.RunAsync(stopping.Token);
        await Eventually.HoldsAsync("published", () => endpoint.IsPublished);
        cluster.Send(HttpMethod.Delete, $"{Slices}/watchers");
        await Eventually.HoldsAsync(
            "published again", () => cluster.Send(HttpMethod.Get, Slices)["items"]!.AsArray().Count == 1, () => time.Advance(TimeSpan.FromSeconds(1)));
        var (writes, before) = (cluster.Writes, looks);
        await Eventually.HoldsAsync("looked again", () => looks >= before + 5, () => time.Advance(TimeSpan.FromSeconds(1)));
        Assert.Equal(writes, cluster.Writes);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Who_has_lost_the_lease_leaves_the_next_leader_where_it_is()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Token);
        backlog.BecomeKnown();
        var (first, second) = (Of("10.0.0.7"), Of("10.0.0.8"));
        Task[] running = [first.RunAsync(stopping.Token)];
        await Eventually.HoldsAsync("published", () => first.IsPublished);
        running = [.. running, second.RunAsync(stopping.Token)];
        await Eventually.HoldsAsync("published", () => second.IsPublished);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(running));
        await first.WithdrawAsync(Token);
        Assert.Equal("10.0.0.8", Address);
    }

    [Fact]
    public async Task A_server_that_hangs_keeps_nobody_from_stopping()
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Token);
        backlog.BecomeKnown();
        var endpoint = Of("10.0.0.7");
        var running = endpoint.RunAsync(stopping.Token);
        await Eventually.HoldsAsync("published", () => endpoint.IsPublished);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        gate = Task.Delay(Timeout.InfiniteTimeSpan, time, Token);
        var withdrawing = endpoint.WithdrawAsync(Token);
        await Eventually.HoldsAsync("that it gives up", () => withdrawing.IsCompleted, () => time.Advance(TimeSpan.FromSeconds(1)));
        await withdrawing;
    }

    public void Dispose() => cluster.Dispose();

    private string? Address => cluster.Send(HttpMethod.Get, $"{Slices}/watchers")["endpoints"]!.AsArray().SingleOrDefault()?["addresses"]![0]!.GetValue<string>();

    private LeaderEndpoint Of(string address) => new(
        cluster.Client(_ =>
        {
            Interlocked.Increment(ref looks);
            return gate;
        }),
        new() { Namespace = "default", Storage = "", ControllerPollSeconds = 0, LeaderElection = true, Secrets = [], Published = new("watchers", IPAddress.Parse(address), 8080, 9090) },
        backlog, time, NullLogger<LeaderEndpoint>.Instance);
}
