using System.Text.Json.Nodes;

namespace IoFog.Operator.Unit.Fields;

/// <summary>What names a registry is shown in statuses, Events and messages: the API server takes none with an account in it, and no secret where a certificate belongs.</summary>
public sealed class AddressTests
{
    [Theory]
    [InlineData("Registry", "spec.url", """{"url":"https://jane:secret@registry.example.com"}""")]
    [InlineData("CatalogItem", "spec.registry", """{"x86":"t:1","registry":"jane:secret@registry.example.com"}""")]
    [InlineData("Microservice", "spec.images.registry", """{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"t:1","registry":"jane:secret@registry.example.com"}}""")]
    [InlineData("Application", "spec.microservices[0].images.registry", """{"microservices":[{"name":"heart","agent":{"name":"gate-1"},"images":{"x86":"t:1","registry":"jane:secret@registry.example.com"}}]}""")]
    public void An_account_is_refused_by_field(string kind, string field, string spec)
    {
        using var cluster = new InMemoryCluster(TimeProvider.System);
        var of = Kinds.All.Single(one => one.Name == kind);
        var refused = Assert.Throws<InvalidOperationException>(() => cluster.Create(of, "it", JsonNode.Parse(spec)!.AsObject()));
        Assert.Contains($"{field} in body should match", refused.Message, StringComparison.Ordinal);
        cluster.Create(of, "it", JsonNode.Parse(spec.Replace("jane:secret@", "", StringComparison.Ordinal))!.AsObject());
    }

    [Fact]
    public void A_private_key_is_refused_where_a_certificate_belongs()
    {
        using var cluster = new InMemoryCluster(TimeProvider.System);
        var refused = Assert.Throws<InvalidOperationException>(() =>
            cluster.Create(Kinds.Registry, "it", JsonNode.Parse("""{"url":"r","certificate":"-----BEGIN RSA PRIVATE KEY-----"}""")!.AsObject()));
        Assert.Contains("a private key stands in certificate", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_is_taken_as_a_number()
    {
        using var cluster = new InMemoryCluster(TimeProvider.System);
        cluster.Create(Kinds.CatalogItem, "it", JsonNode.Parse("""{"x86":"t:1","registry":3}""")!.AsObject());
    }
}
