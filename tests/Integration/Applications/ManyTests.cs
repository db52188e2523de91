using System.Globalization;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Integration.Applications;

/// <summary>Many of them: work that takes more than one turn, and a second look that writes nothing.</summary>
public sealed class ManyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_hundred_microservices_settle_in_several_turns_that_say_how_far_they_are()
    {
        await using var network = await Network.StartAsync(time: new SlowClock(TimeSpan.FromMilliseconds(80)));
        await network.CreateAgentAsync("gate-1");
        var microservices = new JsonArray([.. Enumerable.Range(0, 300).Select(i => (JsonNode)JsonNode.Parse($$"""{"name":"m{{i}}","agent":{"name":"gate-1"},"images":{"x86":"m:{{i}}"} }""")!)]);
        await network.CreateAsync(Kinds.Application, "health", new JsonObject { ["microservices"] = microservices }.ToJsonString());

        var turns = new List<string>();
        JsonObject handled;
        do
        {
            handled = (await network.HandleAsync(Kinds.Application, "health", turns: 1))!;
            turns.Add(handled["status"]!["conditions"]![1]!["message"]!.GetValue<string>());
            Assert.Equal(300, handled["status"]!["children"]!.AsArray().Count); // known before any of them was created
        }
        while (handled.Condition("Reconciling") is not null);

        Assert.Equal(("True Synced", "0/300"), (handled.Condition("Synced"), handled.Status("running")));
        Assert.InRange(turns.Count, 3, 6);
        Assert.All(turns[..^1], message => Assert.Matches("^[0-9]+ of [0-9]+ steps are done$", message));
        await network.DeleteAsync(Kinds.Application, "health");
        Assert.Null(await network.HandleAsync(Kinds.Application, "health"));
        Assert.Equal(0, (await network.CountAsync()).Microservices);
    }

    [Fact]
    public async Task Three_hundred_objects_of_all_kinds_settle_and_a_second_look_writes_nothing()
    {
        await using var network = await Network.StartAsync();
        var objects = new List<(Kind Kind, string Name, string Spec)>();
        Add(60, Kinds.Agent, "gate", i => """{"host":"h","agentType":"x86","tags":["t"]}""");
        Add(20, Kinds.EdgeResource, "door", i => $$"""{"version":"v1.0.0","interfaceProtocol":"http","interface":{"endpoints":[{"name":"open","method":"PUT","url":"/open"}]},"agents":["gate-{{i}}"]}""");
        Add(20, Kinds.Application, "app", i => $$"""{"microservices":[{"name":"a","agent":{"name":"gate-{{i}}"},"images":{"x86":"a:1"} },{"name":"b","agent":{"name":"gate-{{i}}"},"images":{"x86":"b:1"} }],"routes":[{"from":"a","to":"b"}]}""");
        Add(140, Kinds.Microservice, "m", i => $$"""{"application":"app-{{i % 20}}","agent":{"name":"gate-{{i % 60}}"},"images":{"x86":"m:1"},"config":{"i":{{i}} },"container":{"env":[{"key":"I","value":"{{i}}"}],"ports":[{"internal":80,"external":{{10000 + i}} }]} }""");
        Add(60, Kinds.Route, "r", i => $$"""{"application":"app-{{i % 20}}","from":"m-{{i}}","to":"a"}""");
        Assert.Equal(300, objects.Count);

        foreach (var kind in Kinds.All)
            await ForAllAsync(kind, (o, token) => network.CreateAsync(o.Kind, o.Name, o.Spec));
        foreach (var kind in Kinds.All)
            await ForAllAsync(kind, async (o, token) => Assert.Equal("True Synced", (await network.SettleAsync(o.Kind, o.Name)).Condition("Synced")));
        Assert.Equal((60, 20, 180, 80, 20), await network.CountAsync());
        var mark = network.Mark();

        foreach (var kind in Kinds.All)
            await ForAllAsync(kind, (o, token) => network.SettleAsync(o.Kind, o.Name));

        Assert.Empty(network.WritesSince(mark));

        void Add(int count, Kind kind, string name, Func<int, string> spec) =>
            objects.AddRange(Enumerable.Range(0, count).Select(i => (kind, string.Create(CultureInfo.InvariantCulture, $"{name}-{i}"), spec(i))));

        Task ForAllAsync(Kind kind, Func<(Kind Kind, string Name, string Spec), CancellationToken, Task> act) =>
            Parallel.ForEachAsync(objects.Where(o => o.Kind == kind), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancellation }, async (o, token) => await act(o, token));
    }

    /// <summary>A clock whose every reading costs time, as each write to a loaded Controller does.</summary>
    private sealed class SlowClock(TimeSpan step) : TimeProvider
    {
        private long readings;

        public override long GetTimestamp() => Interlocked.Increment(ref readings) * (long)(step.TotalSeconds * TimestampFrequency);
    }
}
