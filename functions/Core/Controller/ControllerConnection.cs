using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Controller;

/// <summary>Finds the Controller of a namespace and the credentials for it, and keeps one session with it.</summary>
/// <param name="api">Where ControlPlanes and their Secrets are.</param>
/// <param name="options">A Controller that is given.</param>
/// <param name="time">For how long an address is good.</param>
/// <param name="network">What requests go through; null for sockets.</param>
public sealed class ControllerConnection(KubernetesApi api, ControllerOptions options, TimeProvider time, HttpMessageHandler? network = null) : IDisposable
{
    /// <summary>The Secret with the keys <c>email</c> and <c>password</c>, and <c>ca.crt</c> where the Controller's certificate is of a private authority.</summary>
    public const string CredentialsSecret = "controller-credentials";

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, HttpClient> clients = [];
    private readonly ConcurrentDictionary<(Uri Endpoint, ControllerCredentials? User), ControllerSession> sessions = [];
    private readonly ConcurrentDictionary<string, (Uri Endpoint, ControllerCredentials User, long At)> known = [];

    /// <summary>A setting names the Controller, whatever the ControlPlane says.</summary>
    public bool IsGiven => options.Url.Length > 0;

    /// <summary>The Controller that serves a namespace, signed in.</summary>
    /// <exception cref="ControllerUnavailableException">There is no control plane yet, or it has no user yet.</exception>
    public async Task<ControllerClient> OpenAsync(string @namespace, CancellationToken cancellationToken)
    {
        if (!known.TryGetValue(@namespace, out var found) || time.GetElapsedTime(found.At) > Fresh || SessionOf(found.Endpoint, found.User).IsDoubted)
        {
            var controlPlane = await FindControlPlaneAsync(@namespace, cancellationToken);
            var user = await FindCredentialsAsync(@namespace, cancellationToken);
            var waitingFor = controlPlane is null ? Kinds.ControlPlane.Name : $"{Kinds.ControlPlane}/{NameOf(controlPlane)}";
            if (controlPlane is null && options.Url.Length == 0)
                throw new ControllerUnavailableException(waitingFor, $"There is no ControlPlane in the namespace {@namespace}") { IsGone = true };
            if (user is null)
                throw new ControllerUnavailableException(waitingFor, controlPlane is null
                    ? $"There is no ControlPlane in the namespace {@namespace}, and no Secret {CredentialsSecret}"
                    : $"The Secret {CredentialsSecret} of {waitingFor} is not there yet")
                { IsGone = controlPlane is null };
            found = (EndpointOf(@namespace, controlPlane), user, time.GetTimestamp());
            known[@namespace] = found;
            SessionOf(found.Endpoint, found.User).Trust();
        }

        return Connect(found.Endpoint, found.User);
    }

    /// <summary>Where the Controller of a namespace is: the setting, what its ControlPlane says, or its Service.</summary>
    public async Task<Uri> EndpointOfAsync(string @namespace, CancellationToken cancellationToken) =>
        EndpointOf(@namespace, await FindControlPlaneAsync(@namespace, cancellationToken));

    /// <summary>
    /// True when the namespace has no control plane any more, and nobody can sign in or nothing answers, so that nothing is left
    /// to clean up. A Controller that a setting names is somebody else's: it is waited for.
    /// </summary>
    public async Task<bool> IsGoneAsync(string @namespace, CancellationToken cancellationToken)
    {
        if (await FindControlPlaneAsync(@namespace, cancellationToken) is not null)
            return false;
        if (await FindCredentialsAsync(@namespace, cancellationToken) is not { } user)
            return true;
        return options.Url.Length == 0 && !await AnswersAsync(EndpointOf(@namespace, null), user, cancellationToken);
    }

    /// <summary>A client for one endpoint, signed in as this user, or as nobody.</summary>
    public ControllerClient Connect(Uri endpoint, ControllerCredentials? user) =>
        new(clients.GetOrAdd(user?.Authority ?? "", authority => OpenHttp(network ?? TransportOf(authority))), SessionOf(endpoint, user));

    /// <summary>Reads address and credentials again with the next call.</summary>
    public void Forget(string @namespace) => known.TryRemove(@namespace, out _);

    public void Dispose()
    {
        foreach (var http in clients.Values)
            http.Dispose();
        foreach (var session in sessions.Values)
            session.Dispose();
    }

    private static SocketsHttpHandler TransportOf(string authority)
    {
        var handler = new SocketsHttpHandler
        {
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(4), // the server ends idle connections after five
            ConnectTimeout = TimeSpan.FromSeconds(5),
            UseCookies = false,
        };
        if (authority.Length > 0)
        {
            handler.SslOptions.CertificateChainPolicy = new()
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(Certificates(authority));
        }

        return handler;
    }

    private static X509Certificate2Collection Certificates(string authority)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(authority);
        }
        catch (CryptographicException)
        {
            certificates.Clear();
        }

        return certificates.Count > 0
            ? certificates
            : throw new ControllerUnavailableException(WaitingFor.Controller, $"ca.crt in the Secret {CredentialsSecret} holds no certificate");
    }

    private static HttpClient OpenHttp(HttpMessageHandler handler)
    {
        var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", $"iofog-operator/{Claim.Instance}"); // who it was stands in the Controller's log
        return http;
    }

    private ControllerSession SessionOf(Uri endpoint, ControllerCredentials? user) =>
        sessions.GetOrAdd((endpoint, user), static key => new(key.Endpoint, key.User));

    private async Task<bool> AnswersAsync(Uri endpoint, ControllerCredentials user, CancellationToken cancellationToken)
    {
        try
        {
            await Connect(endpoint, user).GetStatusAsync(cancellationToken);
            return true;
        }
        catch (ControllerUnavailableException)
        {
            return false;
        }
    }

    private Uri EndpointOf(string @namespace, JsonNode? controlPlane)
    {
        var address = options.Url.Length > 0
            ? options.Url
            : controlPlane?["status"]?["endpoint"]?.GetValue<string>() ?? $"http://controller.{@namespace}.svc:51121";
        return Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https"
            ? endpoint
            : throw new ControllerUnavailableException(WaitingFor.Controller, "The ControlPlane's status.endpoint is no http address");
    }

    private async Task<JsonNode?> FindControlPlaneAsync(string @namespace, CancellationToken cancellationToken)
    {
        var list = await api.FindAsync(Kinds.ControlPlane.PathOf(@namespace), KubernetesJson.Default.JsonObject, cancellationToken);
        return list?["items"]?.AsArray()
            .OrderBy(item => item?["metadata"]?["creationTimestamp"]?.GetValue<string>(), StringComparer.Ordinal)
            .ThenBy(item => item?["metadata"]?["uid"]?.GetValue<string>(), StringComparer.Ordinal)
            .FirstOrDefault();
    }

    private async Task<ControllerCredentials?> FindCredentialsAsync(string @namespace, CancellationToken cancellationToken)
    {
        var secret = await api.FindAsync(
            $"api/v1/namespaces/{@namespace}/secrets/{CredentialsSecret}", KubernetesJson.Default.JsonObject, cancellationToken);
        return secret?["data"] is JsonObject content && Read(content, "email") is { } email && Read(content, "password") is { } password
            ? new(email, password) { Authority = Read(content, "ca.crt") }
            : null;
    }

    private static string NameOf(JsonNode controlPlane) => controlPlane["metadata"]!["name"]!.GetValue<string>();

    private static string? Read(JsonObject content, string key) =>
        content[key]?.GetValue<string>() is { } base64 ? System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(base64)) : null;
}
