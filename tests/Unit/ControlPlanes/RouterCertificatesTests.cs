using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using IoFog.Operator.ControlPlanes;

namespace IoFog.Operator.Unit.ControlPlanes;

public sealed class RouterCertificatesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    private static readonly RouterCertificates First = RouterCertificates.For(null, NamesOf("10.1.2.3"), Now);

    [Fact]
    public void Carry_the_names_inside_and_outside()
    {
        using var server = X509Certificate2.CreateFromPem(First.Server, First.ServerKey);
        foreach (var name in new[] { "10.1.2.3", "router", "router.edge.svc", "router.edge.svc.cluster.local", "router-mesh-2.edge.svc" })
            Assert.True(server.MatchesHostname(name), name);
        using var authority = X509Certificate2.CreateFromPem(First.Authority);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = Now.UtcDateTime;
        Assert.True(chain.Build(server));
    }

    [Fact]
    public void Stay_while_they_are_good()
    {
        var later = RouterCertificates.For(First, NamesOf("10.1.2.3"), Now.AddDays(300));
        Assert.Equal((First.Server, First.ServerKey, First.Authority), (later.Server, later.ServerKey, later.Authority));
        Assert.Equal(First.Fingerprint, later.Fingerprint);
        Assert.Equal(First.RenewAt, later.RenewAt);
        Assert.Equal(First.Expires.AddDays(-30), First.RenewAt);
    }

    [Theory]
    [InlineData("10.7.7.7", 0)] // another address
    [InlineData("10.1.2.3", 340)] // soon at its end
    public void Are_signed_anew_by_the_same_authority(string address, int days)
    {
        var next = RouterCertificates.For(First, NamesOf(address), Now.AddDays(days));
        Assert.Equal(First.Authority, next.Authority);
        Assert.NotEqual(First.Server, next.Server);
        Assert.NotEqual(First.Fingerprint, next.Fingerprint);
    }

    [Fact]
    public void Have_another_authority_before_theirs_ends()
    {
        var late = Now.AddDays(3650 - 89);
        var next = RouterCertificates.For(First, NamesOf("10.1.2.3"), late);
        Assert.NotEqual(First.Authority, next.Authority);
        Assert.True(next.RenewAt > late);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("nonsense", "nonsense")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    public void Are_made_anew_of_what_is_none(string certificate, string key)
    {
        var made = RouterCertificates.For(new(certificate, key, certificate, key), NamesOf("10.1.2.3"), Now);
        using var server = X509Certificate2.CreateFromPem(made.Server, made.ServerKey);
        Assert.True(server.HasPrivateKey);
    }

    [Fact]
    public void Of_the_Go_operator_keep_their_authority_and_get_the_names_that_they_lack()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=router-ca", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = request.CreateSelfSigned(Now.AddYears(-1), Now.AddYears(4));
        using var serverKey = RSA.Create(2048);
        var serverRequest = new CertificateRequest("CN=10.1.2.3", serverKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Parse("10.1.2.3"));
        serverRequest.CertificateExtensions.Add(names.Build());
        using var server = serverRequest.Create(authority, Now.AddYears(-1), Now.AddYears(3), [1, 2, 3]);
        var has = new RouterCertificates(authority.ExportCertificatePem(), key.ExportRSAPrivateKeyPem(), server.ExportCertificatePem(), serverKey.ExportRSAPrivateKeyPem());
        var next = RouterCertificates.For(has, NamesOf("10.1.2.3"), Now);
        Assert.Equal(has.Authority, next.Authority);
        Assert.NotEqual(has.Server, next.Server);
    }

    [Fact]
    public void Of_another_authority_do_not_stay()
    {
        var other = RouterCertificates.For(null, NamesOf("10.1.2.3"), Now);
        var mixed = RouterCertificates.For(First with { Server = other.Server, ServerKey = other.ServerKey }, NamesOf("10.1.2.3"), Now);
        Assert.Equal(First.Authority, mixed.Authority);
        Assert.NotEqual(other.Server, mixed.Server);
    }

    [Fact]
    public void Never_show_a_key() => Assert.DoesNotContain("KEY", $"{First}", StringComparison.Ordinal);

    private static IReadOnlyCollection<string> NamesOf(string address) => RouterCertificates.NamesOf("edge", address);
}
