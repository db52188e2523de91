using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local;
using IoFog.Operator.Local.Cluster;
using IoFog.Operator.Watcher;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Integration.Faults;

/// <summary>Watches over a link to the API server that fails.</summary>
public sealed class ClusterLinkTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private const string Agents = "apis/iofog.org/v3/namespaces/default/agents";

    private readonly string kubeconfig = Path.GetTempFileName();
    private readonly CancellationTokenSource stopping = new();
    private ClusterEmulator? cluster;
    private FaultyLink? link;
    private KubernetesApi? direct;
    private KubernetesApi? linked;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private FaultyLink Link => link!;

    public async ValueTask InitializeAsync()
    {
        cluster = await ClusterEmulator.StartAsync(new() { RunControllers = false }, null, Token);
        link = new(cluster.Endpoint.Port);
        await File.WriteAllTextAsync(kubeconfig, cluster.Kubeconfig, Token);
        direct = KubernetesConnection.Open(kubeconfig);
        await File.WriteAllTextAsync(kubeconfig, cluster.Kubeconfig.Replace($":{cluster.Endpoint.Port}", $":{link.Port}", StringComparison.Ordinal), Token);
        linked = KubernetesConnection.Open(kubeconfig);
        foreach (var file in Directory.GetFiles(Layout.Crds, "*.yaml"))
            await Manifests.ApplyAsync(direct, Yaml.Parse(await File.ReadAllTextAsync(file, Token))!.AsObject(), "default", Token);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        if (link is not null)
            await link.DisposeAsync();
        if (cluster is not null)
            await cluster.DisposeAsync();
        File.Delete(kubeconfig);
        stopping.Dispose();
    }

    [Fact]
    public async Task A_half_open_connection_is_noticed_within_half_a_minute_and_nothing_is_missed()
    {
        var target = new Seen();
        var watch = new ResourceWatch(linked!, Agents, "", metadataOnly: false, TimeProvider.System, NullLogger.Instance);
        var running = watch.RunAsync(target, stopping.Token);
        await CreateAsync("before");
        await Eventually.HoldsAsync("an object", () => Task.FromResult(target.Names.Contains("before")));
        Link.Fault = Fault.Stall;
        Link.Fault = Fault.None; // what is made from now on is well, and what was open stays dead
        await CreateAsync("meanwhile");
        var began = TimeProvider.System.GetTimestamp();
        await Eventually.HoldsAsync("what happened meanwhile", () => Task.FromResult(target.Names.Contains("meanwhile")), 180);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(35));
        Assert.Equal(1, target.Lists); // it went on from where it was
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_slow_link_and_one_that_is_reset_again_and_again_miss_nothing(bool reset)
    {
        for (var i = 0; i < 30; i++)
            await CreateAsync($"listed-{i}");
        Link.Fault = reset ? Fault.None : Fault.Slow;
        var target = new Seen();
        var watch = new ResourceWatch(linked!, Agents, "", metadataOnly: false, TimeProvider.System, NullLogger.Instance);
        var running = watch.RunAsync(target, stopping.Token);
        for (var i = 0; i < 30; i++)
        {
            await CreateAsync($"watched-{i}");
            if (reset && i % 10 == 5)
            {
                Link.Fault = Fault.Reset;
                Link.Fault = Fault.None;
            }
        }

        await Eventually.HoldsAsync("all objects", () => Task.FromResult(target.Names.Count == 60), 180);
        await Eventually.HoldsAsync("a watch that is current", () => Task.FromResult(watch.IsCurrent), 180);
        Assert.False(watch.IsStalled);
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [Fact]
    public async Task The_probe_fails_when_streams_stall_and_names_them_and_is_well_again_afterwards()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var options = new WatcherOptions { Namespace = "default", Storage = azurite.ConnectionString, ControllerPollSeconds = 0, LeaderElection = false, Secrets = [] };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddWatcher(options, linked!, builder.Configuration, time);
        await using var app = builder.Build();
        app.MapHealth();
        await app.StartAsync(Token);
        using var http = new HttpClient { BaseAddress = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
        await Eventually.HoldsAsync("readiness", async () => (await GetAsync("/readyz")).Code == HttpStatusCode.OK);
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((HttpStatusCode.OK, "ok"), await GetAsync("/healthz"));

        Link.Fault = Fault.Stall;
        await Eventually.HoldsAsync("a probe that fails", async () =>
        {
            time.Advance(TimeSpan.FromSeconds(30));
            var (code, text) = await GetAsync("/healthz");
            return code == HttpStatusCode.ServiceUnavailable && text.Contains(Agents, StringComparison.Ordinal); // each in its own time
        });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync("/readyz")).Code);

        Link.Fault = Fault.None;
        await Eventually.HoldsAsync("a probe that is well", async () =>
        {
            time.Advance(TimeSpan.FromSeconds(5));
            return (await GetAsync("/healthz")).Code == HttpStatusCode.OK && (await GetAsync("/readyz")).Code == HttpStatusCode.OK;
        }, 180);
        await app.StopAsync(Token);

        async Task<(HttpStatusCode Code, string Text)> GetAsync(string path)
        {
            using var response = await http.GetAsync(new Uri(path, UriKind.Relative), Token);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
        }
    }

    private Task CreateAsync(string name) => Manifests.ApplyAsync(
        direct!,
        new()
        {
            ["apiVersion"] = Kind.ApiVersion,
            ["kind"] = Kinds.Agent.Name,
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject { ["host"] = "h" },
        },
        "default",
        Token);

    /// <summary>The names of all objects that a watch has handed on.</summary>
    private sealed class Seen : IWatchTarget
    {
        private readonly ConcurrentDictionary<string, bool> names = [];

        public ICollection<string> Names => names.Keys;

        public int Lists { get; private set; }

        public void ListBegins() => Lists++;

        public void Received(WatchKind how, ReadOnlySpan<byte> json) =>
            names[JsonNode.Parse(Encoding.UTF8.GetString(json))!["metadata"]!["name"]!.GetValue<string>()] = true;

        public void Listed()
        {
        }

        public void Opened()
        {
        }

        public void Lost()
        {
        }
    }
}
