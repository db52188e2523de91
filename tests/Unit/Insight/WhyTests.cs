using System.Text.Json.Nodes;
using IoFog.Operator.Insight;

namespace IoFog.Operator.Unit.Insight;

public sealed class WhyTests
{
    [Fact]
    public void Says_that_a_Ready_object_is_Ready()
    {
        var why = Ask(Networks.Sample(), Kinds.Agent, "zebra-1");
        Assert.Equal(["Agent/zebra-1"], why.Links.Select(link => link.Id));
        Assert.Equal("Agent/zebra-1 is Ready", why.Verdict);
        Assert.Null(why.Advice);
    }

    [Fact]
    public void Follows_what_is_waited_for_to_the_root()
    {
        var why = Ask(Network(new()
        {
            ["Route/alarm-to-pager"] = Networks.Waiting("Microservice/pager"),
            ["Microservice/pager"] = Networks.Waiting("Agent/zebra-2"),
            ["Agent/zebra-2"] = Networks.Status("Stalled", "True", "AgentInvalid", "spec.host is needed"),
        }), Kinds.Route, "alarm-to-pager");
        Assert.Equal(["Route/alarm-to-pager", "Microservice/pager", "Agent/zebra-2"], why.Links.Select(link => link.Id));
        Assert.Equal("Agent/zebra-2", why.Root);
        Assert.Equal("Agent/zebra-2 can't work as it is written: spec.host is needed", why.Verdict);
        Assert.Contains("Change the spec", why.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_what_is_missing()
    {
        var why = Ask(Network(new() { ["Microservice/alarm"] = Networks.Waiting("Agent/zebra-9") }), Kinds.Microservice, "alarm");
        Assert.Equal("Agent/zebra-9 is not there", why.Verdict);
        Assert.Equal(ObjectState.Missing, why.Links[^1].State);
    }

    [Fact]
    public void Goes_from_the_Controller_to_its_control_plane()
    {
        var why = Ask(Network(new()
        {
            ["Agent/zebra-1"] = Networks.Waiting("Controller"),
            ["ControlPlane/iofog"] = Networks.Status("Ready", "False", "RollingOut", "Deployment controller has 0 of 1 replicas"),
        }), Kinds.Agent, "zebra-1");
        Assert.Equal(["Agent/zebra-1", "Controller", "ControlPlane/iofog"], why.Links.Select(link => link.Id));
    }

    [Fact]
    public void Blames_the_agent_of_an_application_that_waits_for_nothing()
    {
        var why = Ask(Network(new()
        {
            ["Application/heart-rate"] = Networks.Status("Ready", "False", "MicroservicesNotRunning", "1/2"),
            ["Agent/zebra-2"] = Networks.Status("Ready", "False", "AgentNotProvisioned", "No device yet"),
        }), Kinds.Application, "heart-rate");
        Assert.Equal(["Application/heart-rate", "Agent/zebra-2"], why.Links.Select(link => link.Id));
        Assert.Equal("runs on", why.Links[1].Relation);
        Assert.Equal("Agent/zebra-2: No device yet", why.Verdict);
    }

    [Fact]
    public void Ends_where_objects_wait_for_each_other()
    {
        var why = Ask(Network(new() { ["Agent/zebra-1"] = Networks.Waiting("Agent/zebra-2"), ["Agent/zebra-2"] = Networks.Waiting("Agent/zebra-1") }), Kinds.Agent, "zebra-1");
        Assert.Equal(3, why.Links.Count);
        Assert.Contains("wait for each other", why.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Knows_nothing_of_what_is_not_there() => Assert.Null(Why.Of(Networks.Sample(), Kinds.Agent, "nobody"));

    [Fact]
    public void Ends_whatever_waits_for_whatever()
    {
        // Every object waits for any one: no chain is longer than the network, and each ends.
        var ids = Networks.Sample().Objects.Select(item => item.Id).ToArray();
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var network = Networks.Sample((_, content) =>
            {
                if (random.Next(3) > 0)
                    content["status"] = Networks.Waiting(ids[random.Next(ids.Length)]);
            });
            foreach (var item in network.Objects)
                Assert.InRange(Ask(network, item.Kind, item.Name).Links.Count, 1, ids.Length + 1);
        }
    }

    private static Why Ask(Network network, Kind kind, string name) => Why.Of(network, kind, name)!;

    private static Network Network(Dictionary<string, JsonObject> statuses) => Networks.Sample((id, content) =>
    {
        if (statuses.TryGetValue(id, out var status))
            content["status"] = status;
    });
}
