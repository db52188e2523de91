using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace IoFog.Operator.EndToEnd;

/// <summary>Reads and writes the Controller as somebody with iofogctl would, by its REST API alone.</summary>
internal sealed class ControllerReader(string url, string email, string password) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2) });

    public async Task<JsonNode?> FindAgentAsync(string name, CancellationToken cancellationToken) =>
        (await GetAsync("iofog-list", cancellationToken))?["fogs"]!.AsArray().FirstOrDefault(agent => agent!["name"]!.GetValue<string>() == name);

    /// <summary>The answer; null when it was an error.</summary>
    public async Task<JsonNode?> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, path, null, cancellationToken);
        return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken) : null;
    }

    public async Task<HttpStatusCode> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken, JsonObject? body = null)
    {
        using var response = await SendAsync(method, path, body, cancellationToken);
        return response.StatusCode;
    }

    /// <summary>Deletes all that the user has; nothing where there is no such user yet.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        foreach (var application in await ListAsync("application", "applications", cancellationToken))
            await DeleteAsync($"application/{application["name"]}", cancellationToken);
        foreach (var resource in await ListAsync("edgeResources", "edgeResources", cancellationToken))
            await DeleteAsync($"edgeResource/{resource["name"]}/{resource["version"]}", cancellationToken);
        foreach (var agent in await ListAsync("iofog-list", "fogs", cancellationToken))
            await DeleteAsync($"iofog/{agent["uuid"]}", cancellationToken);
    }

    public void Dispose() => http.Dispose();

    private async Task<IEnumerable<JsonNode>> ListAsync(string path, string items, CancellationToken cancellationToken) =>
        (await GetAsync(path, cancellationToken))?[items]!.AsArray().OfType<JsonNode>() ?? [];

    private async Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        var code = await SendAsync(HttpMethod.Delete, path, cancellationToken);
        Assert.True((int)code is >= 200 and < 300, $"DELETE {path}: {(int)code}");
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        using var login = await http.PostAsJsonAsync($"{url}/api/v3/user/login", new JsonObject { ["email"] = email, ["password"] = password }, cancellationToken);
        if (!login.IsSuccessStatusCode)
            return new(login.StatusCode);
        using var request = new HttpRequestMessage(method, $"{url}/api/v3/{path}");
        request.Headers.TryAddWithoutValidation("Authorization", (await login.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!["accessToken"]!.GetValue<string>());
        if (body is not null)
            request.Content = JsonContent.Create(body);
        return await http.SendAsync(request, cancellationToken);
    }
}
