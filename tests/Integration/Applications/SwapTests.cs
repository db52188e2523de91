using IoFog.Operator.Controller;

namespace IoFog.Operator.Integration.Applications;

/// <summary>Objects that change places: what one is to have is taken by the other, so that none could go first.</summary>
public sealed class SwapTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Agents_change_their_names()
    {
        await using var network = await Network.StartAsync();
        var uuids = new Dictionary<string, string?>();
        foreach (var (name, its) in new[] { ("a", "one"), ("b", "two"), ("c", "three") })
        {
            await network.CreateAsync(Kinds.Agent, name, $$"""{"host":"h","name":"{{its}}"}""");
            uuids[name] = (await network.SettleAsync(Kinds.Agent, name)).Status("uuid");
        }

        await network.EditAsync(Kinds.Agent, "a", """{"name":"two"}""");
        Assert.Equal("False NameTaken", (await network.SettleAsync(Kinds.Agent, "a")).Condition("Synced"));
        Assert.Equal("one", (await network.Controller.FindAgentAsync(uuids["a"]!, Cancellation))!.Name);
        await network.EditAsync(Kinds.Agent, "b", """{"name":"three"}""");
        await network.EditAsync(Kinds.Agent, "c", """{"name":"one"}""");
        await SettleAllAsync(network, (Kinds.Agent, "a"), (Kinds.Agent, "b"), (Kinds.Agent, "c"));

        foreach (var (name, its) in new[] { ("a", "two"), ("b", "three"), ("c", "one") })
            Assert.Equal(uuids[name], Assert.Single(await network.Controller.FindAgentsAsync(its, Cancellation)).Uuid);
        Assert.Equal(3, (await network.Controller.ListAgentsAsync(Cancellation)).Count);
    }

    [Fact]
    public async Task Applications_change_their_names_and_keep_what_is_in_them()
    {
        await using var network = await StartAsync();
        await network.CreateAsync(Kinds.Application, "a", """{"name":"one","microservices":[{"name":"of-a","agent":{"name":"gate-1"},"images":{"x86":"i:1"}}]}""");
        await network.CreateAsync(Kinds.Application, "b", """{"name":"two","microservices":[{"name":"of-b","agent":{"name":"gate-2"},"images":{"x86":"i:1"}}]}""");
        await SettleAllAsync(network, (Kinds.Application, "a"), (Kinds.Application, "b"));
        var before = ((await network.Controller.FindApplicationAsync("one", Cancellation))!, (await network.Controller.FindApplicationAsync("two", Cancellation))!);

        await network.EditAsync(Kinds.Application, "a", """{"name":"two","description":"was one"}""");
        Assert.Equal("False NameTaken", (await network.SettleAsync(Kinds.Application, "a")).Condition("Synced"));
        await network.EditAsync(Kinds.Application, "b", """{"name":"one"}""");
        await SettleAllAsync(network, (Kinds.Application, "a"), (Kinds.Application, "b"));

        var (one, two) = ((await network.Controller.FindApplicationAsync("one", Cancellation))!, (await network.Controller.FindApplicationAsync("two", Cancellation))!);
        Assert.Equal((before.Item1.Id, before.Item2.Id, "was one"), (two.Id, one.Id, two.Description));
        Assert.Equal(
            (before.Item1.Microservices![0].Uuid, before.Item2.Microservices![0].Uuid), (Assert.Single(two.Microservices!).Uuid, Assert.Single(one.Microservices!).Uuid));
        Assert.Equal(2, (await network.CountAsync()).Applications);
    }

    [Fact]
    public async Task Routes_change_their_ends()
    {
        await using var network = await StartAsync();
        await network.CreateAsync(Kinds.Application, "health", """
            {"microservices":[{"name":"m","agent":{"name":"gate-1"},"images":{"x86":"i:1"}},{"name":"n","agent":{"name":"gate-1"},"images":{"x86":"i:1"}}]}
            """);
        await network.CreateAsync(Kinds.Route, "r", """{"application":"health","from":"m","to":"n"}""");
        await network.CreateAsync(Kinds.Route, "s", """{"application":"health","from":"n","to":"m"}""");
        await SettleAllAsync(network, (Kinds.Application, "health"), (Kinds.Route, "r"), (Kinds.Route, "s"));

        await network.EditAsync(Kinds.Route, "r", """{"from":"n","to":"m"}""");
        await network.EditAsync(Kinds.Route, "s", """{"from":"m","to":"n"}""");
        await SettleAllAsync(network, (Kinds.Route, "r"), (Kinds.Route, "s"));

        var routes = (await network.Controller.FindApplicationAsync("health", Cancellation))!.Routes!.Select(route => (route.Name, route.From, route.To)).Order();
        Assert.Equal([("r", "n", "m"), ("s", "m", "n")], routes);
    }

    [Fact]
    public async Task Routes_change_their_names()
    {
        await using var network = await StartAsync();
        await network.CreateAsync(Kinds.Application, "health", """
            {"microservices":[{"name":"m","agent":{"name":"gate-1"},"images":{"x86":"i:1"}},{"name":"n","agent":{"name":"gate-1"},"images":{"x86":"i:1"}}]}
            """);
        await network.CreateAsync(Kinds.Route, "a", """{"name":"r","application":"health","from":"m","to":"n"}""");
        await network.CreateAsync(Kinds.Route, "b", """{"name":"s","application":"health","from":"n","to":"m"}""");
        await SettleAllAsync(network, (Kinds.Application, "health"), (Kinds.Route, "a"), (Kinds.Route, "b"));

        await network.EditAsync(Kinds.Route, "a", """{"name":"s"}""");
        await network.EditAsync(Kinds.Route, "b", """{"name":"r"}""");
        await SettleAllAsync(network, (Kinds.Route, "a"), (Kinds.Route, "b"));

        var routes = (await network.Controller.FindApplicationAsync("health", Cancellation))!.Routes!.Select(route => (route.Name, route.From, route.To)).Order();
        Assert.Equal([("r", "n", "m"), ("s", "m", "n")], routes);
    }

    [Fact]
    public async Task Microservices_of_one_application_change_their_agents_or_ports()
    {
        await using var network = await StartAsync();
        await network.CreateAsync(Kinds.Application, "health", Declaring("gate-1", 8080, "gate-2", 8080));
        await SettleAllAsync(network, (Kinds.Application, "health"));
        await network.EditAsync(Kinds.Application, "health", Declaring("gate-2", 8080, "gate-1", 8080));
        await SettleAllAsync(network, (Kinds.Application, "health"));
        await network.EditAsync(Kinds.Application, "health", Declaring("gate-1", 8080, "gate-1", 8081));
        await SettleAllAsync(network, (Kinds.Application, "health"));
        await network.EditAsync(Kinds.Application, "health", Declaring("gate-1", 8081, "gate-1", 8080));
        await SettleAllAsync(network, (Kinds.Application, "health"));
        Assert.Equal([8081, 8080], (await network.Controller.FindApplicationAsync("health", Cancellation))!.Microservices!.OrderBy(entry => entry.Name).Select(entry => entry.Ports![0].External));

        static string Declaring(string agentOfM, int portOfM, string agentOfN, int portOfN) => $$"""
            {"microservices":[
              {"name":"m","agent":{"name":"{{agentOfM}}"},"images":{"x86":"i:1"},"container":{"ports":[{"internal":80,"external":{{portOfM}} } ] } },
              {"name":"n","agent":{"name":"{{agentOfN}}"},"images":{"x86":"i:1"},"container":{"ports":[{"internal":80,"external":{{portOfN}} } ] } }]}
            """;
    }

    [Theory]
    [InlineData("a", "b")]
    [InlineData("b", "a")]
    public async Task Microservices_change_their_names_one_after_the_other(string first, string second)
    {
        var others = new Dictionary<string, string> { ["a"] = "two", ["b"] = "one" };
        await using var network = await StartAsync();
        await network.CreateAsync(Kinds.Application, "health", "{}");
        await network.CreateAsync(Kinds.Microservice, "a", """{"name":"one","application":"health","agent":{"name":"gate-1"},"images":{"x86":"a:1"}}""");
        await network.CreateAsync(Kinds.Microservice, "b", """{"name":"two","application":"health","agent":{"name":"gate-1"},"images":{"x86":"b:1"}}""");
        await SettleAllAsync(network, (Kinds.Application, "health"), (Kinds.Microservice, "a"), (Kinds.Microservice, "b"));

        await network.EditAsync(Kinds.Microservice, first, $$"""{"name":"{{others[first]}}"}""");
        await network.SettleAsync(Kinds.Microservice, first);
        await network.EditAsync(Kinds.Microservice, second, $$"""{"name":"{{others[second]}}"}""");
        await SettleAllAsync(network, (Kinds.Microservice, "a"), (Kinds.Microservice, "b"));

        var mark = network.Mark();
        await SettleAllAsync(network, (Kinds.Microservice, "a"), (Kinds.Microservice, "b"));
        Assert.Empty(network.WritesSince(mark));
        var images = (await network.Controller.FindApplicationAsync("health", Cancellation))!.Microservices!.Select(entry => $"{entry.Name} {entry.Images![0].ContainerImage}").Order();
        Assert.Equal(["one b:1", "two a:1"], images);
    }

    [Fact]
    public async Task A_declared_microservice_and_an_object_change_their_agents()
    {
        const string Port = """ "images":{"x86":"i:1"},"container":{"ports":[{"internal":80,"external":8080}]} """;
        await using var network = await StartAsync();
        await network.CreateAsync(Kinds.Application, "health", $$"""{"microservices":[{"name":"m","agent":{"name":"gate-1"},{{Port}}}]}""");
        await network.CreateAsync(Kinds.Microservice, "n", $$"""{"application":"health","agent":{"name":"gate-2"},{{Port}}}""");
        await SettleAllAsync(network, (Kinds.Application, "health"), (Kinds.Microservice, "n"));
        await network.EditAsync(Kinds.Application, "health", $$"""{"microservices":[{"name":"m","agent":{"name":"gate-2"},{{Port}}}]}""");
        await network.EditAsync(Kinds.Microservice, "n", """{"agent":{"name":"gate-1"}}""");
        await SettleAllAsync(network, (Kinds.Application, "health"), (Kinds.Microservice, "n"));
    }

    private static async Task<Network> StartAsync()
    {
        var network = await Network.StartAsync();
        await network.CreateAgentAsync("gate-1");
        await network.CreateAgentAsync("gate-2");
        return network;
    }

    /// <summary>Looks at each in turn, three times; then all must be as they are to be.</summary>
    private static async Task SettleAllAsync(Network network, params (Kind Kind, string Name)[] all)
    {
        for (var round = 0; round < 3; round++)
        {
            foreach (var (kind, name) in all)
                await network.SettleAsync(kind, name);
        }

        foreach (var (kind, name) in all)
        {
            var resource = await network.ReadAsync(kind, name);
            Assert.True(resource.Condition("Synced") == "True Synced", $"{kind} {name}: {resource["status"]?["conditions"]?.ToJsonString()}");
        }
    }
}
