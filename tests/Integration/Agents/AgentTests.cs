using System.Text.Json.Nodes;

namespace IoFog.Operator.Integration.Agents;

public sealed class AgentTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Creates_an_agent_that_is_ready_once_its_device_runs()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"10.0.0.21","agentType":"x86","tags":["gate"],"config":{"memoryLimit":2048}}""");

        var created = await network.SettleAsync(Kinds.Agent, "gate-1");

        Assert.Equal(("True Synced", "False AgentNotProvisioned"), (created.Condition("Synced"), created.Condition("Ready")));
        var agent = Assert.Single(await network.Controller.FindAgentsAsync("gate-1", Cancellation));
        Assert.Equal((agent.Uuid, "UNKNOWN"), (created.Status("uuid"), created.Status("state")));
        Assert.Equal((1, "edge", 2048), (agent.FogTypeId, agent.RouterMode, agent.Fields!["memoryLimit"].GetInt32()));

        Provision(network, agent.Uuid, "RUNNING");
        var running = await network.SettleAsync(Kinds.Agent, "gate-1");
        Assert.Equal("True AgentRunning", running.Condition("Ready"));
        Assert.Equal(("RUNNING", "3.0.1", "10.0.0.1"), (running.Status("state"), running.Status("version"), running.Status("address")));

        Provision(network, agent.Uuid, "UNKNOWN");
        Assert.Equal("False AgentSilent", (await network.SettleAsync(Kinds.Agent, "gate-1")).Condition("Ready"));
    }

    [Fact]
    public async Task Writes_nothing_when_nothing_differs()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h","latitude":52,"longitude":-13.25,"tags":["gate"],"config":{"logLevel":"FINE","watchdogEnabled":false}}""");
        await network.HandleAsync(Kinds.Agent, "gate-1");
        var mark = network.Mark();

        await network.HandleAsync(Kinds.Agent, "gate-1");

        Assert.Empty(network.WritesSince(mark));
    }

    [Fact]
    public async Task Repairs_only_what_somebody_changed()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h","tags":["gate"],"config":{"memoryLimit":2048}}""");
        var uuid = (await network.SettleAsync(Kinds.Agent, "gate-1")).Status("uuid")!;
        await network.Controller.UpdateAgentAsync(uuid, new() { ["memoryLimit"] = 1, ["cpuLimit"] = 7, ["tags"] = new JsonArray("theirs") }, Cancellation);

        await network.HandleAsync(Kinds.Agent, "gate-1");

        var agent = (await network.Controller.FindAgentAsync(uuid, Cancellation))!;
        Assert.Equal((2048, 7), (agent.Fields!["memoryLimit"].GetInt32(), agent.Fields["cpuLimit"].GetInt32()));
        Assert.Equal(["theirs", "gate"], agent.Tags);
    }

    [Fact]
    public async Task Adopts_what_is_there_and_takes_it_along_when_it_goes()
    {
        await using var network = await Network.StartAsync();
        var uuid = await network.Controller.CreateAgentAsync(new() { ["name"] = "gate-1", ["fogType"] = 1, ["host"] = "h" }, Cancellation);
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h"}""");
        var mark = network.Mark();

        var adopted = await network.SettleAsync(Kinds.Agent, "gate-1");
        Assert.Equal((uuid, true), (adopted.Status("uuid"), adopted.HasFinalizer()));
        Assert.Empty(network.WritesSince(mark));

        await network.DeleteAsync(Kinds.Agent, "gate-1");
        Assert.Null(await network.HandleAsync(Kinds.Agent, "gate-1"));
        Assert.Null(await network.Controller.FindAgentAsync(uuid, Cancellation));
    }

    [Fact]
    public async Task Renames_the_agent_with_its_object()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h"}""");
        var uuid = (await network.SettleAsync(Kinds.Agent, "gate-1")).Status("uuid")!;

        await network.EditAsync(Kinds.Agent, "gate-1", """{"name":"North Gate"}""");
        var renamed = await network.SettleAsync(Kinds.Agent, "gate-1");

        Assert.Equal((uuid, "True Synced"), (renamed.Status("uuid"), renamed.Condition("Synced")));
        Assert.Equal(uuid, Assert.Single(await network.Controller.FindAgentsAsync("North Gate", Cancellation)).Uuid);
        Assert.Empty(await network.Controller.FindAgentsAsync("gate-1", Cancellation));
    }

    [Fact]
    public async Task Removes_the_younger_of_a_name_that_was_created_twice()
    {
        await using var network = await Network.StartAsync();
        var uuid = await network.Controller.CreateAgentAsync(new() { ["name"] = "gate-1", ["fogType"] = 1, ["host"] = "h" }, Cancellation);
        lock (network.Emulator.State.Gate)
        {
            // As simultaneous creates leave it.
            var second = network.Emulator.State.Agents[0].DeepClone().AsObject();
            (second["uuid"], second["createdAt"]) = ("second", "2099-01-01T00:00:00.000Z");
            network.Emulator.State.Agents.Add(second);
        }

        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h"}""");
        var handled = await network.SettleAsync(Kinds.Agent, "gate-1");

        Assert.Equal(uuid, handled.Status("uuid"));
        Assert.Equal(uuid, Assert.Single(await network.Controller.FindAgentsAsync("gate-1", Cancellation)).Uuid);
    }

    [Fact]
    public async Task Waits_for_the_routers_that_it_names()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h","upstreamRouters":["core","default-router"]}""");
        var waiting = await network.SettleAsync(Kinds.Agent, "gate-1");
        Assert.Equal(("Agent/core", "False WaitingForDependency"), (waiting.Status("waitingFor"), waiting.Condition("Synced")));
        Assert.False(waiting.HasFinalizer());

        await network.CreateAsync(Kinds.Agent, "core", """{"host":"c"}""");
        await network.HandleAsync(Kinds.Agent, "core");
        Assert.Equal("Agent/core", (await network.SettleAsync(Kinds.Agent, "gate-1")).Status("waitingFor")); // its router is not interior

        await network.EditAsync(Kinds.Agent, "core", """{"routerConfig":{"routerMode":"interior","interRouterPort":56721,"edgeRouterPort":56722}}""");
        var core = await network.SettleAsync(Kinds.Agent, "core");
        Assert.Equal("True Synced", core.Condition("Synced"));

        var handled = await network.SettleAsync(Kinds.Agent, "gate-1");
        Assert.Equal(("True Synced", null), (handled.Condition("Synced"), handled.Status("waitingFor")));
        Assert.Equal([core.Status("uuid")!, "default-router"], (await network.Controller.FindAgentsAsync("gate-1", Cancellation))[0].UpstreamRouters);
    }

    [Fact]
    public async Task Waits_for_the_default_router_of_the_control_plane()
    {
        await using var network = await Network.StartAsync(withRouter: false);
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h"}""");
        Assert.Equal("ControlPlane", (await network.SettleAsync(Kinds.Agent, "gate-1")).Status("waitingFor"));

        await network.RegisterRouterAsync();

        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Agent, "gate-1")).Condition("Synced"));
    }

    [Fact]
    public async Task Refuses_by_the_name_of_the_field()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", "{}");

        var refused = await network.SettleAsync(Kinds.Agent, "gate-1");

        Assert.Equal("True AgentInvalid", refused.Condition("Stalled"));
        Assert.Contains("spec.host", refused["status"]!["conditions"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Empty(await network.Controller.FindAgentsAsync("gate-1", Cancellation));
    }

    [Fact]
    public async Task Deletes_the_agent_before_it_lets_go()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h"}""");
        await network.HandleAsync(Kinds.Agent, "gate-1");

        await network.DeleteAsync(Kinds.Agent, "gate-1");
        Assert.True((await network.ReadAsync(Kinds.Agent, "gate-1")).HasFinalizer());
        Assert.Null(await network.HandleAsync(Kinds.Agent, "gate-1"));

        Assert.Empty(await network.Controller.FindAgentsAsync("gate-1", Cancellation));
    }

    [Fact]
    public async Task A_deletion_waits_for_a_silent_Controller_but_not_for_one_that_is_gone()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h"}""");
        await network.HandleAsync(Kinds.Agent, "gate-1");
        await network.StopControllerAsync();

        await network.DeleteAsync(Kinds.Agent, "gate-1");
        Assert.Equal("Controller", (await network.SettleAsync(Kinds.Agent, "gate-1")).Status("waitingFor"));

        await network.DeleteAsync(Kinds.ControlPlane, "iofog");
        Assert.Null(await network.HandleAsync(Kinds.Agent, "gate-1"));
    }

    private static void Provision(Network network, string uuid, string state)
    {
        lock (network.Emulator.State.Gate)
        {
            var agent = network.Emulator.State.Agents.Single(agent => agent["uuid"]!.GetValue<string>() == uuid);
            (agent["daemonStatus"], agent["version"], agent["ipAddress"]) = (state, "3.0.1", "10.0.0.1");
        }
    }
}
