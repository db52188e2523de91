using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local;
using IoFog.Operator.Local.Cluster;
using IoFog.Operator.Local.Controller;
using IoFog.Operator.Local.Host;

namespace IoFog.Operator.EndToEnd.Chaos;

/// <summary>What can be killed.</summary>
internal enum Part
{
    /// <summary>One handler's process; its host starts it again.</summary>
    Handler,

    /// <summary>A host with its handler: the messages that it had in work stay hidden.</summary>
    Host,

    /// <summary>One of two, the leader or the standby.</summary>
    Watcher,

    /// <summary>All queues and messages are lost with it.</summary>
    Storage,

    /// <summary>Every connection is dropped; what it holds stays.</summary>
    Cluster,

    /// <summary>Every connection is dropped; what it holds stays.</summary>
    Controller,
}

/// <summary>
/// The operator as processes, two watchers and several instances of each app, with everything that it works with, as parts that are killed
/// at once and started again.
/// </summary>
internal sealed class ChaosStage : IAsyncDisposable
{
    public const string Password = "change-me-please";

    /// <summary>The Secret with the password that registries sign in with.</summary>
    public const string RegistryAccount = "registry-account";

    public const string Namespace = "default";

    /// <summary>The kinds of the objects that are edited and deleted.</summary>
    public static IReadOnlyList<Kind> Served { get; } = [.. Kinds.All.Where(kind => kind.Entry is not null)];

    /// <summary>What each app serves: the kinds of which there is much have one each, the others share one, as small clusters have it.</summary>
    private static readonly IReadOnlyList<Kind>[] Apps =
    [
        [Kinds.Agent], [Kinds.EdgeResource], [Kinds.Application], [Kinds.Microservice], [Kinds.Route], [Kinds.Registry, Kinds.CatalogItem, Kinds.ApplicationTemplate],
    ];

    private static readonly string Watcher = Environment.GetEnvironmentVariable("IOFOG_TEST_WATCHER") is { Length: > 0 } named ? named : Layout.Watcher;
    private static readonly string App = Environment.GetEnvironmentVariable("IOFOG_TEST_APP") is { Length: > 0 } named ? named : Layout.App;
    private static readonly string RegistryPassword = $"{Guid.NewGuid():N}";
    private static readonly ControllerCredentials User = new("jane@example.com", Password);

    private readonly CancellationTokenSource stopping = new();
    private readonly string kubeconfig = Path.GetTempFileName();
    private readonly LocalProcess?[] watchers = new LocalProcess?[2];
    private readonly ConcurrentDictionary<(IReadOnlyList<Kind> App, int Instance), FunctionsHost> hosts = [];
    private readonly ConcurrentQueue<string> log = [];
    private readonly List<ControllerEmulator> controllers = [];
    private readonly List<Task> running = [];
    private readonly HashSet<string> known = [];
    private ClusterEmulator cluster;

    private ChaosStage(Azurite storage, ClusterEmulator cluster, ControllerEmulator controller)
    {
        (Storage, this.cluster) = (storage, cluster);
        Use(controller);
        Claims = new(cluster.State.Storage);
        cluster.State.Storage.Changed += (kind, happened) =>
        {
            if (kind.Group == Kind.Group)
                Stored?.Invoke(happened);
        };
        File.WriteAllText(kubeconfig, cluster.Kubeconfig);
        Api = KubernetesConnection.Open(kubeconfig);
    }

    public Azurite Storage { get; }

    public KubernetesApi Api { get; }

    public ClaimJournal Claims { get; }

    /// <summary>All lines that watchers, hosts and handlers have printed.</summary>
    public IReadOnlyCollection<string> Lines => log;

    public ControllerState Controller => controllers[^1].State;

    /// <summary>Every request to the Controller, whichever of its lives answered it.</summary>
    public IEnumerable<JournalEntry> Requests => controllers.SelectMany(controller => controller.Journal);

    /// <summary>The names of agents and microservices, also of those that are gone, by their uuids, and of what has an id by the end of its path, as <c>flow/7</c>.</summary>
    public ConcurrentDictionary<string, string> NameOf { get; } = [];

    /// <summary>Runs with the name of an entry that the Controller has just made, before whoever asked for it is told.</summary>
    public Action<string>? Created { get; set; }

    /// <summary>Runs with what the API server has just stored, before whoever wrote it is told.</summary>
    public Action<Event>? Stored { get; set; }

    public static async Task<ChaosStage> StartAsync(int instances, CancellationToken cancellationToken)
    {
        var storage = await Azurite.StartAsync(Layout.Azurite, static _ => { }, cancellationToken);
        var cluster = await ClusterEmulator.StartAsync(new() { RunControllers = false }, null, cancellationToken);
        var controller = await ControllerEmulator.StartAsync(new() { AgentTick = TimeSpan.FromSeconds(1) }, null, cancellationToken);
        var stage = new ChaosStage(storage, cluster, controller);
        foreach (var file in Directory.GetFiles(Layout.Crds, "*.yaml"))
            await Manifests.ApplyAsync(stage.Api, Yaml.Parse(await File.ReadAllTextAsync(file, cancellationToken))!.AsObject(), Namespace, cancellationToken);
        await Manifests.ApplyAsync(stage.Api, SecretOf(ControllerConnection.CredentialsSecret, ("email", User.Email), ("password", User.Password)), Namespace, cancellationToken);
        await Manifests.ApplyAsync(stage.Api, SecretOf(RegistryAccount, ("password", RegistryPassword)), Namespace, cancellationToken);
        using var connection = new ControllerConnection(stage.Api, new(), TimeProvider.System);
        var client = connection.Connect(controller.Endpoint, User);
        await client.SignUpAsync("Jane", "Doe", User, cancellationToken);
        await client.PutDefaultRouterAsync(new("router", 5672, 56721, 56722), cancellationToken);
        for (var i = 0; i < stage.watchers.Length; i++)
            stage.running.Add(stage.WatchAsync(i));
        foreach (var app in Apps)
        {
            for (var i = 0; i < instances; i++)
                stage.running.Add(stage.ServeAsync(app, i));
        }

        return stage;
    }

    /// <summary>Kills one of the parts of this sort and starts it, or another in its place, after a while.</summary>
    /// <param name="part">What to kill.</param>
    /// <param name="which">Which of several; any number.</param>
    /// <param name="away">How long it stays away where it is not started again by somebody else.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task KillAsync(Part part, int which, TimeSpan away, CancellationToken cancellationToken)
    {
        switch (part)
        {
            case Part.Handler:
                KillHandler(Host(which));
                break;
            case Part.Host:
                await Host(which).KillAsync();
                break;
            case Part.Watcher:
                watchers[which % watchers.Length]?.Kill();
                break;
            case Part.Storage:
                Storage.Kill();
                await Task.Delay(away, TimeProvider.System, cancellationToken);
                await Storage.RestartAsync(cancellationToken);
                break;
            case Part.Cluster:
                await cluster.DisposeAsync();
                await Task.Delay(away, TimeProvider.System, cancellationToken);
                cluster = await ClusterEmulator.StartAsync(
                    new() { RunControllers = false, Port = cluster.Endpoint.Port, Identity = cluster.Identity }, cluster.State, cancellationToken);
                break;
            case Part.Controller:
                var old = controllers[^1];
                await old.DisposeAsync();
                await Task.Delay(away, TimeProvider.System, cancellationToken);
                Use(await ControllerEmulator.StartAsync(new() { AgentTick = TimeSpan.FromSeconds(1), Port = old.Endpoint.Port }, old.State, cancellationToken));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(part), part, "no part");
        }
    }

    /// <summary>As kill -9 of an app's first handler.</summary>
    public void KillHandler(Kind kind) => KillHandler(hosts[(Apps.Single(app => app.Contains(kind)), 0)]);

    /// <summary>The processes that serve a kind.</summary>
    public IReadOnlyList<int> HandlersOf(Kind kind) => [.. hosts.Where(host => host.Key.App.Contains(kind)).Select(host => host.Value.HandlerProcessId).OfType<int>()];

    /// <summary>What nobody may ever print: the passwords, and the keys that agents provision with.</summary>
    public async Task<IReadOnlyCollection<string>> ReadSecretsAsync(CancellationToken cancellationToken) =>
    [
        Password,
        RegistryPassword,
        .. (await ListAsync($"api/v1/namespaces/{Namespace}/secrets", cancellationToken))
            .Select(secret => secret["data"]?["key"]?.GetValue<string>()).OfType<string>()
            .Select(key => Encoding.UTF8.GetString(Convert.FromBase64String(key))),
    ];

    /// <summary>Every object with its status, and every Event.</summary>
    public async Task<IEnumerable<string>> ReadWrittenAsync(CancellationToken cancellationToken)
    {
        var all = new List<JsonNode>();
        foreach (var path in Kinds.All.Select(kind => kind.PathOf(Namespace)).Append($"apis/events.k8s.io/v1/namespaces/{Namespace}/events"))
            all.AddRange(await ListAsync(path, cancellationToken));
        return all.Select(item => item.ToJsonString());
    }

    /// <summary>How many messages the poison queues hold.</summary>
    public async Task<int> CountPoisonAsync(CancellationToken cancellationToken)
    {
        var service = new Azure.Storage.Queues.QueueServiceClient(Storage.ConnectionString);
        var count = 0;
        await foreach (var queue in service.GetQueuesAsync(cancellationToken: cancellationToken))
        {
            if (queue.Name.EndsWith("-poison", StringComparison.Ordinal))
                count += (await service.GetQueueClient(queue.Name).GetPropertiesAsync(cancellationToken)).Value.ApproximateMessagesCount;
        }

        return count;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await stopping.CancelAsync();
            await Task.WhenAll(running);
            await controllers[^1].DisposeAsync();
            await cluster.DisposeAsync();
        }
        finally
        {
            await Storage.DisposeAsync();
            File.Delete(kubeconfig);
            stopping.Dispose();
        }
    }

    private FunctionsHost Host(int which)
    {
        var all = hosts.OrderBy(host => host.Key.App[0].Name, StringComparer.Ordinal).ThenBy(host => host.Key.Instance).ToArray();
        return all[which % all.Length].Value;
    }

    private static void KillHandler(FunctionsHost host)
    {
        if (host.HandlerProcessId is not { } id)
            return;
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // died a moment ago
        }
    }

    private void Use(ControllerEmulator controller)
    {
        controllers.Add(controller);
        controller.Answering = (request, state) =>
        {
            // Not after creates alone: one of which the Controller died is seen by a read first.
            string[] made;
            lock (state.Gate)
            {
                foreach (var entry in state.Agents.Concat(state.Microservices))
                    NameOf[entry["uuid"]!.GetValue<string>()] = entry["name"]!.GetValue<string>();
                foreach (var (path, field, entries) in new[] { ("flow", "name", state.Applications), ("registries", "url", state.Registries), ("microservices", "name", state.CatalogItems) })
                {
                    foreach (var entry in entries)
                        NameOf[$"{path}/{entry["id"]}"] = entry[field]!.GetValue<string>();
                }

                made = [.. new[] { state.Agents, state.Microservices, state.Applications, state.EdgeResources, state.Routes, state.Registries, state.CatalogItems, state.Templates }
                    .SelectMany(entries => entries).Select(entry => (entry["name"] ?? entry["url"])!.GetValue<string>()).Where(known.Add)];
            }

            foreach (var name in made)
                Created?.Invoke(name);
        };
    }

    /// <summary>As a Deployment: a watcher that ended is started anew.</summary>
    private async Task WatchAsync(int i)
    {
        while (!stopping.IsCancellationRequested)
        {
            var settings = new Dictionary<string, string>(Settings())
            {
                ["Health__Address"] = "127.0.0.1",
                ["Health__Port"] = "0",
                ["Scaler__Address"] = "127.0.0.1",
                ["Scaler__Port"] = "0",
                ["Watcher__ControllerPollSeconds"] = "1",
            };
            await using var watcher = watchers[i] = LocalProcess.Start(Watcher, [], null, settings, line => log.Enqueue($"watcher {i}: {line}"));
            await watcher.WaitAsync(stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>As a Deployment: a host that ended is replaced.</summary>
    private async Task ServeAsync(IReadOnlyList<Kind> app, int i)
    {
        var settings = Settings();
        foreach (var (number, kind) in app.Index())
            settings[$"AzureFunctionsJobHost__functions__{number}"] = kind.Name;
        while (!stopping.IsCancellationRequested)
        {
            await using var host = hosts[(app, i)] = await FunctionsHost.StartAsync(
                new() { AppFolder = App, Settings = settings, Log = line => log.Enqueue($"{string.Join('+', app)} {i}: {line}") }, CancellationToken.None);
            await host.Stopped.WaitAsync(stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Dictionary<string, string> Settings() => new()
    {
        ["AzureWebJobsStorage"] = Storage.ConnectionString,
        ["KUBECONFIG"] = kubeconfig,
        ["WATCH_NAMESPACE"] = Namespace,
        ["Controller__Url"] = controllers[0].Endpoint.ToString().TrimEnd('/'),
    };

    private async Task<IEnumerable<JsonNode>> ListAsync(string path, CancellationToken cancellationToken) =>
        (await Api.GetAsync(path, KubernetesJson.Default.JsonObject, cancellationToken))["items"]!.AsArray().Select(item => item!);

    private static JsonObject SecretOf(string name, params ReadOnlySpan<(string Key, string Value)> data)
    {
        var content = new JsonObject();
        foreach (var (key, value) in data)
            content[key] = value;
        return new() { ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = new JsonObject { ["name"] = name }, ["stringData"] = content };
    }
}
