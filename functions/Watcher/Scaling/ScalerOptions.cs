using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace IoFog.Operator.Watcher.Scaling;

/// <summary>Where KEDA is answered, and to whom.</summary>
internal sealed class ScalerOptions
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary><c>Scaler__Address</c> and <c>Scaler__Port</c>; port 0 lets the system choose.</summary>
    public required IPEndPoint Endpoint { get; init; }

    /// <summary><c>Scaler__CertificateFile</c>: PEM, ours; null for no TLS.</summary>
    public required string? CertificateFile { get; init; }

    /// <summary><c>Scaler__KeyFile</c>: PEM, the key of our certificate.</summary>
    public required string? KeyFile { get; init; }

    /// <summary><c>Scaler__ClientCaFile</c>: PEM, who may have signed KEDA's certificate; null to ask for none.</summary>
    public required string? ClientCaFile { get; init; }

    /// <exception cref="InvalidOperationException">A setting is wrong; the message names it.</exception>
    public static ScalerOptions Read(IConfiguration settings)
    {
        var options = new ScalerOptions
        {
            Endpoint = Endpoints.Read(settings, "Scaler", 9090),
            CertificateFile = Text(settings, "Scaler:CertificateFile"),
            KeyFile = Text(settings, "Scaler:KeyFile"),
            ClientCaFile = Text(settings, "Scaler:ClientCaFile"),
        };
        if (options.CertificateFile is null != options.KeyFile is null)
            throw new InvalidOperationException("Scaler__CertificateFile and Scaler__KeyFile: both or neither");
        if (options is { ClientCaFile: not null, CertificateFile: null })
            throw new InvalidOperationException("Scaler__ClientCaFile: needs Scaler__CertificateFile, for there is no TLS without it");
        Check("Scaler__CertificateFile", options.CertificateFile, () => options.Certificate());
        Check("Scaler__ClientCaFile", options.ClientCaFile, () => options.Authorities()[0]);
        return options;
    }

    /// <summary>HTTP/2 only, with TLS where a certificate is set. The files are read with each handshake, so that renewed ones count.</summary>
    public void Configure(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http2;
        if (CertificateFile is null)
            return;
        listen.UseHttps(https =>
        {
            https.ServerCertificateSelector = (_, _) => Certificate();
            if (ClientCaFile is null)
                return;
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (certificate, _, _) => IsTrusted(certificate);
        });
    }

    private X509Certificate2 Certificate() => X509Certificate2.CreateFromPemFile(CertificateFile!, KeyFile);

    private X509Certificate2Collection Authorities()
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(ClientCaFile!);
        return authorities;
    }

    private bool IsTrusted(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(Authorities());
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        return chain.Build(certificate);
    }

    private static void Check(string setting, string? file, Func<X509Certificate2> read)
    {
        if (file is null)
            return;
        try
        {
            using var certificate = read();
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            throw new InvalidOperationException($"{setting}: {file} is not usable ({e.Message})", e);
        }
    }

    private static string? Text(IConfiguration settings, string name) => settings[name] is { Length: > 0 } text ? text : null;
}
