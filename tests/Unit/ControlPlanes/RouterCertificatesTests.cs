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
    public void Have_another_authority_before_theirs_ends_and_all_trust_it_before_it_signs()
    {
        var ends = End(First.Authority);
        var told = RouterCertificates.For(First, NamesOf("10.1.2.3"), ends.AddDays(-89));
        Assert.Equal(First.Authority, told.Authority);
        Assert.Equal([First.Authority, told.Next!], All(told.Trusted));
        Assert.NotEqual(First.Fingerprint, told.Fingerprint); // routers read what they trust when they start
        Assert.True(Trusts(told.Trusted, told.Server));
        var still = RouterCertificates.For(told, NamesOf("10.1.2.3"), told.RenewAt.AddMinutes(-1));
        Assert.Equal((told.Server, told.Next, told.Fingerprint), (still.Server, still.Next, still.Fingerprint));

        var signs = RouterCertificates.For(told, NamesOf("10.1.2.3"), told.RenewAt.AddMinutes(1));
        Assert.Equal((told.Next, null), (signs.Authority, signs.Next));
        Assert.Equal([signs.Authority, First.Authority], All(signs.Trusted));
        Assert.True(Trusts(told.Trusted, signs.Server)); // whoever has not been told of more than the last change
        Assert.True(Trusts(signs.Trusted, told.Server));
        Assert.Equal(ends, signs.RenewAt);

        var alone = RouterCertificates.For(signs, NamesOf("10.1.2.3"), ends.AddMinutes(1));
        Assert.Equal([signs.Authority], All(alone.Trusted));
        Assert.Equal((signs.Server, signs.Fingerprint), (alone.Server, alone.Fingerprint));
        Assert.True(alone.RenewAt > ends);
    }

    [Theory]
    [InlineData(-20)] // the operator was away when it was time
    [InlineData(-3)]
    [InlineData(-0.5)]
    [InlineData(1)]
    public void Come_to_rest_however_late_their_authority_is_seen_to_end(double days)
    {
        var now = End(First.Authority).AddDays(days);
        var made = RouterCertificates.For(First, NamesOf("10.1.2.3"), now);
        for (var step = 0; step < 4; step++)
        {
            Assert.True(made.RenewAt > now);
            Assert.True(made.Expires > now);
            var again = RouterCertificates.For(made, NamesOf("10.1.2.3"), now);
            Assert.Equal((made.Server, made.Authority, made.Next, made.Trusted), (again.Server, again.Authority, again.Next, again.Trusted));
            now = made.RenewAt.AddSeconds(1);
            made = RouterCertificates.For(made, NamesOf("10.1.2.3"), now);
        }

        Assert.Null(made.Next);
        Assert.NotEqual(First.Authority, made.Authority);
    }

    [Fact]
    public void Still_trust_an_authority_whose_key_is_lost()
    {
        var next = RouterCertificates.For(First with { Authority = "", AuthorityKey = "", Trusted = First.Authority }, NamesOf("10.1.2.3"), Now);
        Assert.Equal([next.Authority, First.Authority], All(next.Trusted));
        Assert.NotEqual(First.Authority, next.Authority);
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

    private static DateTimeOffset End(string certificate)
    {
        using var read = X509Certificate2.CreateFromPem(certificate);
        return new(read.NotAfter.ToUniversalTime());
    }

    private static string[] All(string bundle)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(bundle);
        return [.. all.Select(one => one.ExportCertificatePem())];
    }

    private static bool Trusts(string bundle, string server)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(bundle);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var read = X509Certificate2.CreateFromPem(server);
        chain.ChainPolicy.VerificationTime = read.NotBefore.AddHours(1);
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        return chain.Build(read);
    }

    private static IReadOnlyCollection<string> NamesOf(string address) => RouterCertificates.NamesOf("edge", address);
}
