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

    /// <summary>So long a new authority is trusted before it signs, so that whoever checks has it by then.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromDays(14);

    /// <summary>For clocks that are behind.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromDays(1);

    /// <summary>Former authorities that are still trusted; more than one comes only of Secrets that were deleted.</summary>
    private const int MostFormer = 3;

    /// <summary>The authority that signs next; null unless the present one is about to end.</summary>
    public string? Next { get; init; }

    public string? NextKey { get; init; }

    /// <summary>All authorities that are to be trusted: this one, the next one, and former ones until they end.</summary>
    public string Trusted { get => field ?? Authority; init; }

    /// <summary>When the server's certificate ends.</summary>
    public DateTimeOffset Expires { get; private init; }

    /// <summary>When to look again, so that none of them ends.</summary>
    public DateTimeOffset RenewAt { get; private init; }

    /// <summary>Another one whenever a router must start anew, which it need not when a former authority ends. Of what is public alone.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Authority + Next + Server)))[..16];

    /// <summary>
    /// What is there if it is good, and new ones for what is not. An authority changes in three steps, so that at no time somebody meets a certificate
    /// whose authority they can't know: the next one is trusted, then it signs, then the former one ends and is trusted no more.
    /// </summary>
    /// <param name="has">Texts of the Secrets; null where there is none. They may be anything.</param>
    /// <param name="names">Host names and addresses that the server's certificate must carry.</param>
    /// <param name="now">The time.</param>
    public static RouterCertificates For(RouterCertificates? has, IReadOnlyCollection<string> names, DateTimeOffset now)
    {
        var (authority, next) = AuthoritiesOf(has, now);
        var server = has is null ? null : TryRead(has.Server, has.ServerKey);
        if (server is not null && !(IsSignedBy(server, authority) && Carries(server, names) && IsGood(server, now) && LastsLongEnough(server, authority, now)))
            server = null;
        var made = server ?? MakeServer(authority, names, now);
        var former = FormerOf(has, [authority.Thumbprint, next?.Thumbprint], now);
        var isSame = has is not null && TryRead(has.Authority, has.AuthorityKey)?.Thumbprint == authority.Thumbprint;
        return new(
            isSame ? has!.Authority : authority.ExportCertificatePem(), isSame ? has!.AuthorityKey : KeyOf(authority),
            server is not null ? has!.Server : made.ExportCertificatePem(), server is not null ? has!.ServerKey : KeyOf(made))
        {
            Next = next?.ExportCertificatePem(),
            NextKey = next is null ? null : KeyOf(next),
            Trusted = next is null && former.Length == 0 && isSame
                ? has!.Authority
                : string.Join('\n', ((X509Certificate2?[])[authority, next, .. former]).OfType<X509Certificate2>().Select(one => one.ExportCertificatePem())),
            Expires = EndOf(made),
            RenewAt = ((DateTimeOffset[])
            [
                .. EndOf(made) < EndOf(authority) ? [EndOf(made) - ServerMargin] : Array.Empty<DateTimeOffset>(),
                next is null ? EndOf(authority) - AuthorityMargin : SignsFrom(next, authority),
                .. former.Select(EndOf),
            ]).Min(),
        };
    }

    /// <summary>What the Secrets hold. One that is gone is made again from the others, for they hold the same.</summary>
    public static RouterCertificates? Read(ObservedObjects observed, string @namespace)
    {
        var authority = ObjectPaths.Secret(@namespace, ObjectPaths.Authority);
        var server = ObjectPaths.Certificates.Select(name => ObjectPaths.Secret(@namespace, name)).FirstOrDefault(path => observed.Find(path) is not null);
        return new(
            observed.Text(authority, "tls.crt") ?? "", observed.Text(authority, "tls.key") ?? "",
            server is null ? "" : observed.Text(server, "tls.crt") ?? "", server is null ? "" : observed.Text(server, "tls.key") ?? "")
        {
            Next = observed.Text(authority, "next.crt"),
            NextKey = observed.Text(authority, "next.key"),
            Trusted = observed.Text(authority, "ca.crt") ?? (server is null ? null : observed.Text(server, "ca.crt")) ?? "",
        };
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

    private static (X509Certificate2 Authority, X509Certificate2? Next) AuthoritiesOf(RouterCertificates? has, DateTimeOffset now)
    {
        var next = Good(has?.Next, has?.NextKey);
        var authority = Good(has?.Authority, has?.AuthorityKey) ?? next ?? MakeAuthority(now);
        if (EndOf(authority) - AuthorityMargin > now)
            return (authority, null);
        next ??= MakeAuthority(now);
        return SignsFrom(next, authority) <= now ? (next, null) : (authority, next);

        X509Certificate2? Good(string? certificate, string? key) =>
            certificate is not null && key is not null && TryRead(certificate, key) is { } read && IsAuthority(read) && IsGood(read, now) ? read : null;
    }

    private static DateTimeOffset SignsFrom(X509Certificate2 next, X509Certificate2 authority)
    {
        var (told, last) = (new DateTimeOffset(next.NotBefore.ToUniversalTime()) + Skew + Notice, EndOf(authority) - Skew);
        return told < last ? told : last;
    }

    /// <summary>Former authorities whose certificates may still be met.</summary>
    private static X509Certificate2[] FormerOf(RouterCertificates? has, string?[] present, DateTimeOffset now)
    {
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(has?.Trusted);
        }
        catch (CryptographicException)
        {
            // what was read before it stays
        }

        return
        [
            .. all.Concat([has is null ? null : TryRead(has.Authority, has.AuthorityKey)]).OfType<X509Certificate2>()
                .Where(one => IsAuthority(one) && IsGood(one, now)).DistinctBy(one => one.Thumbprint)
                .ExceptBy([.. present, has?.Next is null ? null : TryRead(has.Next, has.NextKey ?? "")?.Thumbprint], one => one.Thumbprint)
                .OrderByDescending(one => one.NotBefore).Take(MostFormer),
        ];
    }

    private static DateTimeOffset EndOf(X509Certificate2 certificate) => new(certificate.NotAfter.ToUniversalTime());

    private static bool IsGood(X509Certificate2 certificate, DateTimeOffset now) => EndOf(certificate) > now && certificate.NotBefore.ToUniversalTime() <= now.UtcDateTime;

    // One that ends with its authority can't be made to last longer.
    private static bool LastsLongEnough(X509Certificate2 server, X509Certificate2 authority, DateTimeOffset now) =>
        EndOf(server) > now + ServerMargin || EndOf(server) >= EndOf(authority);

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

        // Each has a name of its own: OpenSSL takes the first authority of a name, whichever has signed.
        var request = new CertificateRequest($"CN=router-ca {now:yyyy-MM-dd HH:mm:ss}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(now - Skew, now + AuthorityLife);
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
        if (authority.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault() is { } identifier)
            request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(identifier));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], false));
        var ends = now + ServerLife < EndOf(authority) ? now + ServerLife : EndOf(authority);
        var authorityBegins = new DateTimeOffset(authority.NotBefore.ToUniversalTime());
        var begins = now - Skew > authorityBegins ? now - Skew : authorityBegins;
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
