using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Storage.Queues;
using IoFog.Operator.Changes;
using IoFog.Operator.Local;

namespace IoFog.Operator.Integration.Faults;

/// <summary>
/// An app's process on the host emulator, and what a host, a queue and a Controller can do to it.
/// <c>IOFOG_TEST_OUTAGE_SECONDS</c> makes the outage longer, <c>IOFOG_TEST_MESSAGES</c> the stream of messages.
/// </summary>
public sealed class AppFaultTests(Stage stage, ITestOutputHelper output) : IClassFixture<Stage>
{
    private static readonly Kind Kind = Kinds.EdgeResource;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_invocation_that_takes_too_long_costs_the_handler_and_the_object_settles_all_the_same()
    {
        await using var watcher = stage.StartWatcher();
        await watcher.Ready;
        await using var app = await stage.StartAppAsync(Kind, new()
        {
            ["AzureFunctionsJobHost__functionTimeout"] = "00:00:05", // and no less: a handler's first invocation takes seconds on a machine that has much else to do
            ["AzureFunctionsJobHost__extensions__queues__visibilityTimeout"] = "00:00:01",
        });
        await Eventually.HoldsAsync("a handler", () => Task.FromResult(app.HandlerProcessId is not null));
        var before = app.HandlerProcessId;
        stage.ToController.Fault = Fault.Stall;
        try
        {
            await stage.ApplyDoorAsync("slow");
            await Eventually.HoldsAsync("a time-out", () => Task.FromResult(stage.Lines.Any(line => line.Contains("timed out; the handler is started again", StringComparison.Ordinal))), 180);
        }
        finally
        {
            stage.ToController.Fault = Fault.None;
        }

        await Eventually.HoldsAsync("a settled door", () => stage.IsSettledAsync(Kind, "slow"), 180); // a message that is lost is sent again after a minute
        Assert.NotEqual(before, app.HandlerProcessId);
        Assert.Equal(0, await stage.CountPoisonAsync(Kind));
    }

    [Fact]
    public async Task A_turn_that_is_under_way_when_the_app_is_stopped_ends_within_its_budget_and_leaves_no_claim()
    {
        await using var watcher = stage.StartWatcher();
        await watcher.Ready;
        using var written = new SemaphoreSlim(0);
        using var answer = new SemaphoreSlim(0);
        stage.Controller.Answering = (request, _) =>
        {
            if (request != "PUT edgeResource/stopped/v1.0.0")
                return;
            written.Release();
            answer.Wait(TimeSpan.FromSeconds(3), Token); // as slow as a Controller may be within a write
        };
        try
        {
            await using var app = await stage.StartAppAsync(Kind);
            await stage.ApplyDoorAsync("stopped");
            Assert.True(await written.WaitAsync(TimeSpan.FromSeconds(60), Token), string.Join('\n', stage.Lines));
            Assert.NotNull((await stage.FindAsync(Kind, "stopped"))!["status"]!["claim"]);
            var watch = Stopwatch.StartNew();
            await app.StopAsync();
            output.WriteLine($"drained in {watch.Elapsed.TotalSeconds:0.0} s");
            Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(9.5)); // killed by the host after ten
        }
        finally
        {
            stage.Controller.Answering = null;
        }

        Assert.True(await stage.IsSettledAsync(Kind, "stopped")); // by the turn that was under way: there is no app any more
    }

    [Fact]
    public async Task A_Controller_that_is_away_costs_a_write_or_two_per_object_and_no_poison()
    {
        const int Doors = 10;
        var seconds = Setting("IOFOG_TEST_OUTAGE_SECONDS", 12);
        await using var watcher = stage.StartWatcher();
        await watcher.Ready;
        await using var app = await stage.StartAppAsync(Kind);
        stage.ToController.Fault = Fault.Reset;
        try
        {
            for (var i = 0; i < Doors; i++)
                await stage.ApplyDoorAsync($"away-{i}");
            await Eventually.HoldsAsync("that all wait", async () => (await TurnsAsync()).All(turn => turn > 0), 180);
            var (turns, connections) = ((await TurnsAsync()).Sum(), stage.ToController.Accepted);
            await Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, Token); // the outage is what is measured
            var (moreTurns, moreConnections) = ((await TurnsAsync()).Sum() - turns, stage.ToController.Accepted - connections);
            output.WriteLine($"in {seconds} s: {moreTurns} turns of {Doors} objects, {moreConnections} connections to the Controller");
            Assert.InRange(moreTurns, 0, Doors); // the watcher learns of it and says so once
            Assert.InRange(moreConnections, 0, (seconds * 4) + 20); // its looks, and no app's
        }
        finally
        {
            stage.ToController.Fault = Fault.None;
        }

        var watch = Stopwatch.StartNew();
        for (var i = 0; i < Doors; i++)
            await Eventually.HoldsAsync($"a settled door {i}", () => stage.IsSettledAsync(Kind, $"away-{i}"), 180);
        output.WriteLine($"all settled {watch.Elapsed.TotalSeconds:0.0} s after it");
        Assert.Equal(0, await stage.CountPoisonAsync(Kind));

        async Task<IReadOnlyList<long>> TurnsAsync()
        {
            var turns = new List<long>();
            for (var i = 0; i < Doors; i++)
                turns.Add((await stage.FindAsync(Kind, $"away-{i}"))!["status"]?["turn"]?.GetValue<long>() ?? 0);
            return turns;
        }
    }

    [Fact]
    public async Task What_is_doubled_reordered_foreign_malformed_or_as_large_as_a_message_can_be_harms_no_object()
    {
        await using var watcher = stage.StartWatcher();
        await watcher.Ready;
        await using var app = await stage.StartAppAsync(Kind, new() { ["AzureFunctionsJobHost__extensions__queues__visibilityTimeout"] = "00:00:00" });
        await stage.ApplyDoorAsync("odd");
        await Eventually.HoldsAsync("a door at rest", () => stage.IsAtRestAsync(Kind, "odd"), 180);
        var settled = (await stage.FindAsync(Kind, "odd"))!;
        var change = new Change
        {
            Kind = Kind,
            Key = new(Stage.Namespace, "odd"),
            Uid = Guid.Parse(settled["metadata"]!["uid"]!.GetValue<string>()),
            Reason = DueReason.Spec,
            Turn = 0,
            Seen = new() { Controller = 7 },
            Time = TimeProvider.System.GetUtcNow(),
        };
        string[] harmless =
        [
            .. Enumerable.Repeat(change.ToJson(), 5), // doubled, and of a turn that is over
            (change with { Turn = 1, Reason = DueReason.Takeover }).ToJson(),
            (change with { Uid = Guid.NewGuid(), Turn = settled["status"]!["turn"]!.GetValue<long>() }).ToJson(), // a namesake's
            (change with { Key = new(Stage.Namespace, "nobody") }).ToJson(),
        ];
        string[] poison =
        [
            (change with { Key = new("kube-system", "odd") }).ToJson(),
            (change with { Kind = Kinds.Agent }).ToJson(),
            "hello",
            """{"specversion":"1.0","password":"s3cret"}""",
            new('x', 48 * 1024), // 64 KiB in base64
        ];
        var queue = new QueueClient(stage.Storage, Kind.Queue, new() { MessageEncoding = QueueMessageEncoding.Base64 });
        foreach (var text in harmless.Concat(poison))
            await queue.SendMessageAsync(text, Token);
        await new QueueClient(stage.Storage, Kind.Queue).SendMessageAsync("no base64: %%%", Token);
        await Eventually.HoldsAsync("the poison", async () => await stage.CountPoisonAsync(Kind) == poison.Length + 1, 180);
        await Eventually.HoldsAsync("an empty queue", async () => (await queue.GetPropertiesAsync(Token)).Value.ApproximateMessagesCount == 0, 180);

        var after = (await stage.FindAsync(Kind, "odd"))!;
        Assert.Equal(settled["metadata"]!["resourceVersion"]!.ToString(), after["metadata"]!["resourceVersion"]!.ToString());
        Assert.Contains(stage.Lines, line => line.Contains("subject names the namespace kube-system, but WATCH_NAMESPACE is default", StringComparison.Ordinal));
        Assert.DoesNotContain(stage.Lines, line => line.Contains("s3cret", StringComparison.Ordinal));
        var queued = new Insight.PoisonQueue(stage.Storage, Kind, Stage.Namespace);
        foreach (var message in await queued.ListAsync(Token))
            Assert.NotNull(await queued.DiscardAsync(message.Id, Token)); // one right after the other
        Assert.Equal(0, await stage.CountPoisonAsync(Kind));
    }

    [Fact]
    public async Task Memory_stays_flat_over_many_messages()
    {
        const int Part = 4000;
        var messages = Setting("IOFOG_TEST_MESSAGES", 5 * Part);
        var port = FreePort();
        await using var handler = stage.StartHandler(port);
        using var http = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}/") };
        await Eventually.HoldsAsync("a handler that listens", async () =>
        {
            try
            {
                return (await http.GetAsync(new Uri("", UriKind.Relative), Token)).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        await stage.ApplyDoorAsync("many");
        var uid = Guid.Parse((await stage.FindAsync(Kind, "many"))!["metadata"]!["uid"]!.GetValue<string>());
        var watch = Stopwatch.StartNew();
        var first = 0L;
        var sizes = new List<long>();
        for (var sent = 0; sent < messages; sent += Part)
        {
            await Parallel.ForEachAsync(Enumerable.Range(sent, Part), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token }, async (i, token) =>
            {
                // Of a turn that the object never had: read, and dropped.
                var change = new Change { Kind = Kind, Key = new(Stage.Namespace, "many"), Uid = uid, Reason = DueReason.Spec, Turn = i + 1000, Time = TimeProvider.System.GetUtcNow() };
                var body = new JsonObject { ["Data"] = new JsonObject { ["change"] = JsonValue.Create(change.ToJson())!.ToJsonString() }, ["Metadata"] = new JsonObject() };
                using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString())) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
                using var response = await http.PostAsync(new Uri(Kind.Name, UriKind.Relative), content, token);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            });
            sizes.Add(ResidentOf(handler.Id));
            first = sizes[0];
        }

        output.WriteLine($"{messages} messages in {watch.Elapsed.TotalSeconds:0} s, MB resident after each {Part}: {string.Join(' ', sizes.Select(size => size / 1024))}");
        Assert.InRange(sizes[^1], 0, first + Math.Max(first / 4, 16 * 1024)); // after the first part all is warm
        Assert.Null((await stage.FindAsync(Kind, "many"))!["status"]);
    }

    /// <summary>In kB.</summary>
    private static long ResidentOf(int process) => File.ReadLines($"/proc/{process}/status").Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)).Single();

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
