using System.Text;
using System.Text.Json.Nodes;
using IoFog.Operator.Agents;
using IoFog.Operator.Applications;
using IoFog.Operator.Changes;
using IoFog.Operator.Controller;
using IoFog.Operator.EdgeResources;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local;
using IoFog.Operator.Local.Cluster;
using IoFog.Operator.Local.Controller;
using IoFog.Operator.Microservices;
using IoFog.Operator.Reconciling;
using IoFog.Operator.Routes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Integration;

/// <summary>An emulated cluster and an emulated Controller with the real loops between them. The test plays the watcher.</summary>
internal sealed class Network : IAsyncDisposable
{
    public const string Namespace = "default";

    private static readonly ControllerCredentials User = new("jane@example.com", "change-me-please");

    private readonly ClusterEmulator cluster;
    private readonly ServiceProvider provider;
    private readonly string kubeconfig;
    private readonly FakeTimeProvider birthdays;
    private ulong looks;
    private bool stopped;

    private Network(ClusterEmulator cluster, ControllerEmulator emulator, TimeProvider time, FakeTimeProvider birthdays)
    {
        this.birthdays = birthdays;
        (this.cluster, Emulator, Time) = (cluster, emulator, time);
        kubeconfig = Path.GetTempFileName();
        File.WriteAllText(kubeconfig, cluster.Kubeconfig);
        Api = KubernetesConnection.Open(kubeconfig);
        provider = new ServiceCollection()
            .AddLogging()
            .AddSingleton(Api)
            .AddSingleton(time)
            .AddController(new ConfigurationBuilder().Build())
            .AddAgent()
            .AddEdgeResource()
            .AddApplication()
            .AddMicroservice()
            .AddRoute()
            .BuildServiceProvider();
        Connection = provider.GetRequiredService<ControllerConnection>();
        Controller = Connection.Connect(emulator.Endpoint, User);
    }

    public KubernetesApi Api { get; }

    /// <summary>The clock of the test as the watcher, of the loops and of the Controller.</summary>
    public TimeProvider Time { get; }

    public ControllerEmulator Emulator { get; }

    public ControllerConnection Connection { get; }

    /// <summary>The Controller as the operator's user sees it.</summary>
    public ControllerClient Controller { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="withRouter">False for a Controller that has no default router yet.</param>
    /// <param name="time">A clock that stands still unless it is moved; the system's when null.</param>
    public static async Task<Network> StartAsync(bool withRouter = true, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var birthdays = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var cluster = await ClusterEmulator.StartAsync(new() { RunControllers = false }, new(new ClusterOptions().History, birthdays), Cancellation);
        var emulator = await ControllerEmulator.StartAsync(
            new() { SimulateAgents = false, Time = time }, null, Cancellation);
        var network = new Network(cluster, emulator, time, birthdays);
        foreach (var file in Directory.GetFiles(Layout.Crds, "*.yaml"))
            await Manifests.ApplyAsync(network.Api, Yaml.Parse(await File.ReadAllTextAsync(file, Cancellation))!.AsObject(), Namespace, Cancellation);
        await network.CreateAsync(Kinds.ControlPlane, "iofog", """{"user":{"name":"Jane","surname":"Doe","email":"jane@example.com","password":"change-me-please"}}""");
        await network.MoveControllerAsync(emulator.Endpoint);
        await Manifests.ApplyAsync(network.Api, SecretOf(User), Namespace, Cancellation);
        Assert.True(await network.Controller.SignUpAsync("Jane", "Doe", User, Cancellation));
        if (withRouter)
            await network.RegisterRouterAsync();
        return network;
    }

    public Task RegisterRouterAsync() => Controller.PutDefaultRouterAsync(new("router", 5672, 56721, 56722), Cancellation);

    /// <summary>Lets the ControlPlane say that its Controller is at another address.</summary>
    public Task MoveControllerAsync(Uri endpoint) =>
        PatchAsync($"{PathOf(Kinds.ControlPlane, "iofog")}/status", $$$"""{"status":{"endpoint":"{{{endpoint}}}"}}""");

    public Task CreateAsync(Kind kind, string name, string spec) => Manifests.ApplyAsync(
        Api,
        new()
        {
            ["apiVersion"] = Kind.ApiVersion,
            ["kind"] = kind.Name,
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = JsonNode.Parse(spec),
        },
        Namespace,
        Cancellation);

    /// <summary>Creates an agent of a device that is known, and lets it be set up.</summary>
    public async Task CreateAgentAsync(string name, string type = "x86")
    {
        await CreateAsync(Kinds.Agent, name, $$"""{"host":"h","agentType":"{{type}}"}""");
        await SettleAsync(Kinds.Agent, name);
    }

    /// <summary>Asks for a one-off by an annotation.</summary>
    public Task AskAsync(Kind kind, string name, string request, string value = "1") => PatchAsync(
        PathOf(kind, name), new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Names.RequestPrefix + request] = value } } }.ToJsonString());

    /// <summary>Changes an object's spec by a merge patch.</summary>
    public Task EditAsync(Kind kind, string name, string spec) => PatchAsync(PathOf(kind, name), $$"""{"spec":{{spec}}}""");

    public Task DeleteAsync(Kind kind, string name) => Api.DeleteAsync(PathOf(kind, name), Cancellation);

    public async Task<JsonObject> ReadAsync(Kind kind, string name) =>
        await FindAsync(kind, name) ?? throw new InvalidOperationException($"{kind} {name} is not there");

    /// <summary>What a Secret holds, decoded; null when it is not there.</summary>
    public async Task<IReadOnlyDictionary<string, string>?> FindSecretAsync(string name) =>
        (await Api.FindAsync($"api/v1/namespaces/{Namespace}/secrets/{name}", KubernetesJson.Default.JsonObject, Cancellation))?["data"]!.AsObject()
            .ToDictionary(entry => entry.Key, entry => Encoding.UTF8.GetString(Convert.FromBase64String(entry.Value!.GetValue<string>())));

    /// <summary>The Events that tell of an object, as <c>Warning NameTaken: …</c>.</summary>
    public async Task<IReadOnlyList<string>> EventsAsync(string name) =>
        [.. (await Api.GetAsync($"apis/events.k8s.io/v1/namespaces/{Namespace}/events", KubernetesJson.Default.JsonObject, Cancellation))["items"]!.AsArray()
            .Where(told => told!["regarding"]!["name"]!.GetValue<string>() == name).Select(told => $"{told!["type"]} {told["reason"]}: {told["note"]}")];

    public Task<JsonObject?> FindAsync(Kind kind, string name) => Api.FindAsync(PathOf(kind, name), KubernetesJson.Default.JsonObject, Cancellation);

    /// <summary>Lets the kind's loop look at an object until nothing more is due, as if the watcher had just seen something outside of it.</summary>
    /// <param name="kind">Of the object.</param>
    /// <param name="name">Of the object.</param>
    /// <param name="isSeen">False where nothing outside has changed: the object is due, or not, by itself.</param>
    /// <param name="owned">Another number where the watcher sees that objects share what an application declares.</param>
    /// <param name="turns">To look again no more than so often.</param>
    /// <returns>The object; null when it is gone.</returns>
    public async Task<JsonObject?> HandleAsync(Kind kind, string name, bool isSeen = true, ulong owned = 0, int turns = 20)
    {
        var loop = provider.GetServices<ReconcileLoop>().Single(loop => loop.Kind == kind);
        var seen = isSeen ? new Seen { Controller = Interlocked.Increment(ref looks), Owned = owned } : default;
        for (var turn = 0; ; turn++)
        {
            if (await Api.FindAsync(PathOf(kind, name), Cancellation) is not { } json)
                return null;
            var watched = new WatchedReader(kind).Read(json);
            var now = Time.GetUtcNow();
            if (Due.Evaluate(watched, seen, now) is var reason && (reason == DueReason.None || (turn == turns && turns < 20)))
                return JsonNode.Parse(json)!.AsObject();
            if (turn == 20)
                throw new InvalidOperationException($"{kind} {name} is due for ever");
            var change = new Change { Kind = kind, Key = watched.Key, Uid = watched.Uid, Reason = reason, Seen = seen, Turn = watched.Turn, Time = now };
            await loop.HandleAsync(change.ToJson(), Cancellation);
        }
    }

    /// <inheritdoc cref="HandleAsync"/>
    /// <returns>The object, which must be there still.</returns>
    public async Task<JsonObject> SettleAsync(Kind kind, string name, bool isSeen = true, ulong owned = 0) =>
        await HandleAsync(kind, name, isSeen, owned) ?? throw new InvalidOperationException($"{kind} {name} is gone");

    /// <summary>The requests other than reads that the Controller answered since a mark, as <c>PATCH iofog/…</c>.</summary>
    public IReadOnlyList<string> WritesSince(int mark) =>
        [.. Emulator.Journal.Skip(mark).Where(entry => entry.Method != "GET").Select(entry => $"{entry.Method} {entry.Path["/api/v3/".Length..]} {entry.Status}")];

    /// <summary>How many requests the Controller has answered.</summary>
    public int Mark() => Emulator.Journal.Count;

    public async Task StopControllerAsync()
    {
        if (!stopped)
            await Emulator.DisposeAsync();
        stopped = true;
    }

    public async ValueTask DisposeAsync()
    {
        await provider.DisposeAsync();
        await StopControllerAsync();
        await cluster.DisposeAsync();
        File.Delete(kubeconfig);
    }

    /// <summary>What is created from now on is younger than what is there.</summary>
    public void PassSecond() => birthdays.Advance(TimeSpan.FromSeconds(1));

    /// <summary>Does to the Controller what no request can.</summary>
    public void Tamper(Action<ControllerState> how)
    {
        lock (Emulator.State.Gate)
            how(Emulator.State);
    }

    private static string PathOf(Kind kind, string name) => kind.PathOf(new ResourceKey(Namespace, name));

    private Task PatchAsync(string path, string patch) => Api.MergePatchAsync(path, Encoding.UTF8.GetBytes(patch), Cancellation);

    private static JsonObject SecretOf(ControllerCredentials user) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject { ["name"] = ControllerConnection.CredentialsSecret },
        ["stringData"] = new JsonObject { ["email"] = user.Email, ["password"] = user.Password },
    };
}

/// <summary>Short ways to read what people look at.</summary>
internal static class ResourceReading
{
    public static string? Status(this JsonObject resource, string field) => resource["status"]?[field]?.ToString();

    /// <summary>As <c>True AgentRunning</c>.</summary>
    public static string? Condition(this JsonObject resource, string type) =>
        resource["status"]?["conditions"]?.AsArray().SingleOrDefault(condition => condition!["type"]!.GetValue<string>() == type) is { } found
            ? $"{found["status"]} {found["reason"]}"
            : null;

    public static bool HasFinalizer(this JsonObject resource) =>
        resource["metadata"]!["finalizers"]?.AsArray().Any(finalizer => finalizer!.GetValue<string>() == Names.Finalizer) == true;
}
