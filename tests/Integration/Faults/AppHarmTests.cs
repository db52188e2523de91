using System.Text.Json.Nodes;
using Azure.Storage.Queues;

namespace IoFog.Operator.Integration.Faults;

/// <summary>Function apps as processes that an outage or somebody's objects would harm, each with a network of its own.</summary>
public sealed class AppHarmTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly Kind Kind = Kinds.EdgeResource;

    private readonly Stage stage = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => stage.InitializeAsync();

    public ValueTask DisposeAsync() => stage.DisposeAsync();

    [Theory]
    [InlineData(Fault.Reset)]
    [InlineData(Fault.Stall)]
    public async Task An_API_server_that_is_away_ends_an_invocation_without_poison_and_without_a_hot_loop(Fault fault)
    {
        const int Doors = 10;
        var queue = new QueueClient(stage.Storage, Kind.Queue);
        var names = Enumerable.Range(0, Doors).Select(i => $"blind-{fault}-{i}".ToLowerInvariant()).ToArray();
        await using (var watcher = stage.StartWatcher())
        {
            await watcher.Ready;
            foreach (var name in names)
                await stage.ApplyDoorAsync(name);
            await Eventually.HoldsAsync("their messages", async () => await MessagesAsync() == Doors, 180);
        }

        var connections = stage.ToCluster.Accepted;
        await using var app = await stage.StartAppAsync(Kind);
        stage.ToCluster.Fault = fault;
        try
        {
            await Eventually.HoldsAsync("the end of all invocations", async () => await MessagesAsync() == 0, 120);
            await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, Token); // what would go on in a loop would go on now
        }
        finally
        {
            stage.ToCluster.Fault = Fault.None;
        }

        var more = stage.ToCluster.Accepted - connections;
        output.WriteLine($"{more} connections for {Doors} messages");
        Assert.InRange(more, 1, Doors * 20);
        Assert.Equal(0, await stage.CountPoisonAsync(Kind));
        Assert.All(await Task.WhenAll(names.Select(name => stage.FindAsync(Kind, name))), door => Assert.Null(door!["status"]));

        await using var next = stage.StartWatcher(); // finds them due and nothing in the queue
        foreach (var name in names)
            await Eventually.HoldsAsync($"{name} settled", () => stage.IsSettledAsync(Kind, name), 180);

        async Task<int> MessagesAsync() => (await queue.GetPropertiesAsync(Token)).Value.ApproximateMessagesCount;
    }

    [Fact]
    public async Task What_a_hostile_object_says_changes_nothing_but_its_own_status()
    {
        await using var watcher = stage.StartWatcher();
        await watcher.Ready;
        await using var app = await stage.StartAppAsync(Kind);
        await stage.ApplyDoorAsync("neighbour");
        await Eventually.HoldsAsync("a neighbour at rest", () => stage.IsAtRestAsync(Kind, "neighbour"), 180);
        var before = (await stage.FindAsync(Kind, "neighbour"))!;

        string[] texts =
        [
            "{0} {Name} %s %n %x", "{{ self | dump }} ${7*7} #{7*7}", "'; DROP TABLE EdgeResources; --", "../../../etc/passwd", "$(reboot) `reboot`",
            "a\r\n{\"EventId\":105,\"Message\":\"leads\"}", "\u001b[2J\u001b]0;title\u0007", "\u202egnol", "<script>alert(1)</script>", "\ud83d\ude00", new('x', 255),
        ];
        for (var i = 0; i < texts.Length; i++)
            await stage.ApplyAsync(Hostile($"hostile-{i}", texts[i]));
        await stage.ApplyAsync(Hostile(new('n', 253), "a name as long as a name may be"));
        var large = Hostile("hostile-large", "half a megabyte");
        large["spec"]!["interface"]!["endpoints"] = new JsonArray([.. Enumerable.Range(0, 256).Select(i => new JsonObject { ["name"] = $"e{i}", ["method"] = "GET", ["url"] = new string('/', 2000) })]);
        await stage.ApplyAsync(large);

        foreach (var name in texts.Select((_, i) => $"hostile-{i}").Append(new('n', 253)).Append("hostile-large"))
        {
            await Eventually.HoldsAsync($"an end for {name}", async () => (await stage.FindAsync(Kind, name))!["status"] is { } status
                && status["observedGeneration"] is not null && status["claim"] is null && (status["attempts"] is null || status["waitingFor"] is null), 180);
            output.WriteLine($"{name[..Math.Min(name.Length, 20)]}: {(await stage.FindAsync(Kind, name))!.Condition(Names.Ready)}");
        }

        Assert.Equal(0, await stage.CountPoisonAsync(Kind));
        Assert.Equal(before["metadata"]!["resourceVersion"]!.ToString(), (await stage.FindAsync(Kind, "neighbour"))!["metadata"]!["resourceVersion"]!.ToString());
        Assert.DoesNotContain(stage.Lines, line => line.Contains('\u001b', StringComparison.Ordinal));
        Assert.All(stage.Lines.Where(line => line.Contains("hostile", StringComparison.Ordinal) && line.StartsWith('{')), line => Assert.NotNull(JsonNode.Parse(line)));
    }

    /// <summary>A door that says one text wherever the API server lets it.</summary>
    private static JsonObject Hostile(string name, string text) => new()
    {
        ["apiVersion"] = Kind.ApiVersion,
        ["kind"] = Kind.Name,
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["annotations"] = new JsonObject { ["example.org/note"] = text, ["request.iofog.org/reconcile"] = text, ["request.iofog.org/reboot"] = text },
        },
        ["spec"] = new JsonObject
        {
            ["version"] = "v1.0.0",
            ["description"] = text,
            ["interfaceProtocol"] = "http",
            ["display"] = new JsonObject { ["name"] = text, ["icon"] = text },
            ["custom"] = new JsonObject { [text] = text },
            ["interface"] = new JsonObject { ["endpoints"] = new JsonArray(new JsonObject { ["name"] = "open", ["method"] = "PUT", ["url"] = text, ["description"] = text }) },
        },
    };
}
