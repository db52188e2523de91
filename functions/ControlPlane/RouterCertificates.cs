using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace IoFog.Operator.ControlPlanes;

/// <summary>The router's certificate authority and server certificate, as PEM.</summary>
internal sealed record RouterCertificates(string Authority, string AuthorityKey, string Server, string ServerKey)
{
    private static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(3650);
    private static readonly TimeSpan ServerLife = TimeSpan.FromDays(365);

    /// <summary>So long before the end there are new ones: of the authority, and of the server.</summary>
    private static readonly TimeSpan AuthorityMargin = TimeSpan.FromDays(90);

    private static readonly TimeSpan ServerMargin = TimeSpan.FromDays(30);

    /// <summary>When the server's certificate ends.</summary>
    public DateTimeOffset Expires { get; private init; }

    /// <summary>When to look again, so that none of them ends.</summary>
    public DateTimeOffset RenewAt { get; private init; }

    /// <summary>Another one whenever a router must start anew. Of what is public alone.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Authority + Server)))[..16];

    /// <summary>What is there if it is good, and new ones for what is not: an authority that is good stays, so that who trusts it need not change.</summary>
    /// <param name="has">Texts of the Secrets; null where there is none. They may be anything.</param>
    /// <param name="names">Host names and addresses that the server's certificate must carry.</param>
    /// <param name="now">The time.</param>
    public static RouterCertificates For(RouterCertificates? has, IReadOnlyCollection<string> names, DateTimeOffset now)
    {
        var authority = has is null ? null : TryRead(has.Authority, has.AuthorityKey);
        if (authority is not null && !(IsAuthority(authority) && authority.NotAfter > now.UtcDateTime + AuthorityMargin && authority.NotBefore <= now.UtcDateTime))
            authority = null;
        var server = authority is null || has is null ? null : TryRead(has.Server, has.ServerKey);
        if (server is not null && !(IsSignedBy(server, authority!) && Carries(server, names) && server.NotAfter > now.UtcDateTime + ServerMargin && server.NotBefore <= now.UtcDateTime))
            server = null;
        authority ??= MakeAuthority(now);
        var made = server ?? MakeServer(authority, names, now);
        var certificates = server is not null
            ? has!
            : new RouterCertificates(authority.ExportCertificatePem(), KeyOf(authority), made.ExportCertificatePem(), KeyOf(made));
        var (serverEnds, authorityEnds) = (new DateTimeOffset(made.NotAfter.ToUniversalTime()), new DateTimeOffset(authority.NotAfter.ToUniversalTime()));
        var (renewServer, renewAuthority) = (serverEnds - ServerMargin, authorityEnds - AuthorityMargin);
        return certificates with { Expires = serverEnds, RenewAt = renewServer < renewAuthority ? renewServer : renewAuthority };
    }

    /// <summary>What the Secrets hold. One that is gone is made again from the other, for both hold the same.</summary>
    public static RouterCertificates? Read(ObservedObjects observed, string @namespace)
    {
        var authority = ObjectPaths.Secret(@namespace, ObjectPaths.Authority);
        var server = ObjectPaths.Certificates.Select(name => ObjectPaths.Secret(@namespace, name)).FirstOrDefault(path => observed.Find(path) is not null);
        return new(
            observed.Text(authority, "tls.crt") ?? "", observed.Text(authority, "tls.key") ?? "",
            server is null ? "" : observed.Text(server, "tls.crt") ?? "", server is null ? "" : observed.Text(server, "tls.key") ?? "");
    }

    /// <summary>The names by which the router is reached: from outside, and in the cluster.</summary>
    public static IReadOnlyCollection<string> NamesOf(string @namespace, params IEnumerable<string?> addresses) =>
    [
        .. addresses.OfType<string>().Where(address => address.Length > 0),
        "router", $"router.{@namespace}", $"router.{@namespace}.svc", $"router.{@namespace}.svc.cluster.local",
        .. Enumerable.Range(1, RouterPlan.Most).Select(number => $"{RouterPlan.MeshOf(number)}.{@namespace}.svc"),
    ];

    /// <summary>Never a key.</summary>
    public override string ToString() => "router certificates";

    private static X509Certificate2? TryRead(string certificate, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null; // whatever it is, it is no pair of certificate and key
        }
    }

    private static bool IsAuthority(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault() is { CertificateAuthority: true };

    private static bool IsSignedBy(X509Certificate2 certificate, X509Certificate2 authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        return chain.Build(certificate);
    }

    private static bool Carries(X509Certificate2 certificate, IReadOnlyCollection<string> names)
    {
        if (certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is not { } carried)
            return false;
        HashSet<string> all = [.. carried.EnumerateDnsNames(), .. carried.EnumerateIPAddresses().Select(address => address.ToString())];
        return names.All(name => all.Contains(IPAddress.TryParse(name, out var address) ? address.ToString() : name));
    }

    private static X509Certificate2 MakeAuthority(DateTimeOffset now)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=router-ca", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(now.AddDays(-1), now + AuthorityLife);
    }

    private static X509Certificate2 MakeServer(X509Certificate2 authority, IReadOnlyCollection<string> names, DateTimeOffset now)
    {
        using var key = RSA.Create(2048);

        // A common name holds at most 64 characters; who checks reads the alternative names.
        var request = new CertificateRequest("CN=router", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var alternative = new SubjectAlternativeNameBuilder();
        foreach (var name in names.Distinct(StringComparer.Ordinal))
        {
            if (IPAddress.TryParse(name, out var address))
                alternative.AddIpAddress(address);
            else
                alternative.AddDnsName(name);
        }

        request.CertificateExtensions.Add(alternative.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], false));
        var authorityEnds = new DateTimeOffset(authority.NotAfter.ToUniversalTime());
        var ends = now + ServerLife < authorityEnds ? now + ServerLife : authorityEnds;
        var authorityBegins = new DateTimeOffset(authority.NotBefore.ToUniversalTime());
        var begins = now.AddDays(-1) > authorityBegins ? now.AddDays(-1) : authorityBegins;
        using var made = request.Create(authority, begins, ends, RandomNumberGenerator.GetBytes(16));
        return made.CopyWithPrivateKey(key);
    }

    private static string KeyOf(X509Certificate2 certificate)
    {
        if (certificate.GetRSAPrivateKey() is { } rsa)
        {
            using (rsa)
                return rsa.ExportPkcs8PrivateKeyPem();
        }

        using var elliptic = certificate.GetECDsaPrivateKey() ?? throw new CryptographicException("a key that is neither RSA nor ECDSA");
        return elliptic.ExportPkcs8PrivateKeyPem();
    }
}
