using System.Security.Authentication;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local.Cluster;

namespace IoFog.Operator.Integration.Cluster;

/// <summary>Whom the client takes for the cluster: who is signed by its authority and has its name.</summary>
public sealed class ConnectionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_right_authority_and_the_right_name_are_trusted()
    {
        await using var cluster = await ClusterEmulator.StartAsync(new(), null, Token);
        Assert.NotNull(await AskAsync(cluster.Kubeconfig));
    }

    [Fact]
    public async Task The_right_authority_with_a_wrong_name_is_refused()
    {
        var elsewhere = ClusterIdentity.Create(TimeProvider.System, "elsewhere.example.com");
        await using var cluster = await ClusterEmulator.StartAsync(new() { Identity = elsewhere }, null, Token);
        Assert.Contains("RemoteCertificateNameMismatch", await RefusalAsync(cluster.Kubeconfig), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_right_name_of_another_authority_is_refused()
    {
        await using var cluster = await ClusterEmulator.StartAsync(new(), null, Token);
        await using var other = await ClusterEmulator.StartAsync(new(), null, Token);
        var mixed = cluster.Kubeconfig.Replace($"{cluster.Endpoint}".TrimEnd('/'), $"{other.Endpoint}".TrimEnd('/'), StringComparison.Ordinal);
        Assert.Contains("errors in the certificate chain", await RefusalAsync(mixed), StringComparison.Ordinal);
    }

    private static async Task<string> RefusalAsync(string kubeconfig)
    {
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(kubeconfig));
        return Assert.IsType<AuthenticationException>(refused.InnerException).Message;
    }

    private static async Task<object?> AskAsync(string kubeconfig)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, kubeconfig, Token);
            return await KubernetesConnection.Open(file).GetAsync("api/v1/namespaces/default", KubernetesJson.Default.JsonObject, Token);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
