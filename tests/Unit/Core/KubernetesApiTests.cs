using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Unit.Core;

/// <summary>The Kubernetes client where the API server is away.</summary>
public sealed class KubernetesApiTests
{
    [Fact]
    public async Task A_connect_that_takes_too_long_is_an_API_server_that_is_away_and_no_cancellation()
    {
        using var http = new HttpClient(new Slow()) { BaseAddress = new("https://cluster.example/") };
        var api = new KubernetesApi(http, null);
        await Assert.ThrowsAsync<HttpRequestException>(() => api.FindAsync("api/v1/namespaces/edge", TestContext.Current.CancellationToken));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => api.FindAsync("api/v1/namespaces/edge", cancelled.Token));
    }

    /// <summary>As SocketsHttpHandler when ConnectTimeout is over.</summary>
    private sealed class Slow : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromException<HttpResponseMessage>(new TaskCanceledException("The operation was canceled.", new TimeoutException()));
    }
}
