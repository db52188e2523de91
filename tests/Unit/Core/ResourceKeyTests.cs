namespace IoFog.Operator.Unit.Core;

public sealed class ResourceKeyTests
{
    [Theory]
    [InlineData("edge/zebra-1")]
    [InlineData("e/z")]
    [InlineData("edge/a.b-c.d9")]
    public void Reads_names(string text)
    {
        Assert.True(ResourceKey.TryParse(text, out var key));
        Assert.Equal(text, key.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("edge")]
    [InlineData("edge/")]
    [InlineData("/zebra")]
    [InlineData("edge/a/b")]
    [InlineData("edge/..")]
    [InlineData("../zebra")]
    [InlineData("edge/.a")]
    [InlineData("edge/a..b")]
    [InlineData("edge/a.-b")]
    [InlineData("edge/a-.b")]
    [InlineData("edge/-a")]
    [InlineData("edge/a-")]
    [InlineData("edge/a?x=1")]
    [InlineData("edge/a#b")]
    [InlineData("edge/a%2fb")]
    [InlineData("edge/Zebra")]
    [InlineData("edge/zébra")]
    [InlineData("edge/a\nb")]
    public void Refuses_what_would_lead_to_another_path(string? text) => Assert.False(ResourceKey.TryParse(text, out _));

    [Fact]
    public void Refuses_a_name_that_is_longer_than_any() => Assert.False(ResourceKey.TryParse($"edge/{new string('a', 254)}", out _));
}
