using System.Text.Json;
using Azure;
using Azure.Core;

namespace IoFog.Operator.Changes;

/// <summary>
/// Azure Workload Identity: the pod's federated token is exchanged for one of Microsoft Entra. The settings are those that its admission
/// webhook puts into a pod. (Azure.Identity does this too, with 8 MB around it.)
/// </summary>
/// <param name="http">Reaches the authority.</param>
/// <param name="time">Tells when a token runs out.</param>
/// <param name="setting">Reads a setting by its name.</param>
internal sealed class WorkloadIdentity(HttpClient http, TimeProvider time, Func<string, string?> setting) : TokenCredential
{
    private const string Grant = "client_credentials";
    private const string Assertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /// <exception cref="RequestFailedException">
    /// The authority is away or refuses: with status 0, as when the account itself is away, so that it is tried again and nothing is thought to be missing.
    /// </exception>
    public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        try
        {
            return await SignInAsync(requestContext, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or KeyNotFoundException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new RequestFailedException(0, e is HttpRequestException { StatusCode: not null } ? e.Message : "the authority of the workload's identity does not answer as it should", e);
        }
    }

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        throw new NotSupportedException("queues are only used asynchronously");

    private async Task<AccessToken> SignInAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        var authority = setting("AZURE_AUTHORITY_HOST") is { Length: > 0 } host ? host : "https://login.microsoftonline.com/";
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = Grant,
            ["client_id"] = Setting("AZURE_CLIENT_ID"),
            ["scope"] = string.Join(' ', requestContext.Scopes),
            ["client_assertion_type"] = Assertion,
            // Read anew each time: the kubelet replaces it every hour.
            ["client_assertion"] = (await File.ReadAllTextAsync(Setting("AZURE_FEDERATED_TOKEN_FILE"), cancellationToken)).Trim(),
        };
        using var content = new FormUrlEncodedContent(form);
        using var response = await http.PostAsync(new Uri($"{authority.TrimEnd('/')}/{Setting("AZURE_TENANT_ID")}/oauth2/v2.0/token"), content, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new HttpRequestException($"the workload's identity was refused ({(int)response.StatusCode}); is there a federated credential for this service account?", null, response.StatusCode);
        using var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        var lifetime = TimeSpan.FromSeconds(answer.RootElement.GetProperty("expires_in").GetInt32());
        return new(answer.RootElement.GetProperty("access_token").GetString()!, time.GetUtcNow() + lifetime);
    }

    private string Setting(string name) => setting(name) is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException($"{name}: missing; the storage account has no connection string, and without Azure Workload Identity nobody signs in to it");
}
