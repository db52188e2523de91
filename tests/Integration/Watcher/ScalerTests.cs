using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using IoFog.Operator.Local;
using IoFog.Operator.Local.Cluster;
using IoFog.Operator.Local.Host.Keda;

namespace IoFog.Operator.Integration.Watcher;

/// <summary>The watcher's process, asked by a gRPC client as KEDA asks.</summary>
public sealed class ScalerTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("iofog-scaler-").FullName;
    private readonly ConcurrentQueue<string> log = [];
    private readonly TaskCompletionSource<Uri> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Uri> health = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ClusterEmulator? cluster;
    private LocalProcess? watcher;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        cluster = await ClusterEmulator.StartAsync(new(), null, Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "kubeconfig"), cluster.Kubeconfig, Token);
        var api = Kubernetes.KubernetesConnection.Open(Path.Combine(folder, "kubeconfig"));
        foreach (var file in Directory.GetFiles(Layout.Crds, "*.yaml").Order(StringComparer.Ordinal))
        {
            foreach (var document in Yaml.ParseAll(await File.ReadAllTextAsync(file, Token)))
                await Manifests.ApplyAsync(api, document, "default", Token);
        }

        Api = api;
    }

    private Kubernetes.KubernetesApi Api { get; set; } = null!;

    [Fact]
    public async Task Wakes_an_app_the_moment_its_object_is_due_and_ends_its_streams_well()
    {
        Start([]);
        using var channel = GrpcChannel.ForAddress(await ReadyAsync());
        var client = new ExternalScaler.ExternalScalerClient(channel);
        using var agents = client.StreamIsActive(App("Agent"), cancellationToken: Token);
        using var routes = client.StreamIsActive(App("Route"), cancellationToken: Token);
        Assert.False(await NextAsync(agents));
        Assert.False(await NextAsync(routes));

        await ApplyAsync("agent.yaml");
        Assert.True(await NextAsync(agents));
        var metrics = await client.GetMetricsAsync(new() { ScaledObjectRef = App("Agent"), MetricName = "m" }, cancellationToken: Token);
        Assert.Equal(("m", 1L, 1.0), (metrics.MetricValues[0].MetricName, metrics.MetricValues[0].MetricValue_, metrics.MetricValues[0].MetricValueFloat));
        Assert.True((await client.IsActiveAsync(App("Agent"), cancellationToken: Token)).Result);
        Assert.False((await client.IsActiveAsync(App("Route"), cancellationToken: Token)).Result);
        Assert.False((await client.IsActiveAsync(App("Gadget"), cancellationToken: Token)).Result);
        Assert.True(await NextAsync(agents)); // said again while it lasts

        var ends = EndAsync(agents);
        await watcher!.DisposeAsync(); // SIGTERM
        watcher = null;
        await ends; // an error would throw
        Assert.Equal(StatusCode.OK, agents.GetStatus().StatusCode);
        Assert.Contains(log, line => line.Contains("no kind Gadget", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Has_a_port_that_speaks_nothing_but_gRPC_over_HTTP_2()
    {
        Start([]);
        var scaler = await ReadyAsync();
        using var http = new HttpClient();
        using var old = await http.GetAsync(new Uri(scaler, "/metrics"), Token);
        Assert.Equal(HttpStatusCode.BadRequest, old.StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(scaler, "/metrics")) { Version = new(2, 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var answer = await http.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        var newer = new Method<ScaledObjectRef, GetMetricSpecResponse>(
            MethodType.ServerStreaming, "externalscaler.ExternalScaler", "StreamMetricSpec",
            Marshallers.Create(static one => one.ToByteArray(), ScaledObjectRef.Parser.ParseFrom), Marshallers.Create(static one => one.ToByteArray(), GetMetricSpecResponse.Parser.ParseFrom));
        using var channel = GrpcChannel.ForAddress(scaler);
        using var stream = channel.CreateCallInvoker().AsyncServerStreamingCall(newer, null, new(), App("Agent"));
        var refused = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(Token));
        Assert.Equal(StatusCode.Unimplemented, refused.StatusCode); // KEDA 2.21 asks, and goes on without
        Assert.Contains("workqueue_depth", await http.GetStringAsync(new Uri(await health.Task, "/metrics"), Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lets_in_over_TLS_only_who_shows_a_certificate_of_the_right_authority()
    {
        using var authority = Certificates.Authority();
        using var other = Certificates.Authority();
        using var server = Certificates.Issue(authority, "localhost", server: true);
        using var keda = Certificates.Issue(authority, "keda", server: false);
        using var stranger = Certificates.Issue(other, "keda", server: false);
        await File.WriteAllTextAsync(Path.Combine(folder, "tls.crt"), server.ExportCertificatePem(), Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "tls.key"), server.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem(), Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.crt"), authority.ExportCertificatePem(), Token);
        Start(new()
        {
            ["Scaler__CertificateFile"] = Path.Combine(folder, "tls.crt"),
            ["Scaler__KeyFile"] = Path.Combine(folder, "tls.key"),
            ["Scaler__ClientCaFile"] = Path.Combine(folder, "ca.crt"),
        });
        var address = new UriBuilder(await ReadyAsync()) { Host = "localhost" }.Uri;
        Assert.Equal("https", address.Scheme);
        Assert.False(await AskAsync(address, authority, keda));
        await Assert.ThrowsAsync<RpcException>(() => AskAsync(address, authority, stranger));
        await Assert.ThrowsAsync<RpcException>(() => AskAsync(address, authority, null));
        await Assert.ThrowsAsync<RpcException>(() => AskAsync(address, other, keda));
    }

    public async ValueTask DisposeAsync()
    {
        if (watcher is not null)
            await watcher.DisposeAsync();
        if (cluster is not null)
            await cluster.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private void Start(Dictionary<string, string> settings)
    {
        foreach (var (name, value) in new[]
        {
            ("AzureWebJobsStorage", azurite.ConnectionString), ("KUBECONFIG", Path.Combine(folder, "kubeconfig")), ("Controller__Url", "http://127.0.0.1:1"),
            ("Health__Address", "127.0.0.1"), ("Health__Port", "0"), ("Scaler__Address", "127.0.0.1"), ("Scaler__Port", "0"),
        })
        {
            settings[name] = value;
        }

        watcher = LocalProcess.Start(Layout.Watcher, [], null, settings, line =>
        {
            log.Enqueue(line);
            if (WatcherLog.ScalerIn(line) is { } address)
                ready.TrySetResult(address);
            if (WatcherLog.HealthIn(line) is { } probed)
                health.TrySetResult(probed);
        });
    }

    private async Task<Uri> ReadyAsync()
    {
        try
        {
            return await ready.Task.WaitAsync(TimeSpan.FromSeconds(60), Token);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(string.Join('\n', log));
        }
    }

    private async Task ApplyAsync(string sample)
    {
        foreach (var document in Yaml.ParseAll(await File.ReadAllTextAsync(Path.Combine(Layout.Samples, sample), Token)))
            await Manifests.ApplyAsync(Api, document, "default", Token);
    }

    private static ScaledObjectRef App(string kinds) => new() { Name = kinds, Namespace = "default", ScalerMetadata = { ["kinds"] = kinds } };

    private static async Task<bool> NextAsync(AsyncServerStreamingCall<IsActiveResponse> stream)
    {
        Assert.True(await stream.ResponseStream.MoveNext(Token).WaitAsync(TimeSpan.FromSeconds(30), Token));
        return stream.ResponseStream.Current.Result;
    }

    private static async Task EndAsync(AsyncServerStreamingCall<IsActiveResponse> stream)
    {
        while (await stream.ResponseStream.MoveNext(Token))
        {
        }
    }

    private static async Task<bool> AskAsync(Uri address, X509Certificate2 authority, X509Certificate2? client)
    {
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { authority } },
                ClientCertificates = client is null ? null : [client],
            },
        };
        using var channel = GrpcChannel.ForAddress(address, new() { HttpHandler = handler });
        return (await new ExternalScaler.ExternalScalerClient(channel).IsActiveAsync(App("Agent"), cancellationToken: Token)).Result;
    }
}
