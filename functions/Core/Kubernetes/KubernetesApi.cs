using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using k8s.Authentication;
using k8s.Exceptions;

namespace IoFog.Operator.Kubernetes;

/// <summary>
/// The Kubernetes API over one connection pool: plain requests with JSON in and out. Paths have no leading slash:
/// <c>apis/iofog.org/v3/namespaces/edge/agents/zebra-1</c>.
/// </summary>
/// <param name="http">Reaches the API server.</param>
/// <param name="credentials">Null where none are needed.</param>
/// <param name="time">Tells when a request has taken too long; null for the system's.</param>
public sealed class KubernetesApi(HttpClient http, ServiceClientCredentials? credentials, TimeProvider? time = null)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue MergePatch = new("application/merge-patch+json");
    private static readonly MediaTypeHeaderValue ApplyPatch = new("application/apply-patch+yaml");

    /// <summary>No request takes longer, but for lists and watches that are read while they arrive.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly ServedPlurals plurals = new();

    /// <summary>Reads one object.</summary>
    /// <returns>Its JSON, or null when it is not there.</returns>
    public async Task<byte[]?> FindAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(new(HttpMethod.Get, path), HttpCompletionOption.ResponseContentRead, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        await ThrowUnlessSuccessAsync(response, cancellationToken);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    /// <inheritdoc cref="FindAsync(string, CancellationToken)"/>
    public async Task<T?> FindAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class =>
        await FindAsync(path, cancellationToken) is { } json ? JsonSerializer.Deserialize(json, type) : null;

    /// <summary>Reads one object or a list that must be there.</summary>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Parse(await SendForBytesAsync(new(HttpMethod.Get, path), cancellationToken), type);

    /// <summary>All objects of a kind.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(Kind kind, string @namespace, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kind);
        var list = await GetAsync(kind.PathOf(@namespace), KubernetesJson.Default.JsonObject, cancellationToken);
        return [.. (list["items"]?.AsArray() ?? []).OfType<JsonObject>()];
    }

    /// <summary>Creates an object in a collection.</summary>
    /// <exception cref="KubernetesException">Code 409, reason AlreadyExists, when the name is taken.</exception>
    public async Task<T> CreateAsync<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Parse(await SendForBytesAsync(Request(HttpMethod.Post, path, JsonSerializer.SerializeToUtf8Bytes(body, type), Json), cancellationToken), type);

    /// <summary>Replaces an object; its resourceVersion must be the current one.</summary>
    public async Task<T> ReplaceAsync<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        Parse(await SendForBytesAsync(Request(HttpMethod.Put, path, JsonSerializer.SerializeToUtf8Bytes(body, type), Json), cancellationToken), type);

    /// <summary>Server-side apply: creates the object, or makes it hold what the body says and nothing of ours beside.</summary>
    /// <param name="fieldManager">Who owns the applied fields; others' are left alone.</param>
    public async Task<T> ApplyAsync<T>(string path, T body, JsonTypeInfo<T> type, string fieldManager, CancellationToken cancellationToken) =>
        Parse(await ApplyAsync(path, JsonSerializer.SerializeToUtf8Bytes(body, type), fieldManager, cancellationToken), type);

    /// <inheritdoc cref="ApplyAsync{T}"/>
    /// <returns>The object's JSON after it.</returns>
    public Task<byte[]> ApplyAsync(string path, byte[] body, string fieldManager, CancellationToken cancellationToken) =>
        SendForBytesAsync(
            Request(HttpMethod.Patch, $"{path}?fieldManager={Uri.EscapeDataString(fieldManager)}&force=true", body, ApplyPatch),
            cancellationToken);

    /// <summary>JSON merge patch. With <c>metadata.resourceVersion</c> in it, it is a compare-and-set.</summary>
    /// <returns>The object's JSON after it.</returns>
    public Task<byte[]> MergePatchAsync(string path, byte[] patch, CancellationToken cancellationToken) =>
        SendForBytesAsync(Request(HttpMethod.Patch, $"{path}?fieldManager={Names.FieldManager}", patch, MergePatch), cancellationToken);

    /// <summary>Deletes an object in the background.</summary>
    /// <returns>False when it was not there.</returns>
    public async Task<bool> DeleteAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(new(HttpMethod.Delete, path), HttpCompletionOption.ResponseContentRead, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return false;
        await ThrowUnlessSuccessAsync(response, cancellationToken);
        return true;
    }

    /// <summary>Sends a request with the cluster's credentials; for lists and watches that are read while they arrive.</summary>
    /// <exception cref="HttpRequestException">The API server is away.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        using (request)
        {
            if (request.RequestUri is { IsAbsoluteUri: false, OriginalString: var path })
                request.RequestUri = new(await plurals.PathAsync(path, discovered => FindAsync(discovered, cancellationToken)), UriKind.Relative);
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
            using var limit = new Silence(
                completion == HttpCompletionOption.ResponseContentRead ? Patience : Timeout.InfiniteTimeSpan, time ?? TimeProvider.System, cancellationToken);
            try
            {
                if (credentials is not null)
                    await credentials.ProcessHttpRequestAsync(request, limit.Token);
                return await http.SendAsync(request, completion, limit.Token);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw new HttpRequestException(HttpRequestError.ConnectionError, $"no answer within {Patience.TotalSeconds} s", e);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or KubeConfigException)
            {
                throw new HttpRequestException(HttpRequestError.UserAuthenticationError, $"the cluster's credentials are not usable: {e.Message}", e);
            }
        }
    }

    /// <summary>Turns a refusal into an exception that holds no body.</summary>
    public static async Task ThrowUnlessSuccessAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(response);
        if (response.IsSuccessStatusCode)
            return;
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        throw Refusal.Read(response, body);
    }

    private async Task<byte[]> SendForBytesAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        await ThrowUnlessSuccessAsync(response, cancellationToken);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, byte[] body, MediaTypeHeaderValue contentType) =>
        new(method, path) { Content = new ByteArrayContent(body) { Headers = { ContentType = contentType } } };

    private static T Parse<T>(byte[] json, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(json, type) ?? throw new JsonException($"the API server answered null for a {typeof(T).Name}");
}
