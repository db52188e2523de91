using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Controller;

/// <summary>
/// The REST API of the ioFog Controller 3.0, one method per call; the other parts of this class are its areas.
/// Refusals are <see cref="ControllerException"/>, silence is <see cref="ControllerUnavailableException"/>.
/// </summary>
public sealed partial class ControllerClient(HttpClient http, ControllerSession session)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>The Controller's address.</summary>
    public Uri Endpoint => session.Endpoint;

    /// <inheritdoc cref="ControllerCredentials.Authority"/>
    public string? Authority => session.Credentials?.Authority;

    /// <summary>Whether the Controller answers, and its versions. Needs no login.</summary>
    public Task<ControllerStatus> GetStatusAsync(CancellationToken cancellationToken) =>
        GetAsync("status", ControllerJson.Default.ControllerStatus, Timeout, cancellationToken);

    /// <summary>The body of a list, unread.</summary>
    public Task<byte[]> GetListAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, ListTimeout, cancellationToken);

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, TimeSpan timeout, CancellationToken cancellationToken) =>
        Parse(await SendAsync(HttpMethod.Get, path, null, timeout, cancellationToken), type);

    private async Task<T?> FindAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await GetAsync(path, type, Timeout, cancellationToken);
        }
        catch (ControllerException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    private Task<byte[]> WriteAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken) =>
        SendAsync(method, path, body, Timeout, cancellationToken);

    /// <returns>False when it was not there.</returns>
    private async Task<bool> DeleteAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(HttpMethod.Delete, path, null, cancellationToken);
            return true;
        }
        catch (ControllerException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    private async Task<byte[]> SendAsync(
        HttpMethod method, string path, JsonObject? body, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var slot = await session.EnterAsync(cancellationToken);
        try
        {
            return await SendSignedInAsync(method, path, body, timeout, cancellationToken);
        }
        catch (ControllerUnavailableException)
        {
            session.Doubt();
            throw;
        }
    }

    private async Task<byte[]> SendSignedInAsync(
        HttpMethod method, string path, JsonObject? body, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var token = session.Credentials is null || path == "status" ? null : await session.TokenAsync(LogInAsync, cancellationToken);
        try
        {
            return await SendOnceAsync(method, path, body, token, timeout, cancellationToken);
        }
        catch (ControllerException e) when (token is not null && e.Code == HttpStatusCode.Unauthorized)
        {
            session.Forget(token);
            token = await session.TokenAsync(LogInAsync, cancellationToken);
            return await SendOnceAsync(method, path, body, token, timeout, cancellationToken);
        }
        catch (ControllerUnavailableException e) when (method == HttpMethod.Get && e.InnerException is HttpRequestException { InnerException: IOException })
        {
            // The server closes idle connections after five seconds, sometimes under a request.
            return await SendOnceAsync(method, path, body, token, timeout, cancellationToken);
        }
    }

    private async Task<byte[]> SendOnceAsync(
        HttpMethod method, string path, JsonObject? body, string? token, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(session.Endpoint, $"api/v3/{path}"));
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", token); // bare: a scheme before it is refused
        if (body is not null)
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, ControllerJson.Default.JsonObject)) { Headers = { ContentType = Json } };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            using var response = await http.SendAsync(request, limit.Token);
            var answer = await response.Content.ReadAsByteArrayAsync(limit.Token);
            return response.IsSuccessStatusCode ? answer : throw ControllerRefusal.Read(response.StatusCode, answer, $"{method} {path.Split('?')[0]}", body);
        }
        catch (HttpRequestException e)
        {
            throw new ControllerUnavailableException(WaitingFor.Controller, $"The Controller at {session.Endpoint} does not answer ({e.HttpRequestError})", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ControllerUnavailableException(WaitingFor.Controller, $"The Controller at {session.Endpoint} did not answer within {timeout.TotalSeconds} s", e);
        }
    }

    private static T Parse<T>(byte[] json, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(json, type) ?? throw new JsonException($"the Controller answered null for a {typeof(T).Name}");

    private static string Escape(string segment) => Uri.EscapeDataString(segment);
}
