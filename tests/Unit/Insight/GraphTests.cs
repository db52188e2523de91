using System.Text.Json.Nodes;
using IoFog.Operator.Insight;

namespace IoFog.Operator.Unit.Insight;

public sealed class GraphTests
{
    [Fact]
    public void Draws_the_sample_network()
    {
        var graph = Graph.Of(Networks.Sample());
        Assert.Equal(14, graph.Nodes.Count); // twelve objects, and two microservices that the application declares
        Assert.All(graph.Nodes, node => Assert.Equal(ObjectState.Ready, node.State));
        string[] expected =
        [
            "Agent/zebra-1 upstream Agent/zebra-hub", "Agent/zebra-2 upstream Agent/zebra-hub", "Agent/zebra-hub upstream ControlPlane/iofog",
            "EdgeResource/smart-door offeredBy Agent/zebra-2",
            "Application/heart-rate/microservices/monitor partOf Application/heart-rate", "Application/heart-rate/microservices/monitor runsOn Agent/zebra-1",
            "Application/heart-rate/microservices/viewer partOf Application/heart-rate", "Application/heart-rate/microservices/viewer runsOn Agent/zebra-2",
            "Application/heart-rate/microservices/monitor route Application/heart-rate/microservices/viewer",
            "Microservice/alarm partOf Application/heart-rate", "Microservice/alarm runsOn Agent/zebra-1",
            "Microservice/pager partOf Application/heart-rate", "Microservice/pager runsOn Agent/zebra-2",
            "Microservice/alarm route Microservice/pager",
        ];
        Assert.Equal(expected.Order(), graph.Edges.Select(edge => $"{edge.From} {edge.Type} {edge.To}").Order());
        var route = graph.Edges.Single(edge => edge.Owner == "Route/alarm-to-pager");
        Assert.Equal("alarm-to-pager", route.Name);
        Assert.Equal(ObjectState.Ready, route.State);
    }

    [Fact]
    public void A_declared_microservice_has_a_state_of_its_own_once_its_application_is_in_place()
    {
        const string Reported = """[{"name":"monitor","state":"RUNNING"},{"name":"viewer","state":"STUCK_IN_RESTART","errorMessage":"no disk"}]""";
        var graph = Graph.Of(Networks.Sample((id, item) =>
        {
            if (id != "Application/heart-rate")
                return;
            item["status"] = Networks.Status("Ready", "False", "MicroservicesNotRunning");
            item["status"]!["microservices"] = JsonNode.Parse(Reported);
        }));
        var (monitor, viewer) = (Declared(graph, "monitor"), Declared(graph, "viewer"));
        Assert.Equal((ObjectState.Ready, "MicroserviceRunning"), (monitor.State, monitor.Reason));
        Assert.Equal((ObjectState.NotReady, "StuckInRestart", "no disk"), (viewer.State, viewer.Reason, viewer.Message));

        var refused = Graph.Of(Networks.Sample((id, item) =>
        {
            if (id != "Application/heart-rate")
                return;
            item["status"] = Networks.Status("Stalled", "True", "Refused");
            item["status"]!["microservices"] = JsonNode.Parse(Reported);
        }));
        Assert.Equal(ObjectState.Refused, Declared(refused, "monitor").State);

        static GraphNode Declared(Graph graph, string name) => graph.Nodes.Single(node => node.Id == $"Application/heart-rate/microservices/{name}");
    }

    [Fact]
    public void Shows_what_is_named_and_not_there()
    {
        var graph = Graph.Of(Networks.Of("""
            apiVersion: iofog.org/v3
            kind: Microservice
            metadata: {name: lonely}
            spec: {application: nowhere, agent: {name: nobody}}
            """));
        Assert.Equal(["Agent/nobody", "Application/nowhere"], graph.Nodes.Where(node => node.State == ObjectState.Missing).Select(node => node.Id).Order());
    }

    [Fact]
    public void Does_not_call_missing_what_may_not_be_seen()
    {
        var graph = Graph.Of(Networks.Sample().Only([Kinds.Microservice]));
        Assert.Equal(ObjectState.Unknown, graph.Nodes.Single(node => node.Id == "Agent/zebra-1").State);
    }

    [Fact]
    public void Follows_the_names_that_the_Controller_knows()
    {
        var graph = Graph.Of(Networks.Of("""
            apiVersion: iofog.org/v3
            kind: Agent
            metadata: {name: gate}
            spec: {name: North-Gate, host: 10.0.0.1}
            ---
            apiVersion: iofog.org/v3
            kind: EdgeResource
            metadata: {name: door}
            spec: {version: v1, agents: [North-Gate]}
            """));
        Assert.Equal("Agent/gate", graph.Edges.Single(edge => edge.Type == Graph.OfferedBy).To);
    }

    [Theory]
    [InlineData("""{"deletionTimestamp":"2026-11-24T10:00:00Z"}""", "{}", ObjectState.Deleting)]
    [InlineData("""{"annotations":{"iofog.org/paused":"true"}}""", """{"conditions":[{"type":"Ready","status":"True"}]}""", ObjectState.Paused)]
    [InlineData("{}", "{}", ObjectState.New)]
    [InlineData("{}", """{"conditions":[{"type":"Ready","status":"False"},{"type":"Stalled","status":"True"}]}""", ObjectState.Refused)]
    [InlineData("{}", """{"waitingFor":"Controller","conditions":[{"type":"Ready","status":"False"}]}""", ObjectState.Waiting)]
    [InlineData("{}", """{"conditions":[{"type":"Ready","status":"Unknown"}]}""", ObjectState.NotReady)]
    [InlineData("{}", """{"conditions":[{"type":"Ready","status":"True"}]}""", ObjectState.Ready)]
    public void Tells_the_state(string metadata, string status, ObjectState expected) => Assert.Equal(expected, NetworkObject.Read(Kinds.Agent, new()
    {
        ["metadata"] = System.Text.Json.Nodes.JsonNode.Parse(metadata),
        ["status"] = System.Text.Json.Nodes.JsonNode.Parse(status),
    }).State);
}
