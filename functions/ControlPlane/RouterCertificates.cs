using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace IoFog.Operator.ControlPlanes;

/// <summary>The router's certificate authority and server certificate, as PEM.</summary>
internal sealed record RouterCertificates(string Authority, string AuthorityKey, string Server, string ServerKey)
{
    /// <summary>Makes both, for five years.</summary>
    /// <param name="address">Where agents reach the router.</param>
    /// <param name="namespace">Of the Service.</param>
    /// <param name="now">The start of their time, less a day for clocks that are behind.</param>
    public static RouterCertificates Create(string address, string @namespace, DateTimeOffset now)
    {
        var (from, to) = (now.AddDays(-1), now.AddYears(5));
        using var authorityKey = RSA.Create(2048);
        var authorityRequest = new CertificateRequest("CN=router-ca", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        using var authority = authorityRequest.CreateSelfSigned(from, to);

        using var serverKey = RSA.Create(2048);
        var request = new CertificateRequest($"CN={address}", serverKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(address, out var ip))
            names.AddIpAddress(ip);
        else
            names.AddDnsName(address);
        names.AddDnsName("router");
        names.AddDnsName($"router.{@namespace}.svc");
        names.AddDnsName($"router.{@namespace}.svc.cluster.local");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], false));
        using var server = request.Create(authority, from, to.AddDays(-1), RandomNumberGenerator.GetBytes(16));
        return new(
            authority.ExportCertificatePem(), authorityKey.ExportPkcs8PrivateKeyPem(), server.ExportCertificatePem(), serverKey.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Never a key.</summary>
    public override string ToString() => "router certificates";
}
