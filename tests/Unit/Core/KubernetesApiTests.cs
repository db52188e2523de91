using System.Net;
using System.Text;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Unit.Kubernetes;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Unit.Core;

/// <summary>The Kubernetes client where the API server is away, and where it serves a kind by another name.</summary>
public sealed class KubernetesApiTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_connect_that_takes_too_long_is_an_API_server_that_is_away_and_no_cancellation()
    {
        using var http = new HttpClient(new Slow()) { BaseAddress = new("https://cluster.example/") };
        var api = new KubernetesApi(http, null);
        await Assert.ThrowsAsync<HttpRequestException>(() => api.FindAsync("api/v1/namespaces/edge", Token));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => api.FindAsync("api/v1/namespaces/edge", cancelled.Token));
    }

    [Fact]
    public async Task A_request_that_nobody_answers_is_given_up_by_the_clock_that_was_given()
    {
        var time = new FakeTimeProvider();
        var silent = new ScriptedApi();
        using var http = new HttpClient(silent) { BaseAddress = new("https://cluster.example/") };
        var answer = new KubernetesApi(http, null, time).FindAsync("api/v1/namespaces/edge", Token);
        time.Advance(TimeSpan.FromSeconds(14));
        Assert.False(answer.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<HttpRequestException>(() => answer);
    }

    [Theory]
    [InlineData("applications", "applications")]
    [InlineData("apps", "apps")] // iofogctl came first
    [InlineData("toasters", "applications")] // neither is served yet
    public async Task Finds_applications_by_the_name_under_which_they_are_served(string served, string asked)
    {
        List<string> paths = [];
        using var http = Client(request =>
        {
            paths.Add(request.RequestUri!.AbsolutePath);
            return request.RequestUri.AbsolutePath == "/apis/iofog.org/v3"
                ? $$"""{"resources":[{"name":"agents","kind":"Agent"},{"name":"{{served}}","kind":"Application"},{"name":"{{served}}/status","kind":"Application"}]}"""
                : "{}";
        });
        var api = new KubernetesApi(http, null);
        await api.FindAsync(Kinds.Application.PathOf(new ResourceKey("edge", "heart-rate")), Token);
        await api.FindAsync($"{Kinds.Application.PathOf("edge")}?limit=5", Token);
        await api.FindAsync(Kinds.Agent.PathOf("edge"), Token);
        var discoveries = served == "toasters" ? 2 : 1;
        Assert.Equal(discoveries, paths.Count(path => path == "/apis/iofog.org/v3"));
        Assert.Equal(
            [$"/apis/iofog.org/v3/namespaces/edge/{asked}/heart-rate", $"/apis/iofog.org/v3/namespaces/edge/{asked}", "/apis/iofog.org/v3/namespaces/edge/agents"],
            paths.Where(path => path != "/apis/iofog.org/v3"));
    }

    private static HttpClient Client(Func<HttpRequestMessage, string> answer) => new(new Handler(answer)) { BaseAddress = new("http://cluster/") };

    private sealed class Handler(Func<HttpRequestMessage, string> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(answer(request), Encoding.UTF8, "application/json") });
    }

    /// <summary>As SocketsHttpHandler when ConnectTimeout is over.</summary>
    private sealed class Slow : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromException<HttpResponseMessage>(new TaskCanceledException("The operation was canceled.", new TimeoutException()));
    }
}
