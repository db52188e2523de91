using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Integration.Applications;

/// <summary>Microservices as objects of their own, and the traps of the Controller around them.</summary>
public sealed class MicroserviceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_field_is_stored_and_the_second_look_writes_nothing()
    {
        await using var network = await StartAsync();
        await network.CreateAgentAsync("gate-2");
        await network.CreateAsync(Kinds.Microservice, "a", """
            {"application":"health","agent":{"name":"gate-1"},"images":{"x86":"a:1","arm":"a:1-arm","registry":2},"logSize":7,
             "config":{"text":"he said \"hi\"","path":"C:\\","braces":"{{x}}","nested":{"a":{"b":{}}}},
             "container":{"rootHostAccess":true,"commands":["--name","{{ .Name }}"],"env":[{"key":"N","value":5},{"key":"T","value":"{% if %}"}],
              "volumes":[{"hostDestination":"data","containerDestination":"/c","accessMode":"ro","type":"volume"}],
              "extraHosts":[{"name":"hub","address":"${Agents.gate-2}"}],
              "ports":[{"internal":80,"external":8080,"public":{"schemes":["http","https"],"protocol":"http"}},{"internal":53,"external":5353,"protocol":"udp"}]}}
            """);

        var handled = await network.SettleAsync(Kinds.Microservice, "a");

        Assert.Equal("True Synced", handled.Condition("Synced"));
        Assert.Equal("""["http://undefined-proxy-host:6000","https://undefined-proxy-host:6000"]""", handled["status"]!["links"]!.ToJsonString());
        var stored = await FindAsync(network, "a");
        Assert.Equal("""{"text":"he said \u0022hi\u0022","path":"C:\u005c","braces":"{{x}}","nested":{"a":{"b":{}}}}""", stored.Config);
        Assert.Equal(["--name", "{{ .Name }}"], stored.Cmd!);
        Assert.Equal(["5", "{% if %}"], stored.Env!.Select(variable => variable.Value));
        Assert.Equal((7, 2, true), (stored.LogSize, stored.RegistryId, stored.RootHostAccess));
        var mark = network.Mark();
        await network.SettleAsync(Kinds.Microservice, "a");
        Assert.Empty(network.WritesSince(mark));
    }

    [Fact]
    public async Task A_change_of_the_configuration_alone_restarts_no_container()
    {
        await using var network = await StartAsync("""{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"a:1"},"logSize":9,"container":{"env":[{"key":"a","value":"1"}]}}""");
        using var device = await network.ProvisionAsync("gate-1");
        await device.RunAsync(network.Time.GetUtcNow()); // the container is made

        await network.EditAsync(Kinds.Microservice, "a", """{"config":{"rate":6}}""");
        await network.SettleAsync(Kinds.Microservice, "a");

        var stored = await FindAsync(network, "a");
        Assert.Equal(("""{"rate":6}""", 9, false), (stored.Config, stored.LogSize, stored.Rebuild));
        await network.EditAsync(Kinds.Microservice, "a", """{"images":{"x86":"a:2"}}""");
        await network.SettleAsync(Kinds.Microservice, "a");
        Assert.True((await FindAsync(network, "a")).Rebuild);
    }

    [Fact]
    public async Task A_rebuild_is_asked_for_once_and_survives_a_change_of_the_configuration()
    {
        await using var network = await StartAsync("""{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"a:1"},"logSize":9}""");
        using var device = await network.ProvisionAsync("gate-1");
        await device.RunAsync(network.Time.GetUtcNow());
        var mark = network.Mark();

        await network.AskAsync(Kinds.Microservice, "a", "rebuild");
        var handled = await network.SettleAsync(Kinds.Microservice, "a");
        await network.SettleAsync(Kinds.Microservice, "a");

        Assert.Equal([$"PATCH microservices/{handled.Status("uuid")} 204"], network.WritesSince(mark));
        Assert.Equal((true, 9), ((await FindAsync(network, "a")).Rebuild, (await FindAsync(network, "a")).LogSize));
        await network.EditAsync(Kinds.Microservice, "a", """{"config":{"rate":6}}""");
        await network.SettleAsync(Kinds.Microservice, "a");
        Assert.True((await FindAsync(network, "a")).Rebuild);
    }

    [Fact]
    public async Task What_somebody_changes_is_put_right()
    {
        await using var network = await StartAsync("""{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"a:1"},"logSize":9,"container":{"commands":["x"]}}""");
        await network.CreateAgentAsync("gate-2");
        var uuid = (await FindAsync(network, "a")).Uuid;
        var elsewhere = (await network.Controller.FindAgentsAsync("gate-2", Cancellation))[0].Uuid;
        await network.Controller.UpdateMicroserviceAsync(uuid, new() { ["iofogUuid"] = elsewhere, ["cmd"] = new JsonArray("y"), ["name"] = "b" }, Cancellation);

        await network.SettleAsync(Kinds.Microservice, "a");

        var stored = await FindAsync(network, "a");
        Assert.Equal((uuid, 9, "x"), (stored.Uuid, stored.LogSize, Assert.Single(stored.Cmd!)));
        Assert.NotEqual(elsewhere, stored.IofogUuid);
        await network.Controller.DeleteMicroserviceAsync(uuid, Cancellation);
        Assert.NotEqual(uuid, (await network.SettleAsync(Kinds.Microservice, "a")).Status("uuid"));
    }

    [Fact]
    public async Task What_was_half_created_is_made_anew()
    {
        await using var network = await StartAsync();
        var (code, _) = await network.TrySendAsync(HttpMethod.Post, "microservices", JsonNode.Parse("""
            {"application":"health","name":"a","agentName":"gate-1","images":[{"fogTypeId":1,"containerImage":"a:1"}],"ports":[{"internal":80,"external":8080},{"internal":80,"external":8081}]}
            """)!.AsObject());
        Assert.Equal(400, code); // and half of it is there
        var uuid = (await FindAsync(network, "a")).Uuid;
        await network.CreateAsync(Kinds.Microservice, "a", """{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"a:1"},"container":{"ports":[{"internal":80,"external":8080}]}}""");

        var handled = await network.SettleAsync(Kinds.Microservice, "a");

        Assert.Equal("True Synced", handled.Condition("Synced"));
        Assert.NotEqual(uuid, (await FindAsync(network, "a")).Uuid);
        Assert.NotNull((await FindAsync(network, "a")).Status);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_waited_for()
    {
        await using var network = await StartAsync("""{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"a:1"},"container":{"ports":[{"internal":80,"external":8080}]}}""");
        await network.CreateAsync(Kinds.Microservice, "b", """{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"b:1"},"container":{"ports":[{"internal":80,"external":8080}]}}""");

        var handled = await network.SettleAsync(Kinds.Microservice, "b");

        Assert.Equal("False PortTaken", handled.Condition("Synced"));
        Assert.Contains("spec.container.ports: ", handled["status"]!["conditions"]![0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        await network.DeleteAsync(Kinds.Microservice, "a");
        Assert.Null(await network.HandleAsync(Kinds.Microservice, "a"));
        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Microservice, "b")).Condition("Synced"));
    }

    [Theory]
    [InlineData("""{"container":{"ports":[{"internal":80,"external":8081}]}}""", """{"container":{"ports":[{"internal":80,"external":8080}]}}""", "gate-1", 8081)]
    [InlineData("""{"agent":{"name":"gate-2"}}""", """{"agent":{"name":"gate-1"}}""", "gate-2", 8080)]
    public async Task Two_that_change_places_settle_without_help(string a, string b, string agent, int port)
    {
        await using var network = await StartAsync("""{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"a:1"},"container":{"ports":[{"internal":80,"external":8080}]}}""");
        await network.CreateAgentAsync("gate-2");
        await network.CreateAsync(Kinds.Microservice, "b", $$"""{"application":"health","agent":{"name":"{{agent}}"},"images":{"x86":"b:1"},"container":{"ports":[{"internal":80,"external":{{port}} }]} }""");
        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Microservice, "b")).Condition("Synced"));

        await network.EditAsync(Kinds.Microservice, "a", a);
        await network.EditAsync(Kinds.Microservice, "b", b);
        foreach (var name in new[] { "a", "b", "a" })
            await network.SettleAsync(Kinds.Microservice, name);

        Assert.Equal("True Synced", (await network.ReadAsync(Kinds.Microservice, "a")).Condition("Synced"));
        Assert.Equal("True Synced", (await network.ReadAsync(Kinds.Microservice, "b")).Condition("Synced"));
    }

    [Theory]
    [InlineData("""{"x86":"a:1","registry":"9"}""", "False RegistryMissing")]
    [InlineData("""{"catalogId":99}""", "False CatalogItemMissing")]
    [InlineData("""{"arm":"a:1"}""", "False ImageMissing")]
    public async Task Says_what_is_missing_though_the_answer_is_500(string images, string condition)
    {
        await using var network = await StartAsync($$"""{"application":"health","agent":{"name":"gate-1"},"images":{{images}}}""");
        Assert.Equal(condition, (await network.ReadAsync(Kinds.Microservice, "a")).Condition("Ready"));
        await network.EditAsync(Kinds.Microservice, "a", """{"images":{"x86":"a:1","arm":null,"registry":null,"catalogId":null}}""");
        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Microservice, "a")).Condition("Synced"));
    }

    [Fact]
    public async Task Goes_from_images_to_the_catalog_and_back()
    {
        await using var network = await StartAsync("""{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"a:1"}}""");
        await network.EditAsync(Kinds.Microservice, "a", """{"images":{"x86":null,"catalogId":5}}""");
        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Microservice, "a")).Condition("Synced"));
        Assert.Equal(5, (await FindAsync(network, "a")).CatalogItemId);
        await network.EditAsync(Kinds.Microservice, "a", """{"images":{"x86":"a:1","catalogId":null}}""");
        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Microservice, "a")).Condition("Synced"));
        Assert.Null((await FindAsync(network, "a")).CatalogItemId);
    }

    [Fact]
    public async Task Waits_for_an_agent_that_has_not_said_what_it_is()
    {
        await using var network = await StartAsync();
        await network.CreateAgentAsync("unknown", "auto");
        await network.CreateAsync(Kinds.Microservice, "a", """{"application":"health","agent":{"name":"unknown"},"images":{"x86":"a:1"}}""");
        var handled = await network.SettleAsync(Kinds.Microservice, "a");
        Assert.Equal(("False WaitingForDependency", "Agent/unknown"), (handled.Condition("Ready"), handled.Status("waitingFor")));
        using var device = await network.ProvisionAsync("unknown");
        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Microservice, "a")).Condition("Synced"));
    }

    [Theory]
    [InlineData("""{"x86":"a:1"}""")]
    [InlineData("""{"catalogId":5}""")]
    public async Task An_application_waits_for_an_agent_that_has_not_said_what_it_is(string images)
    {
        await using var network = await StartAsync();
        await network.CreateAgentAsync("unknown", "auto");
        await network.CreateAsync(Kinds.Application, "other", $$"""{"microservices":[{"name":"m","agent":{"name":"unknown"},"images":{{images}}}]}""");
        var handled = await network.SettleAsync(Kinds.Application, "other");
        Assert.Equal(("False WaitingForDependency", "Agent/unknown"), (handled.Condition("Ready"), handled.Status("waitingFor")));
        using var device = await network.ProvisionAsync("unknown");
        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Application, "other")).Condition("Synced"));
    }

    [Fact]
    public async Task A_host_is_waited_for_by_its_name()
    {
        await using var network = await StartAsync("""{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"a:1"},"container":{"extraHosts":[{"name":"h","address":"${Agents.hub}"}]}}""");
        Assert.Equal("Agent/hub", (await network.ReadAsync(Kinds.Microservice, "a")).Status("waitingFor"));
        await network.CreateAgentAsync("hub");
        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Microservice, "a")).Condition("Synced"));

        await network.EditAsync(Kinds.Microservice, "a", """{"container":{"extraHosts":[{"name":"h","address":"${Apps.health.b.local}"}]}}""");
        Assert.Equal("Microservice/health/b", (await network.SettleAsync(Kinds.Microservice, "a")).Status("waitingFor"));
        await network.EditAsync(Kinds.Microservice, "a", """{"container":{"extraHosts":[{"name":"h","address":"${Apps.health}"}]}}""");
        var refused = await network.SettleAsync(Kinds.Microservice, "a");
        Assert.Equal("True MicroserviceInvalid", refused.Condition("Stalled"));
        Assert.Contains("spec.container.extraHosts[0].address", refused["status"]!["conditions"]![0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_whose_microservices_name_each_other_as_hosts_settles_by_itself()
    {
        await using var network = await StartAsync();
        await network.CreateAsync(Kinds.Application, "other", """
            {"microservices":[
              {"name":"m","agent":{"name":"gate-1"},"images":{"x86":"i:1"},"container":{"extraHosts":[{"name":"h","address":"${Apps.other.n.local}"}]}},
              {"name":"n","agent":{"name":"gate-1"},"images":{"x86":"i:1"}}]}
            """);
        var first = await network.SettleAsync(Kinds.Application, "other");
        Assert.Equal(("False HostMissing", null), (first.Condition("Synced"), first.Status("waitingFor")));
        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Application, "other")).Condition("Synced"));
        Assert.Equal(["m", "n"], (await network.Controller.FindApplicationAsync("other", Cancellation))!.Microservices!.Select(entry => entry.Name).Order());
    }

    /// <summary>The Controller takes one without a broker, and then can't let go of it: the deletion goes on trying and says so.</summary>
    [Fact]
    public async Task A_proxied_port_is_stored_and_its_microservice_goes_once_the_broker_answers()
    {
        await using var network = await StartAsync("""{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"a:1"},"container":{"ports":[{"internal":22,"external":2222,"proxy":true}]}}""");
        var stored = await network.SettleAsync(Kinds.Microservice, "a");
        Assert.Equal("True Synced", stored.Condition("Synced"));
        Assert.NotNull(Assert.Single((await FindAsync(network, "a")).Ports!).Proxy);
        var mark = network.Mark();
        await network.SettleAsync(Kinds.Microservice, "a");
        Assert.Empty(network.WritesSince(mark));

        _ = network.Emulator; // a real Controller may have a broker
        await network.DeleteAsync(Kinds.Microservice, "a");
        var waiting = await network.SettleAsync(Kinds.Microservice, "a");
        Assert.Contains("connect ECONNREFUSED", waiting["status"]!["conditions"]![0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        network.Tamper(state => state.Microservices[0]["ports"] = new JsonArray());
        Assert.Null(await network.HandleAsync(Kinds.Microservice, "a"));
    }

    [Fact]
    public async Task A_public_port_as_a_host_says_that_no_system_agent_has_it_and_holds_up_nothing_else()
    {
        await using var network = await StartAsync();
        await network.CreateAsync(Kinds.Application, "other", """
            {"microservices":[
              {"name":"buyer","agent":{"name":"gate-1"},"images":{"x86":"i:1"},"container":{"extraHosts":[{"name":"h","address":"${Apps.other.shop.public.6005}"}]}},
              {"name":"shop","agent":{"name":"gate-1"},"images":{"x86":"i:1"},"container":{"ports":[{"internal":80,"external":8080,"public":{"schemes":["http"],"protocol":"http","router":{"port":6005}}}]}}]}
            """);
        await network.SettleAsync(Kinds.Application, "other");
        var handled = await network.SettleAsync(Kinds.Application, "other");
        Assert.Equal("False HostMissing", handled.Condition("Synced"));
        Assert.Contains("spec.microservices[0].container.extraHosts: ", handled["status"]!["conditions"]![0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(["shop"], (await network.Controller.FindApplicationAsync("other", Cancellation))!.Microservices!.Select(entry => entry.Name));
    }

    [Fact]
    public async Task Waits_for_a_Controller_that_does_not_answer()
    {
        await using var network = await StartAsync("""{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"a:1"}}""");
        await network.CreateAsync(Kinds.Route, "loop", """{"application":"health","from":"a","to":"a"}""");
        await network.StopControllerAsync();
        foreach (var (kind, name) in new[] { (Kinds.Microservice, "a"), (Kinds.Route, "loop"), (Kinds.Application, "health") })
        {
            var handled = await network.SettleAsync(kind, name);
            Assert.Equal(("False WaitingForDependency", "Controller"), (handled.Condition("Synced"), handled.Status("waitingFor")));
        }
    }

    private static async Task<Network> StartAsync(string? spec = null)
    {
        var network = await Network.StartAsync();
        await network.CreateAgentAsync("gate-1");
        await network.CreateAsync(Kinds.Application, "health", "{}");
        await network.SettleAsync(Kinds.Application, "health");
        if (spec is null)
            return network;
        await network.CreateAsync(Kinds.Microservice, "a", spec);
        await network.SettleAsync(Kinds.Microservice, "a");
        return network;
    }

    private static async Task<MicroserviceEntry> FindAsync(Network network, string name) =>
        (await network.Controller.FindApplicationAsync("health", Cancellation))!.Microservices!.Single(entry => entry.Name == name);
}
