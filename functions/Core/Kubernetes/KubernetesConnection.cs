using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Authentication;
using k8s.Exceptions;

namespace IoFog.Operator.Kubernetes;

/// <summary>How to reach the cluster: a kubeconfig, or the pod's service account.</summary>
public static class KubernetesConnection
{
    /// <param name="kubeconfig">A path, or null for <c>KUBECONFIG</c>, the pod's service account or <c>~/.kube/config</c>, in this order.</param>
    /// <param name="context">Of the kubeconfig; null for the current one.</param>
    /// <exception cref="InvalidOperationException">There is no usable configuration; the message says which was tried.</exception>
    public static KubernetesApi Open(string? kubeconfig, string? context = null)
    {
        var config = Load(kubeconfig, context);
        return new(ClientOf(config, ClientCertificateOf(config)), k8s.Kubernetes.CreateCredentials(config));
    }

    /// <summary>The same cluster for callers with tokens of their own: nothing of ours, no certificate either, goes with their requests.</summary>
    /// <param name="kubeconfig">As of <see cref="Open"/>.</param>
    /// <returns>The API for a token.</returns>
    public static Func<string, KubernetesApi> OpenForCallers(string? kubeconfig)
    {
        var http = ClientOf(Load(kubeconfig), null);
        return token => new(http, new TokenCredentials(token));
    }

    /// <summary>The namespace that a context names; <c>default</c> where it names none.</summary>
    /// <inheritdoc cref="Open"/>
    public static string NamespaceOf(string? kubeconfig, string? context) => Load(kubeconfig, context).Namespace is { Length: > 0 } name ? name.Trim() : "default";

    private static HttpClient ClientOf(KubernetesClientConfiguration config, X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler
        {
            KeepAlivePingDelay = TimeSpan.FromSeconds(15),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            EnableMultipleHttp2Connections = true,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            ConnectTimeout = TimeSpan.FromSeconds(5),
        };
        if (config.SkipTlsVerify)
#pragma warning disable CA5359 // the kubeconfig says insecure-skip-tls-verify
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        else if (config.SslCaCerts is { Count: > 0 } authorities)
            handler.SslOptions.CertificateChainPolicy = PolicyOf(authorities);
        if (certificate is not null)
            handler.SslOptions.ClientCertificates = [certificate];
        return new(handler)
        {
            BaseAddress = new Uri(config.Host.TrimEnd('/') + "/"),
            DefaultRequestVersion = HttpVersion.Version20,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    private static KubernetesClientConfiguration Load(string? kubeconfig, string? context = null)
    {
        try
        {
            return kubeconfig is null && context is null
                ? KubernetesClientConfiguration.BuildDefaultConfig()
                : KubernetesClientConfiguration.BuildConfigFromConfigFile(
                    kubeconfig ?? (Environment.GetEnvironmentVariable("KUBECONFIG")?.Split(Path.PathSeparator) is [{ Length: > 0 } first, ..] ? first : null), context);
        }
        catch (Exception e) when (e is KubeConfigException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(
                kubeconfig is null
                    ? $"No cluster: neither KUBECONFIG, nor a service account, nor ~/.kube/config is usable ({e.Message})"
                    : $"KUBECONFIG: {kubeconfig} is not usable ({e.Message})",
                e);
        }
    }

    // A chain policy, unlike a validation callback, leaves the check of the host's name in place.
    private static X509ChainPolicy PolicyOf(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private static X509Certificate2? ClientCertificateOf(KubernetesClientConfiguration config)
    {
        if (config.ClientCertificateData is { } certificate && config.ClientCertificateKeyData is { } key)
            return X509Certificate2.CreateFromPem(Decode(certificate), Decode(key));
        return config.ClientCertificateFilePath is { } path && config.ClientKeyFilePath is { } keyPath
            ? X509Certificate2.CreateFromPemFile(path, keyPath)
            : null;
    }

    private static string Decode(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));
}
