using System.Text;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Reconciling;
using IoFog.Operator.Unit.Controller;
using IoFog.Operator.Watcher;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Unit.Watcher;

/// <summary>What one look at the Controller tells the table, whatever the Controller answers.</summary>
public sealed class ControllerPollTests : IDisposable
{
    private static readonly TimeSpan Plenty = TimeSpan.FromSeconds(100);

    private readonly FakeTimeProvider time = new(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly InMemoryCluster cluster;
    private readonly StubController stub = new();
    private readonly ControllerConnection connection;
    private readonly Watching watching;
    private readonly ControllerPoll poll;

    public ControllerPollTests()
    {
        cluster = new(time);
        cluster.Send(HttpMethod.Post, "api/v1/namespaces/default/secrets", new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = ControllerConnection.CredentialsSecret },
            ["data"] = new JsonObject { ["email"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(stub.User.Email)), ["password"] = Convert.ToBase64String("x"u8) },
        });
        connection = new(cluster.Client(), new() { Url = "http://controller/" }, time, stub);
        var table = new DueTable(new() { Jitter = static () => 1 });
        foreach (var kind in Kinds.All)
            table.Listed(kind, new HashSet<Guid>(), queueIsEmpty: true, time.GetUtcNow());
        watching = new(table, time, NullLogger<Watching>.Instance);
        var options = new WatcherOptions { Namespace = "default", Storage = "", ControllerPollSeconds = 5, LeaderElection = false, Secrets = [] };
        poll = new(connection, options, watching, time, NullLogger<ControllerPoll>.Instance);
        stub.OnLogin("t").On("GET status", (200, """{"status":"online","versions":{"controller":"3.0.4"}}"""))
            .On("GET router", (200, """{"host":"h","messagingPort":1,"interRouterPort":2,"edgeRouterPort":3}"""));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        connection.Dispose();
        watching.Dispose();
        cluster.Dispose();
        stub.Dispose();
    }

    [Theory]
    [InlineData(500, """{"name":"TypeError","message":"Cannot read properties of null"}""")]
    [InlineData(400, """{"name":"ValidationError","message":"m"}""")]
    [InlineData(502, "<html>Bad gateway</html>")]
    [InlineData(200, "not JSON")]
    [InlineData(200, "[]")]
    [InlineData(200, """{"name":"bad","microservices":[{"name":"\ud800"}]}""")]
    public async Task An_application_that_the_Controller_can_not_show_hides_no_other(int code, string answer)
    {
        OnLists().On("GET application/a", (200, Application("a"))).On("GET application/bad", (code, answer), (200, Application("bad"))).On("GET application/c", (200, Application("c")));
        Observe("a", "bad", "c");
        Wait("waiter");

        await poll.LookAsync(Plenty, Cancellation);

        Assert.Equal(["a", "c", "waiter"], TakeDue());

        await poll.LookAsync(Plenty, Cancellation);
        Assert.Equal(["bad"], TakeDue());
    }

    [Fact]
    public async Task A_list_that_the_Controller_can_not_show_hides_no_application()
    {
        stub.On("GET iofog-list", (500, """{"name":"TypeError","message":"m"}""")).On("GET edgeResources", (200, """{"edgeResources":[]}""")).On("GET application/a", (200, Application("a")));
        Observe("a");
        await poll.LookAsync(Plenty, Cancellation);
        Assert.Equal(["a"], TakeDue());
    }

    [Fact]
    public async Task What_was_known_of_an_application_is_unknown_when_it_can_not_be_shown()
    {
        OnLists().On("GET application/a", (200, Application("a")), (500, """{"name":"TypeError","message":"m"}"""));
        await poll.LookAsync(Plenty, Cancellation);
        Observe("a");
        await poll.LookAsync(Plenty, Cancellation);
        Assert.Equal(["a"], TakeDue());
        await poll.LookAsync(Plenty, Cancellation);
        Observe("a"); // with the outcome of its turn: no more than that is known
        Assert.Empty(TakeDue());
    }

    [Fact]
    public async Task A_Controller_that_falls_silent_over_an_application_is_lost()
    {
        OnLists().Throws("GET application/a", new HttpRequestException("gone"));
        stub.Before = request =>
        {
            isAway |= request == "GET application/a";
            return isAway && request == "GET status" ? throw new HttpRequestException("gone") : Task.CompletedTask;
        };
        Observe("a");
        Wait("waiter");
        await poll.LookAsync(Plenty, Cancellation);
        Assert.Empty(TakeDue());
    }

    [Fact]
    public async Task An_application_that_stays_bad_is_asked_for_less_and_less()
    {
        OnLists().On("GET application/bad", (500, """{"name":"TypeError","message":"m"}"""));
        Observe("bad");
        for (var i = 0; i < 32; i++)
            await poll.LookAsync(Plenty, Cancellation);
        Assert.Equal(6, stub.RequestsOf("GET application/bad").Count()); // then every 16th time
        Assert.Equal(32, stub.RequestsOf("GET iofog-list").Count());
    }

    /// <summary>
    /// A thousand agents with ten microservices each, at the three milliseconds for an agent and four for a microservice that Controller 3.0
    /// takes. There are no pages: the list of agents is one request of three seconds.
    /// </summary>
    [Fact]
    public async Task A_thousand_agents_with_ten_microservices_take_three_hundredths_of_the_Controllers_time()
    {
        var names = Enumerable.Range(0, 1000).Select(i => $"a{i:000}").ToArray();
        OnLists();
        foreach (var name in names)
            stub.On($"GET application/{name}", (200, Application(name)));
        var (longest, busy) = (TimeSpan.Zero, TimeSpan.Zero);
        var lists = new List<DateTimeOffset>();
        stub.Before = request =>
        {
            var took = TimeSpan.FromMilliseconds(request == "GET iofog-list" ? 3000 : request.StartsWith("GET application", StringComparison.Ordinal) ? 40 : 1);
            if (request == "GET iofog-list")
                lists.Add(time.GetUtcNow());
            else if (took > longest)
                longest = took;
            busy += took;
            time.Advance(took);
            return Task.CompletedTask;
        };
        Observe(names);
        var began = time.GetUtcNow();
        var last = names.Length + 2;
        for (var looks = 0; stub.RequestsOf("GET application").Distinct().Count() < names.Length; looks++)
        {
            Assert.True(looks < 10 * last);
            var from = busy;
            await poll.LookAsync(poll.Budget, Cancellation);
            time.Advance(poll.IntervalAfter(busy - from));
        }

        var took = time.GetUtcNow() - began;
        Assert.InRange(busy / took, 0.01, ControllerPoll.Share * 1.1);
        Assert.InRange(took, TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(50)); // what the share allows, half of it for the lists
        Assert.InRange(longest, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.All(lists.Zip(lists.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, TimeSpan.FromSeconds(100), TimeSpan.FromMinutes(5))); // agents don't wait for all applications
        Assert.Equal(names[..256], TakeDue()); // as many as wait behind what people do
    }

    [Fact]
    public async Task Looks_at_once_when_the_control_plane_goes()
    {
        OnLists();
        var plane = new Watched { Uid = Guid.NewGuid(), Key = new("default", "iofog"), Generation = 1, ObservedGeneration = 1, Turn = 1 };
        watching.Tell((table, now) => table.Observe(Kinds.ControlPlane, plane, now));
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var running = poll.RunAsync(stopping.Token);
        var looks = stub.RequestsOf("GET status").Count();
        Assert.Equal(1, looks);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(looks, stub.RequestsOf("GET status").Count());
        watching.Tell((table, _) => table.Forget(Kinds.ControlPlane, plane.Key));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(looks + 1, stub.RequestsOf("GET status").Count());
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(looks + 1, stub.RequestsOf("GET status").Count()); // and once is enough
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private bool isAway;

    private StubController OnLists()
    {
        foreach (var entry in AllKinds.WithEntry.Select(kind => kind.Entry!).Where(entry => entry.List is not null))
            stub.On($"GET {entry.List}", (200, $$"""{"{{entry.Items}}":[]}"""));
        return stub;
    }

    private void Observe(params string[] applications)
    {
        foreach (var name in applications)
        {
            watching.Tell((table, now) => table.Observe(
                Kinds.Application,
                new()
                {
                    Uid = Guid.NewGuid(),
                    Key = new("default", name),
                    Generation = 1,
                    ObservedGeneration = 1,
                    Turn = 1,
                    HasFinalizer = true,
                    Application = name,
                    Entry = EntryName.Hash(Kinds.Application, Kinds.Application.Entry!.Fields, name, name, null),
                },
                now));
        }
    }

    /// <summary>Somebody waits for the Controller.</summary>
    private void Wait(string name) => watching.Tell((table, now) => table.Observe(
        Kinds.Route,
        new()
        {
            Uid = Guid.NewGuid(),
            Key = new("default", name),
            Generation = 1,
            ObservedGeneration = 1,
            Turn = 1,
            HasFinalizer = true,
            WaitingFor = WaitingFor.Controller,
            NextReconcileTime = now + TimeSpan.FromDays(1),
        },
        now));

    private IEnumerable<string> TakeDue()
    {
        var due = new List<string>();
        while (watching.Ask((table, now) => table.TakeDue(now)) is { Count: > 0 } sends)
            due.AddRange(sends.Select(send => send.Change.Key.Name));
        return due.Order(StringComparer.Ordinal);
    }

    private static string Application(string name) => $$"""{"id":1,"name":"{{name}}","isActivated":true,"microservices":[],"routes":[]}""";
}
