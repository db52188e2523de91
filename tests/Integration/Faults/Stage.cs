using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local;
using IoFog.Operator.Local.Cluster;
using IoFog.Operator.Local.Controller;
using IoFog.Operator.Local.Host;

namespace IoFog.Operator.Integration.Faults;

/// <summary>
/// The emulators and an Azurite for watchers and apps that tests start as processes, with links to the cluster and to the Controller that
/// can fail. The test itself reaches both directly.
/// </summary>
public sealed class Stage : IAsyncLifetime
{
    public const string Namespace = "default";

    private static readonly ControllerCredentials User = new("jane@example.com", "change-me-please");

    private readonly string folder = Directory.CreateTempSubdirectory("iofog-stage-").FullName;
    private readonly ConcurrentQueue<string> log = [];
    private Azurite? storage;
    private ClusterEmulator? cluster;
    private ControllerEmulator? controller;
    private FaultyLink? toCluster;
    private FaultyLink? toController;

    public string Storage => storage!.ConnectionString;

    public ClusterEmulator Cluster => cluster!;

    public ControllerEmulator Controller => controller!;

    public KubernetesApi Api { get; private set; } = null!;

    /// <summary>All lines that processes have printed.</summary>
    public IReadOnlyCollection<string> Lines => log;

    internal FaultyLink ToCluster => toCluster!;

    internal FaultyLink ToController => toController!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        storage = await Azurite.StartAsync(Layout.Azurite, static _ => { }, Token);
        cluster = await ClusterEmulator.StartAsync(new() { RunControllers = false }, null, Token);
        controller = await ControllerEmulator.StartAsync(new(), null, Token);
        (toCluster, toController) = (new(cluster.Endpoint.Port), new(controller.Endpoint.Port));
        var direct = Path.Combine(folder, "direct");
        await File.WriteAllTextAsync(direct, cluster.Kubeconfig, Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "kubeconfig"), cluster.Kubeconfig.Replace($":{cluster.Endpoint.Port}", $":{toCluster.Port}", StringComparison.Ordinal), Token);
        Api = KubernetesConnection.Open(direct);
        foreach (var file in Directory.GetFiles(Layout.Crds, "*.yaml"))
            await ApplyAsync(Yaml.Parse(await File.ReadAllTextAsync(file, Token))!.AsObject());
        await ApplyAsync(new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = ControllerConnection.CredentialsSecret },
            ["stringData"] = new JsonObject { ["email"] = User.Email, ["password"] = User.Password },
        });
        using var connection = new ControllerConnection(Api, new(), TimeProvider.System);
        var client = connection.Connect(controller.Endpoint, User);
        await client.SignUpAsync("Jane", "Doe", User, Token);
        await client.PutDefaultRouterAsync(new("router", 5672, 56721, 56722), Token);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var link in new[] { toCluster, toController }.OfType<FaultyLink>())
            await link.DisposeAsync();
        if (controller is not null)
            await controller.DisposeAsync();
        if (cluster is not null)
            await cluster.DisposeAsync();
        if (storage is not null)
            await storage.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Starts a watcher; more settings win.</summary>
    internal WatcherProcess StartWatcher(Dictionary<string, string>? more = null) => new(log, With(more, new()
    {
        ["Health__Address"] = "127.0.0.1",
        ["Health__Port"] = "0",
        ["Scaler__Address"] = "127.0.0.1",
        ["Scaler__Port"] = "0",
        ["Watcher__ControllerPollSeconds"] = "1",
    }));

    /// <summary>Starts a host with the app of one kind in it; more settings win.</summary>
    internal Task<FunctionsHost> StartAppAsync(Kind kind, Dictionary<string, string>? more = null) => FunctionsHost.StartAsync(
        new()
        {
            AppFolder = Layout.App,
            Settings = With(more, new() { ["AzureFunctionsJobHost__functions__0"] = kind.Name }),
            Log = log.Enqueue,
        },
        Token);

    /// <summary>Starts the handler alone, without a host.</summary>
    internal LocalProcess StartHandler(int port) => LocalProcess.Start(
        Path.Combine(Layout.App, "app"), [], Layout.App, With(null, new() { ["FUNCTIONS_CUSTOMHANDLER_PORT"] = $"{port}" }), log.Enqueue);

    internal Task ApplyAsync(JsonObject document) => Manifests.ApplyAsync(Api, document, Namespace, Token);

    /// <summary>Applies an edge resource that no agent has: one request to the Controller makes it.</summary>
    internal Task ApplyDoorAsync(string name, string description = "a door") => ApplyAsync(new()
    {
        ["apiVersion"] = Kind.ApiVersion,
        ["kind"] = Kinds.EdgeResource.Name,
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject
        {
            ["version"] = "v1.0.0",
            ["description"] = description,
            ["interfaceProtocol"] = "http",
            ["interface"] = new JsonObject { ["endpoints"] = new JsonArray(new JsonObject { ["name"] = "open", ["method"] = "PUT", ["url"] = "/open" }) },
        },
    });

    internal async Task<JsonObject?> FindAsync(Kind kind, string name) =>
        await Api.FindAsync(kind.PathOf(new ResourceKey(Namespace, name)), KubernetesJson.Default.JsonObject, Token);

    internal async Task<bool> IsSettledAsync(Kind kind, string name) =>
        await FindAsync(kind, name) is { } found && found.Condition(Names.Ready)?.StartsWith("True", StringComparison.Ordinal) == true
        && found["status"]!["claim"] is null
        && found["status"]!["observedGeneration"]?.GetValue<long>() == found["metadata"]!["generation"]!.GetValue<long>();

    /// <summary>Settled, and looked at once more because of what the turn itself has written to the Controller: nothing is to come.</summary>
    internal async Task<bool> IsAtRestAsync(Kind kind, string name) =>
        await IsSettledAsync(kind, name) && (await FindAsync(kind, name))!["status"]!["seen"]?["controller"] is not null;

    /// <summary>How many messages the poison queue of a kind holds.</summary>
    internal Task<int> CountPoisonAsync(Kind kind) => new Insight.PoisonQueue(Storage, kind, Namespace).CountAsync(Token);

    private Dictionary<string, string> With(Dictionary<string, string>? more, Dictionary<string, string> settings)
    {
        settings["AzureWebJobsStorage"] = Storage;
        settings["KUBECONFIG"] = Path.Combine(folder, "kubeconfig");
        settings["WATCH_NAMESPACE"] = Namespace;
        settings["Controller__Url"] = $"http://127.0.0.1:{ToController.Port}";
        foreach (var (name, value) in more ?? [])
            settings[name] = value;
        return settings;
    }
}

/// <summary>A watcher's process and what its log says of it.</summary>
internal sealed class WatcherProcess : IAsyncDisposable
{
    private readonly TaskCompletionSource<Uri> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource leads = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource standsBy = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WatcherProcess(ConcurrentQueue<string> log, IReadOnlyDictionary<string, string> settings) =>
        Process = LocalProcess.Start(Layout.Watcher, [], null, settings, line =>
        {
            log.Enqueue(line);
            if (WatcherLog.HealthIn(line) is { } health)
                ready.TrySetResult(health);
            if (line.Contains("\"EventId\":105,", StringComparison.Ordinal))
                leads.TrySetResult();
            if (line.Contains("\"EventId\":106,", StringComparison.Ordinal))
                standsBy.TrySetResult();
        });

    public LocalProcess Process { get; }

    /// <summary>Where probes are answered, once all kinds are listed.</summary>
    public Task<Uri> Ready => WithinAsync(ready.Task, 180);

    public Task StandsBy => WithinAsync(standsBy.Task, 180);

    /// <returns>How long it took until it leads.</returns>
    public async Task<TimeSpan> LeadsAsync()
    {
        var watch = Stopwatch.StartNew();
        await WithinAsync(leads.Task, 180);
        return watch.Elapsed;
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private static async Task<T> WithinAsync<T>(Task<T> task, int seconds) => await task.WaitAsync(TimeSpan.FromSeconds(seconds), TestContext.Current.CancellationToken);

    private static async Task WithinAsync(Task task, int seconds) => await task.WaitAsync(TimeSpan.FromSeconds(seconds), TestContext.Current.CancellationToken);
}
