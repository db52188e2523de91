using System.Net;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Unit.Controller;

public sealed class ControllerConnectionTests : IDisposable
{
    private const string None = """{"items":[]}""";
    private const string Secret = """{"data":{"email":"YW5uQGV4YW1wbGUub3Jn","password":"cGxhaW4tc2VjcmV0"}}""";

    private readonly StubCluster cluster = new();
    private readonly FakeTimeProvider time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => cluster.Dispose();

    [Fact]
    public async Task Without_a_control_plane_objects_wait_for_one()
    {
        (cluster.ControlPlanes, cluster.Secret) = (None, null);
        using var connection = Open();

        var away = await Assert.ThrowsAsync<ControllerUnavailableException>(() => connection.OpenAsync("edge", Cancellation));

        Assert.Equal("ControlPlane", away.WaitingFor);
        Assert.True(await connection.IsGoneAsync("edge", Cancellation));
    }

    [Fact]
    public async Task Without_credentials_objects_wait_for_the_first_control_plane()
    {
        (cluster.ControlPlanes, cluster.Secret) = (List(("young", "2026-11-22T11:00:00Z", "http://b:1"), ("old", "2026-11-22T10:00:00Z", "http://a:1")), null);
        using var connection = Open();

        var away = await Assert.ThrowsAsync<ControllerUnavailableException>(() => connection.OpenAsync("edge", Cancellation));

        Assert.Equal("ControlPlane/old", away.WaitingFor);
        Assert.False(await connection.IsGoneAsync("edge", Cancellation));
    }

    /// <summary>Such a Controller is not the ControlPlane's, so that nothing goes with it. What a person takes away is the Secret.</summary>
    [Fact]
    public async Task A_Controller_that_a_setting_names_is_there_without_a_control_plane_as_long_as_its_credentials_are()
    {
        (cluster.ControlPlanes, cluster.Secret) = (None, Secret);
        using var connection = Open("http://setting:51121");

        Assert.Equal(new Uri("http://setting:51121/"), (await connection.OpenAsync("edge", Cancellation)).Endpoint);
        Assert.False(await connection.IsGoneAsync("edge", Cancellation)); // what objects stand for is deleted there

        cluster.Secret = null;
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.True((await Assert.ThrowsAsync<ControllerUnavailableException>(() => connection.OpenAsync("edge", Cancellation))).IsGone);
        Assert.True(await connection.IsGoneAsync("edge", Cancellation));
    }

    [Theory]
    [InlineData("http://setting:51121/", "http://status:51121", "http://setting:51121/")]
    [InlineData("", "http://status:51121", "http://status:51121/")]
    [InlineData("", null, "http://controller.edge.svc:51121/")]
    public async Task The_address_is_the_setting_or_what_the_control_plane_says_or_its_Service(string setting, string? status, string expected)
    {
        (cluster.ControlPlanes, cluster.Secret) = (List(("iofog", "2026-11-22T10:00:00Z", status)), Secret);
        using var connection = Open(setting);

        Assert.Equal(new Uri(expected), (await connection.OpenAsync("edge", Cancellation)).Endpoint);
        Assert.Equal(new Uri(expected), await connection.EndpointOfAsync("edge", Cancellation));
    }

    [Fact]
    public async Task Address_and_credentials_are_read_again_after_a_minute()
    {
        (cluster.ControlPlanes, cluster.Secret) = (List(("iofog", "2026-11-22T10:00:00Z", "http://a:1")), Secret);
        using var connection = Open();
        await connection.OpenAsync("edge", Cancellation);
        await connection.OpenAsync("edge", Cancellation);
        Assert.Equal(2, cluster.Requests);

        time.Advance(TimeSpan.FromSeconds(61));
        cluster.ControlPlanes = List(("iofog", "2026-11-22T10:00:00Z", "http://b:1"));

        Assert.Equal(new Uri("http://b:1/"), (await connection.OpenAsync("edge", Cancellation)).Endpoint);
    }

    [Theory]
    [InlineData("controller:51121")]
    [InlineData("/api")]
    [InlineData("ftp://controller")]
    public void A_setting_that_is_no_address_is_told_at_start(string url)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Controller:Url", url)]).Build();

        var wrong = Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddController(configuration));

        Assert.Contains("Controller__Url", wrong.Message, StringComparison.Ordinal);
    }

    private ControllerConnection Open(string url = "") =>
        new(new KubernetesApi(new HttpClient(cluster, disposeHandler: false) { BaseAddress = new("http://cluster/") }, null), new() { Url = url }, time);

    private static string List(params (string Name, string Created, string? Endpoint)[] controlPlanes) => new JsonObject
    {
        ["items"] = new JsonArray([.. controlPlanes.Select(item => (JsonNode)new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = item.Name, ["uid"] = item.Name, ["creationTimestamp"] = item.Created },
            ["status"] = new JsonObject { ["endpoint"] = item.Endpoint },
        })]),
    }.ToJsonString();

    private sealed class StubCluster : HttpMessageHandler
    {
        public string ControlPlanes { get; set; } = None;

        public string? Secret { get; set; }

        public int Requests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            var body = request.RequestUri!.AbsolutePath switch
            {
                "/apis/iofog.org/v3/namespaces/edge/controlplanes" => ControlPlanes,
                "/api/v1/namespaces/edge/secrets/controller-credentials" => Secret,
                _ => null,
            };
            return Task.FromResult(body is null
                ? new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("{}") }
                : new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body) });
        }
    }
}
