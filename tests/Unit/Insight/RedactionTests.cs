using System.Text.Json.Nodes;
using IoFog.Operator.Insight;
using IoFog.Operator.Local;

namespace IoFog.Operator.Unit.Insight;

public sealed class RedactionTests
{
    [Theory]
    [InlineData("""{"spec":{"user":{"password":"s3cret"}}}""")]
    [InlineData("""{"spec":{"database":{"Password":"s3cret","host":"db"}}}""")]
    [InlineData("""{"spec":{"controller":{"proxyBrokerToken":"s3cret"}}}""")]
    [InlineData("""{"spec":{"container":{"env":[{"key":"DB_PASSWORD","value":"s3cret"}]}}}""")]
    [InlineData("""{"spec":{"container":{"env":[{"key":"URL","value":"amqp://me:s3cret@broker:5672/x"}]}}}""")]
    [InlineData("""{"spec":{"config":{"nested":[{"apiKey":"s3cret"}]}}}""")]
    [InlineData("""{"spec":{"url":"https://s3cret@packages.example.com"}}""")]
    [InlineData("""{"spec":{"url":"https://packages.example.com/apt?channel=stable&access_token=s3cret"}}""")]
    [InlineData("""{"spec":{"interface":{"endpoints":[{"url":"/open?X-Amz-Signature=s3cret"}]}}}""")]
    [InlineData("""{"status":{"url":"registry.example.com?api-key=s3cret"}}""")]
    [InlineData("""{"spec":{"container":{"commands":["--storage","AccountName=a;AccountKey=s3cret;EndpointSuffix=x"]}}}""")]
    [InlineData("""{"status":{"conditions":[{"message":"got 401 for Authorization: Bearer s3cret.s3cret.s3cret"}]}}""")]
    [InlineData("""{"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"password\":\"s3cret\"}"},"managedFields":[{"x":"s3cret"}]}}""")]
    public void Hides(string json) => Assert.DoesNotContain("s3cret", Redaction.Of(JsonNode.Parse(json)!.AsObject()).ToJsonString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"spec":{"images":{"x86":"a"},"config":{"plain":"inside"}}}""")]
    [InlineData("""{"spec":{"container":{"env":[{"key":"PLAIN","value":"inside"}]}}}""")]
    [InlineData("""{"spec":{"container":{"commands":["inside"]}}}""")]
    [InlineData("""{"spec":{"microservices":[{"images":{},"config":{"a":"inside"},"container":{"env":[{"key":"A","value":"inside"}]}}]}}""")]
    [InlineData("""{"spec":{"custom":{"a":"inside"}}}""")]
    public void Hides_what_microservices_read_from_what_leaves_the_house(string json)
    {
        var content = JsonNode.Parse(json)!.AsObject();
        Assert.DoesNotContain("inside", Redaction.Of(content, strict: true).ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("inside", Redaction.Of(content).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Leaves_all_else_as_it_is()
    {
        foreach (var document in Yaml.ParseAll(File.ReadAllText(Path.Combine(Layout.Samples, "ecn.yaml"))).Where(document => document["kind"]!.GetValue<string>() != "Secret"))
            Assert.Equal(document.ToJsonString(), Redaction.Of(document).ToJsonString());
    }
}
