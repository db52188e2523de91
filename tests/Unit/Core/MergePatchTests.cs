using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local.Cluster;

namespace IoFog.Operator.Unit.Core;

public sealed class MergePatchTests
{
    [Theory]
    [InlineData("""{"a":1,"b":{"c":2,"d":3}}""", """{"a":1,"b":{"c":2,"d":4}}""", """{"b":{"d":4}}""")]
    [InlineData("""{"a":1,"b":2}""", """{"b":2}""", """{"a":null}""")]
    [InlineData("""{"a":[1,2]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"a":1}""", """{"a":1}""", "{}")]
    [InlineData("{}", """{"a":{"b":1}}""", """{"a":{"b":1}}""")]
    public void Holds_only_what_differs_and_leads_there(string before, string after, string expected)
    {
        var patch = MergePatch.Between(Parse(before), Parse(after));
        Assert.Equal(expected, patch.ToJsonString());
        Assert.True(JsonNode.DeepEquals(Parse(after), Patches.Merge(Parse(before), patch)));
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
