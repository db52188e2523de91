using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using IoFog.Operator.Changes;
using IoFog.Operator.Controller;
using IoFog.Operator.ControlPlanes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local;
using IoFog.Operator.Local.Cluster;
using IoFog.Operator.Local.Controller;
using IoFog.Operator.Reconciling;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Integration.ControlPlanes;

/// <summary>
/// The loop of the kind ControlPlane between an API server and a Controller, emulated or the real ones that <see cref="Servers"/> names, with a
/// clock that the test sets. The test plays watcher, kubelet and load balancer. Each stage has a namespace and a user of its own.
/// </summary>
internal sealed class ControlPlaneStage : IAsyncDisposable, ILoggerProvider
{
    public const string Password = "change-me-please";

    public const string Spec = $$$"""{"user":{"name":"Jane","surname":"Doe","email":"jane@example.com","password":"{{{Password}}}"}}""";

    private static readonly string[] Collections =
    [
        "api/v1/{0}/serviceaccounts", "apis/rbac.authorization.k8s.io/v1/{0}/roles", "apis/rbac.authorization.k8s.io/v1/{0}/rolebindings", "api/v1/{0}/secrets",
        "api/v1/{0}/services", "api/v1/{0}/persistentvolumeclaims", "apis/networking.k8s.io/v1/{0}/ingresses", "apis/policy/v1/{0}/poddisruptionbudgets",
        "apis/apps/v1/{0}/deployments",
    ];

    private const string Jane = "jane@example.com";

    private readonly IDisposable turn;
    private readonly ClusterEmulator? cluster;
    private readonly ControllerEmulator? emulator;
    private readonly ServiceProvider provider;
    private readonly ConcurrentQueue<string> log = [];
    private KubernetesApi loops;
    private ulong looks;

    private ControlPlaneStage(IDisposable turn, ClusterEmulator? cluster, string kubeconfig, ControllerEmulator? emulator)
    {
        (this.turn, this.cluster, this.emulator) = (turn, cluster, emulator);
        Api = loops = KubernetesConnection.Open(kubeconfig);
        provider = new ServiceCollection()
            .AddLogging(logging => logging.AddProvider(this).SetMinimumLevel(LogLevel.Trace))
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton(_ => loops)
            .AddController(new ConfigurationBuilder().AddInMemoryCollection([new("Controller:Url", Endpoint.ToString())]).Build())
            .AddControlPlane()
            .BuildServiceProvider();
    }

    public KubernetesApi Api { get; }

    /// <summary>Where the Controller answers.</summary>
    public Uri Endpoint => Servers.Controller ?? emulator!.Endpoint;

    /// <summary>The emulated Controller; null when it is a real one.</summary>
    public ControllerEmulator? Emulator => emulator;

    /// <summary>What stands for Jane's address in every spec: a real Controller knows who was there before.</summary>
    public string Email => Servers.Controller is null ? Jane : $"jane-{Namespace}@example.com";

    /// <summary>The operator's clock; the API server has its own.</summary>
    public FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    public string Namespace { get; } = $"cp-{Guid.NewGuid():N}"[..12];

    /// <summary>The address that load balancers are given.</summary>
    public string Address { get; set; } = "10.1.2.3";

    /// <summary>All that was logged.</summary>
    public IEnumerable<string> Log => log;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="audit">Receives what the loop asks of an emulated cluster, and nothing that the test asks.</param>
    public static async Task<ControlPlaneStage> StartAsync(Action<Audited>? audit = null)
    {
        var turn = await Servers.EnterAsync(Cancellation);
        try
        {
            return await StartAsync(turn, audit);
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    private static async Task<ControlPlaneStage> StartAsync(IDisposable turn, Action<Audited>? audit)
    {
        var cluster = Servers.Kubeconfig is null ? await ClusterEmulator.StartAsync(new() { RunControllers = false, Audit = audit }, null, Cancellation) : null;
        var kubeconfig = cluster is null ? Servers.Kubeconfig! : Path.GetTempFileName();
        if (cluster is not null)
            await File.WriteAllTextAsync(kubeconfig, cluster.Kubeconfig, Cancellation);
        var stage = new ControlPlaneStage(turn, cluster, kubeconfig, Servers.Controller is null ? await ControllerEmulator.StartAsync(new() { SimulateAgents = false }, null, Cancellation) : null);
        await Manifests.ApplyAsync(stage.Api, Yaml.Parse(await File.ReadAllTextAsync(Path.Combine(Layout.Crds, "controlplanes.yaml"), Cancellation))!.AsObject(), "default", Cancellation);
        await stage.ApplyAsync($"api/v1/namespaces/{stage.Namespace}", $$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{stage.Namespace}}}"}}""");
        if (audit is not null)
            stage.loops = await Auditable.OpenAsync(stage.Api, kubeconfig, stage.Namespace, Cancellation);
        if (cluster is not null)
            File.Delete(kubeconfig);
        return stage;
    }

    /// <summary>Creates the control plane, and waits until it has come to rest.</summary>
    public async Task<JsonObject> CreateAsync(string spec = Spec, string name = "iofog")
    {
        await Manifests.ApplyAsync(
            Api,
            new() { ["apiVersion"] = Kind.ApiVersion, ["kind"] = "ControlPlane", ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = JsonNode.Parse(Own(spec)) },
            Namespace, Cancellation);
        return await SettleAsync(name);
    }

    /// <summary>Changes the spec by a merge patch, and waits until the control plane has come to rest.</summary>
    public async Task<JsonObject> EditAsync(string spec)
    {
        await PatchAsync(PathOf("iofog"), $$"""{"spec":{{spec}}}""");
        return await SettleAsync();
    }

    /// <summary>Lets the loop look, and kubelet and load balancer work, until neither has anything left to do.</summary>
    public async Task<JsonObject> SettleAsync(string name = "iofog")
    {
        for (var rounds = 0; rounds < 12; rounds++)
        {
            var found = await LookAsync(name);
            if (found is null || !await PlayKubeletAsync())
                return found ?? [];
        }

        throw new InvalidOperationException($"ControlPlane {name} does not come to rest: {(await FindAsync(PathOf(name)))?["status"]}");
    }

    /// <summary>Lets the loop look until nothing more is due, as if the watcher had just seen something outside of the object.</summary>
    /// <param name="name">Of the control plane.</param>
    /// <param name="namespace">The stage's when null.</param>
    public async Task<JsonObject?> LookAsync(string name = "iofog", string? @namespace = null)
    {
        var path = Kinds.ControlPlane.PathOf(new ResourceKey(@namespace ?? Namespace, name));
        var loop = provider.GetRequiredService<ReconcileLoop>();
        var seen = new Seen { Owned = Interlocked.Increment(ref looks) };
        for (var turns = 0; turns < 30; turns++)
        {
            if (await Api.FindAsync(path, Cancellation) is not { } json)
                return null;
            var watched = new WatchedReader(Kinds.ControlPlane).Read(json);
            var now = Time.GetUtcNow();
            if (Due.Evaluate(watched, seen, now) is var reason && reason == DueReason.None)
                return JsonNode.Parse(json)!.AsObject();
            var change = new Change { Kind = Kinds.ControlPlane, Key = watched.Key, Uid = watched.Uid, Reason = reason, Seen = seen, Turn = watched.Turn, Time = now };
            await loop.HandleAsync(change.ToJson(), Cancellation);
        }

        throw new InvalidOperationException($"ControlPlane {name} is due for ever: {(await FindAsync(path))?["status"]}\n{string.Join('\n', log.TakeLast(20))}");
    }

    /// <summary>Rolls Deployments out and gives load balancers their address.</summary>
    /// <returns>False when there was nothing to do.</returns>
    public async Task<bool> PlayKubeletAsync()
    {
        var worked = false;
        foreach (var deployment in await ListAsync("apis/apps/v1/{0}/deployments"))
        {
            var (generation, replicas) = (deployment["metadata"]!["generation"]!.GetValue<long>(), deployment["spec"]!["replicas"]!.GetValue<int>());
            if (deployment["status"]?["observedGeneration"]?.GetValue<long>() == generation)
                continue;
            await PatchAsync($"{In("apis/apps/v1/{0}/deployments")}/{deployment["metadata"]!["name"]}/status",
                $$$"""{"status":{"observedGeneration":{{{generation}}},"replicas":{{{replicas}}},"updatedReplicas":{{{replicas}}},"readyReplicas":{{{replicas}}},"availableReplicas":{{{replicas}}} }}""");
            worked = true;
        }

        foreach (var service in await ListAsync("api/v1/{0}/services"))
        {
            var has = service["status"]?["loadBalancer"]?["ingress"]?[0]?["ip"]?.GetValue<string>();
            if (service["spec"]!["type"]!.GetValue<string>() != "LoadBalancer" || has == Address)
                continue;
            await PatchAsync($"{In("api/v1/{0}/services")}/{service["metadata"]!["name"]}/status", $$$"""{"status":{"loadBalancer":{"ingress":[{"ip":"{{{Address}}}"}]} }}""");
            worked = true;
        }

        return worked;
    }

    public string PathOf(string name) => Kinds.ControlPlane.PathOf(new ResourceKey(Namespace, name));

    public string Deployment(string name) => $"{In("apis/apps/v1/{0}/deployments")}/{name}";

    public string Secret(string name) => $"{In("api/v1/{0}/secrets")}/{name}";

    public string Service(string name) => $"{In("api/v1/{0}/services")}/{name}";

    public string In(string collection) => string.Format(null, collection, $"namespaces/{Namespace}");

    public Task<JsonObject?> FindAsync(string path) => Api.FindAsync(path, KubernetesJson.Default.JsonObject, Cancellation);

    public async Task<JsonObject> ReadAsync(string path) => await FindAsync(path) ?? throw new InvalidOperationException($"{path} is not there");

    public Task PatchAsync(string path, string patch) => SendAsync(HttpMethod.Patch, $"{path}?fieldManager=somebody", patch, "application/merge-patch+json");

    public Task ApplyAsync(string path, string body) => SendAsync(HttpMethod.Patch, $"{path}?fieldManager=somebody&force=true", body, "application/apply-patch+yaml");

    public Task DeleteAsync(string path) => Api.DeleteAsync(path, Cancellation);

    /// <summary>A request as somebody else; fails unless it is answered with success.</summary>
    public async Task SendAsync(HttpMethod method, string path, string body, string type)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Own(body))) { Headers = { ContentType = new(type) } } };
        using var response = await Api.SendAsync(request, HttpCompletionOption.ResponseContentRead, Cancellation);
        await KubernetesApi.ThrowUnlessSuccessAsync(response, Cancellation);
    }

    /// <summary>What carries our label, as path and content.</summary>
    public async Task<IReadOnlyDictionary<string, JsonObject>> OwnedAsync()
    {
        var owned = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var collection in Collections)
        {
            foreach (var found in await ListAsync(collection))
            {
                if (found["metadata"]!["labels"]?[Names.ManagedByLabel]?.GetValue<string>() == Names.ManagedBy)
                    owned[$"{In(collection)}/{found["metadata"]!["name"]}"] = found;
            }
        }

        return owned;
    }

    public async Task<string> SecretTextAsync(string name, string key) =>
        Encoding.UTF8.GetString(Convert.FromBase64String((await ReadAsync(Secret(name)))["data"]![key]!.GetValue<string>()));

    /// <summary>Everything that people may see: status, Events, annotations and what was logged.</summary>
    public async Task<string> VisibleAsync()
    {
        var text = new StringBuilder();
        text.Append((await ReadAsync(PathOf("iofog")))["status"]).AppendJoin('\n', log);
        foreach (var @event in await ListAsync("apis/events.k8s.io/v1/{0}/events"))
            text.Append(@event);
        foreach (var (_, owned) in await OwnedAsync())
        {
            if (owned["kind"]?.GetValue<string>() != "Secret")
                text.Append(owned["metadata"]!["annotations"]).Append(owned["spec"]);
        }

        return text.ToString();
    }

    /// <summary>The reasons of the Events.</summary>
    public async Task<IReadOnlyList<string>> EventsAsync() => [.. (await ListAsync("apis/events.k8s.io/v1/{0}/events")).Select(@event => @event["reason"]!.GetValue<string>())];

    /// <summary>Whether a user signs in at the Controller.</summary>
    public Task<bool> SignsInAsync(string password, string? email = null) =>
        provider.GetRequiredService<ControllerConnection>().Connect(Endpoint, null).CanLogInAsync(new(email ?? Email, password), Cancellation);

    public ControllerClient ClientOf(string password) =>
        provider.GetRequiredService<ControllerConnection>().Connect(Endpoint, new(Email, password));

    public ILogger CreateLogger(string categoryName) => new Logger(log);

    public void Dispose()
    {
    }

    public async ValueTask DisposeAsync()
    {
        if (cluster is null)
            await DeleteAsync($"api/v1/namespaces/{Namespace}");
        await provider.DisposeAsync();
        if (emulator is not null)
            await emulator.DisposeAsync();
        if (cluster is not null)
            await cluster.DisposeAsync();
        turn.Dispose();
    }

    private string Own(string text) => text.Replace(Jane, Email, StringComparison.Ordinal);

    private async Task<IEnumerable<JsonObject>> ListAsync(string collection) =>
        (await Api.GetAsync(In(collection), KubernetesJson.Default.JsonObject, Cancellation))["items"]!.AsArray().OfType<JsonObject>();

    private sealed class Logger(ConcurrentQueue<string> log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Enqueue($"{formatter(state, exception)} {exception}");
    }
}
