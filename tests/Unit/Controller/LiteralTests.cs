using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Unit.Controller;

public sealed class LiteralTests
{
    [Theory]
    [InlineData("""{"a":"plain { } %","b":[1,true,null,{"c":"}}"}]}""", """{"a":"plain { } %","b":[1,true,null,{"c":"}}"}]}""")]
    [InlineData("""{"a":"{{x}}"}""", """{"a":"{% raw %}{{x}}{% endraw %}"}""")]
    [InlineData("""{"a":[{"b":"x {% if"}]}""", """{"a":[{"b":"{% raw %}x {% if{% endraw %}"}]}""")]
    public void Wraps_what_would_be_rendered_and_nothing_else(string body, string kept) =>
        Assert.Equal(kept, Literal.Keep(JsonNode.Parse(body)!.AsObject()).ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));

    [Theory]
    [InlineData("""{"a":[1,{"b":"x {%-  endraw %}"}]}""", "spec.a[1].b")]
    [InlineData("""{"a":"endraw {{ }}"}""", null)]
    public void Names_what_ends_the_wrapping(string body, string? path) => Assert.Equal(path, Literal.FindUnkeepable(JsonNode.Parse(body), "spec"));
}
