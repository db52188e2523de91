using System.Text.Json.Nodes;
using IoFog.Operator.Cli;
using IoFog.Operator.Local;

namespace IoFog.Operator.Unit.Cli;

public sealed class YamlTextTests
{
    [Theory]
    [InlineData("""{"a":1,"b":[],"c":{},"d":null,"e":[{"f":"g","h":[1,2]},{"i":{"j":true}}],"k":[[1],["x"]]}""")]
    [InlineData("""["plain","true","null","1.5","-","- x","a: b","a #b","#c","", " lead","tail ","it's","\"q\"","back\\slash","two\nlines","tab\t","é ü 漢","@at","*star","&amp","!bang","%p","key:","http://x:1/y","2026-11-24T10:00:00Z","0x1f","1e3","~","No","=","\u0085\u2028"]""")]
    [InlineData("""{"true":1,"a b":2,"":3,"x: y":4,"1":5}""")]
    public void Is_read_back_as_it_was(string json)
    {
        var node = JsonNode.Parse(json);
        Assert.Equal(node!.ToJsonString(), Yaml.ParseAll($"all:\n{Indented(YamlText.Of(node))}").Single()["all"]!.ToJsonString());
    }

    [Fact]
    public void Reads_any_sample_back()
    {
        foreach (var document in Yaml.ParseAll(File.ReadAllText(Path.Combine(Layout.Samples, "ecn.yaml"))))
            Assert.Equal(document.ToJsonString(), Yaml.Parse(YamlText.Of(document))!.ToJsonString());
    }

    private static string Indented(string yaml) => string.Join('\n', yaml.TrimEnd('\n').Split('\n').Select(line => $"  {line}"));
}
