using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Integration.EdgeResources;

public sealed class EdgeResourceTests
{
    private const string Camera = """
        {"version":"1.0.0","interfaceProtocol":"http","interface":{"endpoints":[{"name":"get-img","method":"GET","url":"/img"}]},
         "display":{"name":"Camera","color":"#ff0000"},"orchestrationTags":["smart"],"custom":{"k":[1,"v"]},"agents":["gate-1"]}
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stores_it_gives_it_to_its_agents_and_writes_no_more()
    {
        await using var network = await StartAsync();
        var mark = network.Mark();
        var stored = await network.SettleAsync(Kinds.EdgeResource, "cam");
        Assert.Equal(("True Synced", "True EdgeResourceAvailable"), (stored.Condition("Synced"), stored.Condition("Ready")));
        Assert.Equal(["PUT edgeResource/cam/1.0.0 200", "POST edgeResource/cam/1.0.0/link 200"], network.WritesSince(mark));
        var agent = await AgentAsync(network);
        Assert.Equal(new("cam", "1.0.0"), Assert.Single(agent.EdgeResources!));
        Assert.Equal(["smart"], agent.Tags);

        mark = network.Mark();
        await network.HandleAsync(Kinds.EdgeResource, "cam");
        await network.HandleAsync(Kinds.Agent, "gate-1");
        Assert.Empty(network.WritesSince(mark)); // nor does the agent take the tags away
    }

    [Fact]
    public async Task Waits_for_an_agent_that_is_not_there_yet()
    {
        await using var network = await StartAsync();
        await network.EditAsync(Kinds.EdgeResource, "cam", """{"agents":["gate-1","gate-2"]}""");
        Assert.Equal("Agent/gate-2", (await network.SettleAsync(Kinds.EdgeResource, "cam")).Status("waitingFor"));
        Assert.Single((await AgentAsync(network)).EdgeResources!);

        await network.CreateAsync(Kinds.Agent, "gate-2", """{"host":"h"}""");
        await network.HandleAsync(Kinds.Agent, "gate-2");
        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.EdgeResource, "cam")).Condition("Synced"));
        Assert.Single((await AgentAsync(network, "gate-2")).EdgeResources!);
    }

    [Fact]
    public async Task A_new_version_replaces_the_old_one_and_the_agent_keeps_its_tags()
    {
        await using var network = await StartAsync();
        await network.HandleAsync(Kinds.EdgeResource, "cam");

        await network.EditAsync(Kinds.EdgeResource, "cam", """{"version":"2.0.0"}""");
        var moved = await network.SettleAsync(Kinds.EdgeResource, "cam");

        Assert.Equal(("True Synced", "2.0.0"), (moved.Condition("Synced"), moved.Status("version")));
        Assert.Null(await network.Controller.FindEdgeResourceAsync("cam", "1.0.0", Cancellation));
        var agent = await AgentAsync(network);
        Assert.Equal(new("cam", "2.0.0"), Assert.Single(agent.EdgeResources!));
        Assert.Equal(["smart"], agent.Tags);
    }

    [Fact]
    public async Task A_new_protocol_keeps_the_interface()
    {
        await using var network = await StartAsync();
        await network.HandleAsync(Kinds.EdgeResource, "cam");

        await network.EditAsync(Kinds.EdgeResource, "cam", """{"interfaceProtocol":"https"}""");
        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.EdgeResource, "cam")).Condition("Synced"));

        var stored = (await network.Controller.FindEdgeResourceAsync("cam", "1.0.0", Cancellation))!;
        Assert.Equal(("https", "get-img"), (stored.InterfaceProtocol, Assert.Single(stored.Interface!.Endpoints!).Name));
        Assert.Single((await AgentAsync(network)).EdgeResources!);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_entry_whose_interface_got_lost_is_repaired_and_can_be_deleted(bool delete)
    {
        await using var network = await StartAsync();
        await network.HandleAsync(Kinds.EdgeResource, "cam");
        await network.Controller.PutEdgeResourceAsync("cam", "1.0.0", new() { ["name"] = "cam", ["version"] = "1.0.0", ["interfaceProtocol"] = "ws" }, Cancellation);
        Assert.Null((await network.Controller.FindEdgeResourceAsync("cam", "1.0.0", Cancellation))!.Interface);
        Assert.Single(await network.Controller.FindEdgeResourcesAsync("cam", "1.0.0", Cancellation)); // whose own request is refused

        if (delete)
            await network.DeleteAsync(Kinds.EdgeResource, "cam");
        var handled = await network.HandleAsync(Kinds.EdgeResource, "cam");

        Assert.Equal(delete ? null : "True Synced", handled?.Condition("Synced"));
        Assert.Equal(delete ? null : "http", (await network.Controller.FindEdgeResourceAsync("cam", "1.0.0", Cancellation))?.InterfaceProtocol);
    }

    [Fact]
    public async Task Takes_it_from_agents_that_are_not_named_any_more_and_deletes_it_in_the_end()
    {
        await using var network = await StartAsync();
        await network.HandleAsync(Kinds.EdgeResource, "cam");

        await network.EditAsync(Kinds.EdgeResource, "cam", """{"agents":null}""");
        await network.HandleAsync(Kinds.EdgeResource, "cam");
        Assert.Empty((await AgentAsync(network)).EdgeResources!);
        Assert.Empty((await AgentAsync(network)).Tags!);

        await network.DeleteAsync(Kinds.EdgeResource, "cam");
        Assert.Null(await network.HandleAsync(Kinds.EdgeResource, "cam"));
        Assert.Null(await network.Controller.FindEdgeResourceAsync("cam", "1.0.0", Cancellation));
    }

    [Fact]
    public async Task Keeps_every_field_and_empties_what_the_spec_says_no_more()
    {
        await using var network = await StartAsync();
        await network.EditAsync(Kinds.EdgeResource, "cam", """
            {"description":"a {{ b } c","custom":{"t":"{% if %}"},"interface":{"endpoints":[{"name":"get-img","method":"GET","url":"/img",
             "description":"gets","requestType":"none","responseType":"image","requestPayloadExample":"{}","responsePayloadExample":"{{x}}"}]}}
            """);
        await network.HandleAsync(Kinds.EdgeResource, "cam");
        var stored = (await network.Controller.FindEdgeResourceAsync("cam", "1.0.0", Cancellation))!;
        Assert.Equal(("a {{ b } c", "{% if %}"), (stored.Description, stored.Custom!.Value.GetProperty("t").GetString()));
        Assert.Equal(new("get-img", "GET", "/img", "gets", "none", "image", "{}", "{{x}}"), Assert.Single(stored.Interface!.Endpoints!));
        var mark = network.Mark();
        await network.HandleAsync(Kinds.EdgeResource, "cam");
        Assert.Empty(network.WritesSince(mark));

        await network.EditAsync(Kinds.EdgeResource, "cam", """{"description":null,"custom":null,"interface":null,"display":null,"orchestrationTags":null}""");
        await network.HandleAsync(Kinds.EdgeResource, "cam");
        stored = (await network.Controller.FindEdgeResourceAsync("cam", "1.0.0", Cancellation))!;
        Assert.Equal(("", "", "{}"), (stored.Description, stored.Display!.Color, stored.Custom!.Value.GetRawText()));
        Assert.Empty(stored.Interface!.Endpoints!);
        Assert.Empty((await AgentAsync(network)).Tags!);
        mark = network.Mark();
        await network.HandleAsync(Kinds.EdgeResource, "cam");
        Assert.Empty(network.WritesSince(mark));
    }

    [Fact]
    public async Task Tags_that_another_resource_takes_along_come_back()
    {
        await using var network = await StartAsync();
        await network.HandleAsync(Kinds.EdgeResource, "cam");
        await network.CreateAsync(Kinds.EdgeResource, "door", """{"version":"1.0.0","interfaceProtocol":"http","orchestrationTags":["smart"],"agents":["gate-1"]}""");
        await network.HandleAsync(Kinds.EdgeResource, "door");
        await network.DeleteAsync(Kinds.EdgeResource, "door");
        Assert.Null(await network.HandleAsync(Kinds.EdgeResource, "door"));
        Assert.Empty((await AgentAsync(network)).Tags!);

        await network.HandleAsync(Kinds.EdgeResource, "cam");
        Assert.Equal(["smart"], (await AgentAsync(network)).Tags);
    }

    [Fact]
    public async Task Links_that_somebody_made_stay_and_move_to_a_new_version()
    {
        await using var network = await StartAsync();
        await network.HandleAsync(Kinds.EdgeResource, "cam");
        await network.CreateAsync(Kinds.Agent, "gate-2", """{"host":"h"}""");
        var other = (await network.SettleAsync(Kinds.Agent, "gate-2")).Status("uuid")!;
        await network.Controller.LinkEdgeResourceAsync("cam", "1.0.0", other, Cancellation);

        await network.HandleAsync(Kinds.EdgeResource, "cam");
        Assert.Equal(new("cam", "1.0.0"), Assert.Single((await AgentAsync(network, "gate-2")).EdgeResources!));
        await network.EditAsync(Kinds.EdgeResource, "cam", """{"version":"1.1.0"}""");
        await network.HandleAsync(Kinds.EdgeResource, "cam");
        Assert.Equal(new("cam", "1.1.0"), Assert.Single((await AgentAsync(network, "gate-2")).EdgeResources!));
    }

    [Fact]
    public async Task Entries_that_were_created_at_once_become_one()
    {
        await using var network = await StartAsync();
        await network.HandleAsync(Kinds.EdgeResource, "cam");
        network.Tamper(state =>
        {
            // As simultaneous creates leave it.
            var second = state.EdgeResources[0].DeepClone().AsObject();
            second["id"] = 99;
            state.EdgeResources.Add(second);
        });

        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.EdgeResource, "cam")).Condition("Synced"));
        Assert.Single(await network.Controller.FindEdgeResourcesAsync("cam", "1.0.0", Cancellation));
        Assert.Single((await AgentAsync(network)).EdgeResources!);
        Assert.Contains(await network.EventsAsync("cam"), told => told.StartsWith("Warning DuplicatesReplaced", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Waits_for_a_silent_Controller_also_to_be_deleted()
    {
        await using var network = await StartAsync();
        await network.HandleAsync(Kinds.EdgeResource, "cam");
        await network.StopControllerAsync();
        Assert.Equal("Controller", (await network.SettleAsync(Kinds.EdgeResource, "cam")).Status("waitingFor"));
        await network.DeleteAsync(Kinds.EdgeResource, "cam");
        Assert.Equal("Controller", (await network.SettleAsync(Kinds.EdgeResource, "cam")).Status("waitingFor"));
        await network.DeleteAsync(Kinds.ControlPlane, "iofog");
        Assert.Null(await network.HandleAsync(Kinds.EdgeResource, "cam"));
    }

    private static async Task<Network> StartAsync()
    {
        var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h"}""");
        await network.HandleAsync(Kinds.Agent, "gate-1");
        await network.CreateAsync(Kinds.EdgeResource, "cam", Camera);
        return network;
    }

    private static async Task<AgentEntry> AgentAsync(Network network, string name = "gate-1") =>
        Assert.Single(await network.Controller.FindAgentsAsync(name, Cancellation));
}
