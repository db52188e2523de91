using System.Text.Json.Nodes;
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

    [Theory]
    [InlineData("a", "b")]
    [InlineData("b", "a")]
    public async Task Edge_resources_change_their_names_or_versions_and_each_agent_has_its_own(string first, string second)
    {
        var present = new Dictionary<string, string> { ["a"] = "cam 1.0.0", ["b"] = "eye 1.0.0" };
        await using var network = await StartAsync();
        await network.CreateAsync(Kinds.EdgeResource, "a", Resource("cam", "gate-1", "http", "of-a"));
        await network.PassSecondAsync();
        await network.CreateAsync(Kinds.EdgeResource, "b", Resource("eye", "gate-2", "ws", "of-b"));
        await SettleAllAsync(network, (Kinds.EdgeResource, "a"), (Kinds.EdgeResource, "b"));
        foreach (var (ofA, ofB) in new[] { ("eye 1.0.0", "cam 1.0.0"), ("eye 2.0.0", "eye 1.0.0"), ("eye 1.0.0", "eye 2.0.0") })
        {
            var wanted = new Dictionary<string, string> { ["a"] = ofA, ["b"] = ofB };
            foreach (var name in new[] { first, second })
            {
                await network.EditAsync(Kinds.EdgeResource, name, $$"""{"name":"{{wanted[name].Split(' ')[0]}}","version":"{{wanted[name].Split(' ')[1]}}"}""");
                if (!present.ContainsValue(wanted[name]) || name == second)
                    await network.SettleAsync(Kinds.EdgeResource, name); // else it waits for the other one
            }

            await SettleAllAsync(network, (Kinds.EdgeResource, "a"), (Kinds.EdgeResource, "b"));
            var mark = network.Mark();
            await SettleAllAsync(network, (Kinds.EdgeResource, "a"), (Kinds.EdgeResource, "b"));
            Assert.Empty(network.WritesSince(mark));
            Assert.Equal(2, (await network.CountAsync()).EdgeResources);
            foreach (var (its, agent, protocol, endpoint) in new[] { (ofA, "gate-1", "http", "of-a"), (ofB, "gate-2", "ws", "of-b") })
            {
                var stored = (await network.Controller.FindEdgeResourceAsync(its.Split(' ')[0], its.Split(' ')[1], Cancellation))!;
                Assert.Equal((protocol, endpoint), (stored.InterfaceProtocol, Assert.Single(stored.Interface!.Endpoints!).Name));
                var linked = Assert.Single(Assert.Single(await network.Controller.FindAgentsAsync(agent, Cancellation)).EdgeResources!);
                Assert.Equal(its, $"{linked.Name} {linked.Version}");
            }

            present = wanted;
        }

        static string Resource(string name, string agent, string protocol, string endpoint) => $$"""
            {"name":"{{name}}","version":"1.0.0","interfaceProtocol":"{{protocol}}","interface":{"endpoints":[{"name":"{{endpoint}}","method":"GET","url":"/"}]},
             "orchestrationTags":["{{endpoint}}"],"agents":["{{agent}}"]}
            """;
    }

    [Fact]
    public async Task An_agent_under_the_new_name_is_taken_over_as_long_as_no_device_would_lose_its_own()
    {
        await using var network = await Network.StartAsync();
        await network.SendAsync(HttpMethod.Post, "iofog", new() { ["name"] = "theirs", ["fogType"] = 1, ["host"] = "h", ["memoryLimit"] = 99, ["tags"] = new JsonArray("kept") });
        var theirs = Assert.Single(await network.Controller.FindAgentsAsync("theirs", Cancellation)).Uuid;
        await network.CreateAsync(Kinds.Agent, "a", """{"host":"h","agentType":"x86","config":{"diskLimit":7}}""");
        await network.SettleAsync(Kinds.Agent, "a");

        await network.EditAsync(Kinds.Agent, "a", """{"name":"theirs","config":null}""");
        var taken = await network.SettleAsync(Kinds.Agent, "a");

        Assert.Equal(("True Synced", theirs), (taken.Condition("Synced"), taken.Status("uuid")));
        var agent = Assert.Single(await network.Controller.ListAgentsAsync(Cancellation));
        Assert.Equal((theirs, "theirs"), (agent.Uuid, agent.Name));
        Assert.Equal(["kept"], agent.Tags); // nor is anything of it taken back
        Assert.Equal(99, agent.Fields!["memoryLimit"].GetInt32());

        using var device = await network.ProvisionAsync("a");
        await device.ReportAsync(network.Time.GetUtcNow());
        await network.SendAsync(HttpMethod.Post, "iofog", new() { ["name"] = "others", ["fogType"] = 1, ["host"] = "h" });
        await network.EditAsync(Kinds.Agent, "a", """{"name":"others"}""");
        var mark = network.Mark();
        var kept = await network.SettleAsync(Kinds.Agent, "a");
        Assert.Equal(("False NameTaken", theirs), (kept.Condition("Synced"), kept.Status("uuid")));
        Assert.Empty(network.WritesSince(mark));
    }

    [Fact]
    public async Task An_application_under_the_new_name_is_taken_over_unless_others_would_lose_what_they_have_in_the_former()
    {
        const string Body = """{"name":"theirs","isActivated":true,"microservices":[{"name":"n","agentName":"gate-1","images":[{"fogTypeId":1,"containerImage":"i:1"}]}]}""";
        await using var network = await StartAsync();
        await network.SendAsync(HttpMethod.Post, "application", JsonNode.Parse(Body)!.AsObject());
        var theirs = (await network.Controller.FindApplicationAsync("theirs", Cancellation))!.Id;
        await network.CreateAsync(Kinds.Application, "a", """{"microservices":[{"name":"m","agent":{"name":"gate-1"},"images":{"x86":"i:1"},"container":{"ports":[{"internal":80,"external":8080}]}}]}""");
        await network.CreateAsync(Kinds.Microservice, "other", """{"application":"a","agent":{"name":"gate-2"},"images":{"x86":"i:1"}}""");
        await SettleAllAsync(network, (Kinds.Application, "a"), (Kinds.Microservice, "other"));

        await network.EditAsync(Kinds.Application, "a", """{"name":"theirs"}""");
        var waiting = await network.SettleAsync(Kinds.Application, "a");
        Assert.Equal("False NameTaken", waiting.Condition("Synced"));
        Assert.Contains("microservice/other", waiting["status"]!["conditions"]![0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(2, (await network.Controller.FindApplicationAsync("a", Cancellation))!.Microservices!.Count);

        await network.EditAsync(Kinds.Microservice, "other", """{"application":"theirs"}""");
        await SettleAllAsync(network, (Kinds.Microservice, "other"), (Kinds.Application, "a"));

        Assert.Null(await network.Controller.FindApplicationAsync("a", Cancellation));
        var application = (await network.Controller.FindApplicationAsync("theirs", Cancellation))!;
        Assert.Equal(theirs, application.Id);
        Assert.Equal(["m", "n", "other"], application.Microservices!.Select(entry => entry.Name).Order());
        var mark = network.Mark();
        await SettleAllAsync(network, (Kinds.Application, "a"));
        Assert.Empty(network.WritesSince(mark));

        await network.EditAsync(Kinds.Application, "a", """{"microservices":null}""");
        await SettleAllAsync(network, (Kinds.Application, "a"));
        Assert.Equal(["n", "other"], (await network.Controller.FindApplicationAsync("theirs", Cancellation))!.Microservices!.Select(entry => entry.Name).Order()); // what was theirs stays
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
