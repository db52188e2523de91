namespace IoFog.Operator.Integration.Applications;

public sealed class ApplicationTests
{
    private const string Health = """
        {"description":"Health","microservices":[
          {"name":"monitor","agent":{"name":"gate-1"},"images":{"x86":"monitor:1"},"config":{"text":"it's \"quoted\""},"logSize":20,
           "container":{"env":[{"key":"MODE","value":"full"}],"ports":[{"internal":80,"external":8080}],"volumes":[{"hostDestination":"/h","containerDestination":"/c","accessMode":"rw"}],"commands":["--fast"]}},
          {"name":"viewer","agent":{"name":"gate-2"},"images":{"x86":"viewer:1"}}],
         "routes":[{"name":"monitor-to-viewer","from":"monitor","to":"viewer"}]}
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sets_up_what_it_can_and_waits_for_the_rest()
    {
        await using var network = await StartAsync("gate-1");
        await network.CreateAsync(Kinds.Application, "health", Health);
        Assert.Equal("Agent/gate-2", (await network.SettleAsync(Kinds.Application, "health")).Status("waitingFor"));
        Assert.Equal("monitor", Assert.Single((await network.Controller.FindApplicationAsync("health", Cancellation))!.Microservices!).Name);

        await CreateAgentAsync(network, "gate-2");
        var handled = await network.SettleAsync(Kinds.Application, "health");

        Assert.Equal(("True Synced", "0/2"), (handled.Condition("Synced"), handled.Status("running")));
        Assert.Single((await network.Controller.FindApplicationAsync("health", Cancellation))!.Routes!);
    }

    [Fact]
    public async Task Writes_nothing_when_nothing_differs()
    {
        await using var network = await StartAsync("gate-1", "gate-2");
        await network.CreateAsync(Kinds.Application, "health", Health);
        await network.CreateAsync(Kinds.Microservice, "extra", """{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"extra:1"}}""");
        await network.CreateAsync(Kinds.Route, "extra-to-viewer", """{"application":"health","from":"extra","to":"viewer"}""");
        (Kind, string)[] objects = [(Kinds.Application, "health"), (Kinds.Microservice, "extra"), (Kinds.Route, "extra-to-viewer")];
        foreach (var (kind, name) in objects)
            Assert.Equal("True Synced", (await network.SettleAsync(kind, name)).Condition("Synced"));
        var mark = network.Mark();

        foreach (var (kind, name) in objects)
            await network.SettleAsync(kind, name);

        Assert.Empty(network.WritesSince(mark));
    }

    [Fact]
    public async Task Is_ready_when_all_of_its_microservices_run()
    {
        await using var network = await StartAsync("gate-1", "gate-2");
        await network.CreateAsync(Kinds.Application, "health", Health);
        Assert.Equal("False", (await network.SettleAsync(Kinds.Application, "health")).Condition("Ready")!.Split(' ')[0]);

        foreach (var agent in new[] { "gate-1", "gate-2" })
        {
            using var device = await network.ProvisionAsync(agent);
            await device.RunAsync(network.Time.GetUtcNow());
        }

        var handled = await network.SettleAsync(Kinds.Application, "health");
        Assert.Equal(("True", "2/2"), (handled.Condition("Ready")!.Split(' ')[0], handled.Status("running")));
    }

    [Fact]
    public async Task Takes_away_what_it_declared_and_leaves_what_others_own()
    {
        await using var network = await StartAsync("gate-1", "gate-2");
        await network.CreateAsync(Kinds.Application, "health", Health);
        await network.SettleAsync(Kinds.Application, "health");
        await network.CreateAsync(Kinds.Microservice, "extra", """{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"extra:1"}}""");
        await network.SettleAsync(Kinds.Microservice, "extra");

        await network.EditAsync(Kinds.Application, "health", """{"routes":null,"microservices":[{"name":"monitor","agent":{"name":"gate-1"},"images":{"x86":"monitor:1"}}]}""");
        await network.SettleAsync(Kinds.Application, "health");

        var left = (await network.Controller.FindApplicationAsync("health", Cancellation))!;
        Assert.Equal(["extra", "monitor"], left.Microservices!.Select(microservice => microservice.Name).Order());
        Assert.Empty(left.Routes!);
    }

    [Fact]
    public async Task Microservices_and_routes_of_their_own_come_in_order_and_go()
    {
        await using var network = await StartAsync();
        await network.CreateAsync(Kinds.Route, "a-to-b", """{"application":"health","from":"a","to":"b"}""");
        await network.CreateAsync(Kinds.Microservice, "a", """{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"a:1"}}""");
        await network.CreateAsync(Kinds.Microservice, "b", """{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"b:1"}}""");
        Assert.Equal("Application/health", (await network.SettleAsync(Kinds.Route, "a-to-b")).Status("waitingFor"));
        Assert.Equal("Agent/gate-1", (await network.SettleAsync(Kinds.Microservice, "a")).Status("waitingFor"));
        await CreateAgentAsync(network, "gate-1");
        Assert.Equal("Application/health", (await network.SettleAsync(Kinds.Microservice, "a")).Status("waitingFor"));
        await network.CreateAsync(Kinds.Application, "health", "{}");
        await network.SettleAsync(Kinds.Application, "health");
        Assert.Equal("Microservice/health/a", (await network.SettleAsync(Kinds.Route, "a-to-b")).Status("waitingFor"));

        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Microservice, "a")).Condition("Synced"));
        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Microservice, "b")).Condition("Synced"));
        Assert.Equal("True RouteConnected", (await network.SettleAsync(Kinds.Route, "a-to-b")).Condition("Ready"));

        await network.DeleteAsync(Kinds.Microservice, "a");
        Assert.Null(await network.HandleAsync(Kinds.Microservice, "a"));
        Assert.Equal("Microservice/health/a", (await network.SettleAsync(Kinds.Route, "a-to-b")).Status("waitingFor")); // the Controller took it along
        await network.DeleteAsync(Kinds.Route, "a-to-b");
        Assert.Null(await network.HandleAsync(Kinds.Route, "a-to-b"));
        await network.DeleteAsync(Kinds.Application, "health");
        Assert.Null(await network.HandleAsync(Kinds.Application, "health"));
        await network.DeleteAsync(Kinds.Microservice, "b");
        Assert.Null(await network.HandleAsync(Kinds.Microservice, "b"));
        Assert.Equal((1, 0, 0, 0, 0), await network.CountAsync());
    }

    [Fact]
    public async Task Whatever_gets_another_name_or_application_leaves_nothing_behind()
    {
        await using var network = await StartAsync("gate-1");
        await network.CreateAsync(Kinds.Application, "health", "{}");
        await network.CreateAsync(Kinds.Application, "wellness", "{}");
        await network.CreateAsync(Kinds.Microservice, "a", """{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"a:1"}}""");
        await network.CreateAsync(Kinds.Route, "loop", """{"application":"health","from":"a","to":"a"}""");
        (Kind, string)[] objects = [(Kinds.Application, "health"), (Kinds.Application, "wellness"), (Kinds.Microservice, "a"), (Kinds.Route, "loop")];
        foreach (var (kind, name) in objects)
            Assert.Equal("True Synced", (await network.SettleAsync(kind, name)).Condition("Synced"));

        await network.EditAsync(Kinds.Route, "loop", """{"name":"circle"}""");
        await network.SettleAsync(Kinds.Route, "loop");
        await network.EditAsync(Kinds.Microservice, "a", """{"name":"b"}""");
        var renamed = await network.SettleAsync(Kinds.Microservice, "a");
        Assert.Equal("b", Assert.Single((await network.Controller.FindApplicationAsync("health", Cancellation))!.Microservices!).Name);
        Assert.Equal("circle", Assert.Single((await network.Controller.FindApplicationAsync("health", Cancellation))!.Routes!).Name);
        await network.EditAsync(Kinds.Application, "health", """{"name":"fitness"}""");
        Assert.Equal("fitness", (await network.SettleAsync(Kinds.Application, "health")).Status("name"));
        await network.EditAsync(Kinds.Microservice, "a", """{"application":"wellness"}""");
        Assert.NotEqual(renamed.Status("uuid"), (await network.SettleAsync(Kinds.Microservice, "a")).Status("uuid"));

        Assert.Null(await network.Controller.FindApplicationAsync("health", Cancellation));
        Assert.Empty((await network.Controller.FindApplicationAsync("fitness", Cancellation))!.Microservices!);
        Assert.Equal("b", Assert.Single((await network.Controller.FindApplicationAsync("wellness", Cancellation))!.Microservices!).Name);
    }

    private static async Task<Network> StartAsync(params string[] agents)
    {
        var network = await Network.StartAsync();
        foreach (var agent in agents)
            await CreateAgentAsync(network, agent);
        return network;
    }

    private static async Task CreateAgentAsync(Network network, string name)
    {
        await network.CreateAsync(Kinds.Agent, name, """{"host":"h","agentType":"x86"}""");
        await network.SettleAsync(Kinds.Agent, name);
    }
}
