using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace IoFog.Operator.Local.Cluster;

/// <summary>What makes an emulated cluster itself: its certificate authority, its server certificate and the administrator's token.</summary>
public sealed class ClusterIdentity
{
    private ClusterIdentity(X509Certificate2 authority, X509Certificate2 server, string adminToken) =>
        (Authority, Server, AdminToken) = (authority, server, adminToken);

    public X509Certificate2 Authority { get; }

    public X509Certificate2 Server { get; }

    public string AdminToken { get; }

    /// <param name="time">Now.</param>
    /// <param name="name">The only name of the server, as of one that is reached by a wrong name; null for those that it has.</param>
    public static ClusterIdentity Create(TimeProvider time, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        var now = time.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=iofog-emulator-ca", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        var authority = authorityRequest.CreateSelfSigned(now.AddHours(-1), now.AddYears(1));

        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var serverRequest = new CertificateRequest("CN=kubernetes", serverKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (name is not null)
        {
            names.AddDnsName(name);
        }
        else
        {
            names.AddIpAddress(IPAddress.Loopback);
            names.AddDnsName("localhost");
            names.AddDnsName("kubernetes.default.svc");
        }

        serverRequest.CertificateExtensions.Add(names.Build());
        serverRequest.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var issued = serverRequest.Create(authority, now.AddHours(-1), now.AddDays(364), RandomNumberGenerator.GetBytes(8));
        using var server = issued.CopyWithPrivateKey(serverKey);

        // Kestrel wants a key that can be exported and loaded again.
        return new(authority, X509CertificateLoader.LoadPkcs12(server.Export(X509ContentType.Pkcs12), null), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)));
    }
}
