using System.Text.Json.Nodes;

namespace IoFog.Operator.Unit.Fields;

/// <summary>iofogctl writes 0 for the catalog item that there is not.</summary>
public sealed class CatalogIdTests
{
    [Theory]
    [InlineData("""{"x86":"a:1","catalogId":0}""", null)]
    [InlineData("""{"catalogItem":"meter","catalogId":0}""", null)]
    [InlineData("""{"catalogId":15}""", null)]
    [InlineData("""{"catalogId":0}""", "images needs x86, arm, catalogId or catalogItem")]
    [InlineData("""{"x86":"a:1","catalogId":3}""", "catalog items have ids from 4 on")]
    [InlineData("""{"catalogItem":"meter","catalogId":15}""", "catalogId and catalogItem exclude each other")]
    public void Is_an_id_or_none(string images, string? refusal)
    {
        using var cluster = new InMemoryCluster(TimeProvider.System);
        var microservice = new JsonObject { ["agent"] = new JsonObject { ["name"] = "gate-1" }, ["application"] = "yard", ["images"] = JsonNode.Parse(images) };
        var application = new JsonObject { ["microservices"] = new JsonArray(new JsonObject { ["name"] = "a", ["agent"] = new JsonObject { ["name"] = "gate-1" }, ["images"] = JsonNode.Parse(images) }) };
        foreach (var create in new Action[] { () => cluster.Create(Kinds.Microservice, "it", microservice), () => cluster.Create(Kinds.Application, "it", application) })
        {
            if (refusal is null)
                create();
            else
                Assert.Contains(refusal, Assert.Throws<InvalidOperationException>(create).Message, StringComparison.Ordinal);
        }
    }
}
