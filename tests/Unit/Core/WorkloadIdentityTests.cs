using System.Net;
using System.Text;
using Azure;
using Azure.Core;
using IoFog.Operator.Changes;

namespace IoFog.Operator.Unit.Core;

/// <summary>Signing in to the storage account as a workload.</summary>
public sealed class WorkloadIdentityTests
{
    private static readonly TokenRequestContext Storage = new(["https://storage.azure.com/.default"]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_federated_token_is_exchanged_and_read_anew_each_time()
    {
        var file = Path.GetTempFileName();
        try
        {
            var authority = new Authority(HttpStatusCode.OK);
            var identity = new WorkloadIdentity(new HttpClient(authority), TimeProvider.System, name => name switch
            {
                "AZURE_CLIENT_ID" => "client",
                "AZURE_TENANT_ID" => "tenant",
                "AZURE_FEDERATED_TOKEN_FILE" => file,
                _ => null,
            });
            await File.WriteAllTextAsync(file, "first\n", Token);
            var token = await identity.GetTokenAsync(Storage, Token);
            Assert.Equal("secret-token", token.Token);
            Assert.InRange(token.ExpiresOn - TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(3590), TimeSpan.FromSeconds(3600));
            await File.WriteAllTextAsync(file, "second", Token);
            await identity.GetTokenAsync(Storage, Token);
            Assert.Equal("https://login.microsoftonline.com/tenant/oauth2/v2.0/token", authority.Address);
            Assert.Contains("client_assertion=first&", authority.Bodies[0] + "&", StringComparison.Ordinal);
            Assert.Contains("client_assertion=second&", authority.Bodies[1] + "&", StringComparison.Ordinal);
            Assert.Contains("scope=https%3A%2F%2Fstorage.azure.com%2F.default", authority.Bodies[0], StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_refusal_names_no_secret_and_a_missing_setting_is_named()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "federated", Token);
            var refused = new WorkloadIdentity(new HttpClient(new Authority(HttpStatusCode.BadRequest)), TimeProvider.System, name => name switch { "AZURE_FEDERATED_TOKEN_FILE" => file, "AZURE_AUTHORITY_HOST" => null, _ => name });
            var refusal = await Assert.ThrowsAsync<RequestFailedException>(async () => await refused.GetTokenAsync(Storage, Token));
            Assert.DoesNotContain("federated\"", refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("secret-token", refusal.Message, StringComparison.Ordinal);
            var missing = new WorkloadIdentity(new HttpClient(new Authority(HttpStatusCode.OK)), TimeProvider.System, _ => null);
            var complaint = await Assert.ThrowsAsync<InvalidOperationException>(async () => await missing.GetTokenAsync(Storage, Token));
            Assert.StartsWith("AZURE_CLIENT_ID: missing", complaint.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private sealed class Authority(HttpStatusCode code) : HttpMessageHandler
    {
        public List<string> Bodies { get; } = [];

        public string? Address { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Address = request.RequestUri!.ToString();
            Bodies.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
            return new(code) { Content = new StringContent("""{"access_token":"secret-token","expires_in":3600}""", Encoding.UTF8, "application/json") };
        }
    }
}
