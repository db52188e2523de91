using System.Text.Json.Nodes;

namespace IoFog.Operator.Unit.Fields;

/// <summary>What names a registry is shown in statuses, Events and messages: the API server takes none with an account in it, and no secret where a certificate belongs.</summary>
public sealed class AddressTests
{
    [Fact]
    public void An_account_is_refused_and_not_quoted()
    {
        using var cluster = new InMemoryCluster(TimeProvider.System);
        var refused = Assert.Throws<InvalidOperationException>(() =>
            cluster.Create(Kinds.Registry, "it", JsonNode.Parse("""{"url":"https://jane:s3cret@registry.example.com"}""")!.AsObject()));
        Assert.Contains("spec.url: Invalid value: \\u0022string\\u0022: no account may stand in it", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", refused.Message, StringComparison.Ordinal); // whoever applies it for somebody else shows what the API server says
        cluster.Create(Kinds.Registry, "it", JsonNode.Parse("""{"url":"https://registry.example.com"}""")!.AsObject());
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
