using System.Text.Json;
using IoFog.Operator.Watcher;

namespace IoFog.Operator.Unit.Watcher;

/// <summary>What of an agent in the Controller wakes its object.</summary>
public sealed class AgentContentTests
{
    private const string Agent = """
        {"uuid":"u1","name":"a","daemonStatus":"RUNNING","version":"3.0.1","ipAddress":"10.0.0.1","memoryLimit":4096,"tags":["t"],"routerMode":"edge",
         "upstreamRouters":["default-router"],"lastActive":1,"lastStatusTime":1,"memoryUsage":1,"cpuViolation":"0","isReadyToUpgrade":true,"edgeResources":[],"updatedAt":"x"}
        """;

    [Theory]
    [InlineData("daemonStatus", "\"UNKNOWN\"")]
    [InlineData("version", "\"3.0.2\"")]
    [InlineData("ipAddress", "\"10.0.0.2\"")]
    [InlineData("memoryLimit", "1")]
    [InlineData("tags", "[]")]
    [InlineData("upstreamRouters", "[]")]
    [InlineData("uuid", "\"u2\"")]
    public void What_matters_wakes(string field, string value) => Assert.NotEqual(HashOf(Agent), HashOf(With(field, value)));

    [Theory]
    [InlineData("lastActive", "2")]
    [InlineData("lastStatusTime", "2")]
    [InlineData("memoryUsage", "2")]
    [InlineData("cpuViolation", "\"1\"")]
    [InlineData("isReadyToUpgrade", "false")]
    [InlineData("edgeResources", "[{\"name\":\"cam\",\"version\":\"1.0.0\"}]")]
    [InlineData("updatedAt", "\"y\"")]
    public void A_heartbeat_does_not(string field, string value) => Assert.Equal(HashOf(Agent), HashOf(With(field, value)));

    private static string With(string field, string value)
    {
        var agent = System.Text.Json.Nodes.JsonNode.Parse(Agent)!.AsObject();
        agent[field] = System.Text.Json.Nodes.JsonNode.Parse(value);
        return agent.ToJsonString();
    }

    private static ulong HashOf(string agent)
    {
        using var list = JsonDocument.Parse($$"""{"fogs":[{{agent}}]}""");
        return Assert.Single(EntryContent.Read(Kinds.Agent, list.RootElement)).Value;
    }
}
