using System.Text;
using System.Text.Json.Nodes;
using IoFog.Operator.Changes;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local;
using IoFog.Operator.Local.Cluster;
using IoFog.Operator.Local.Controller;
using IoFog.Operator.Reconciling;
using IoFog.Operator.Unit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Integration;

/// <summary>
/// A cluster and a Controller with the real loops between them, emulated or the real ones that <see cref="Servers"/> names. The test plays the
/// watcher, and devices through the API that devices have.
/// </summary>
internal sealed class Network : IAsyncDisposable
{
    public const string Namespace = "default";

    private static readonly ControllerCredentials User = new("jane@example.com", "change-me-please");

    private readonly IDisposable turn;
    private readonly ClusterEmulator? cluster;
    private readonly ControllerEmulator? emulator;
    private readonly ControllerDoor door;
    private readonly ServiceProvider provider;
    private readonly string kubeconfig;
    private readonly FakeTimeProvider birthdays;
    private KubernetesApi loops;
    private ulong looks;

    private Network(IDisposable turn, ClusterEmulator? cluster, ControllerEmulator? emulator, ControllerDoor door, TimeProvider time, FakeTimeProvider birthdays)
    {
        (this.turn, this.cluster, this.emulator, this.door, Time, this.birthdays) = (turn, cluster, emulator, door, time, birthdays);
        kubeconfig = Path.GetTempFileName();
        if (cluster is not null)
            File.WriteAllText(kubeconfig, cluster.Kubeconfig);
        Api = loops = KubernetesConnection.Open(cluster is null ? Servers.Kubeconfig : kubeconfig);
        provider = new ServiceCollection()
            .AddLogging()
            .AddSingleton(_ => loops)
            .AddSingleton(time)
            .AddController(new ConfigurationBuilder().Build())
            .AddKindsWithEntry()
            .BuildServiceProvider();
    }

    public KubernetesApi Api { get; }

    /// <summary>The clock of the test as the watcher, of the loops and of an emulated Controller.</summary>
    public TimeProvider Time { get; }

    /// <summary>Where the Controller answers.</summary>
    public Uri Endpoint => door.Endpoint;

    /// <summary>Every request to the Controller, oldest first.</summary>
    public IReadOnlyCollection<JournalEntry> Journal => door.Journal;

    /// <summary>For what no request can bring about. A test that asks for it is skipped where the Controller is a real one.</summary>
    public ControllerEmulator Emulator
    {
        get
        {
            Assert.SkipWhen(emulator is null, "needs what only the emulator can do, and IOFOG_TEST_CONTROLLER_URL names a Controller");
            return emulator!;
        }
    }

    public ControllerConnection Connection => provider.GetRequiredService<ControllerConnection>();

    /// <summary>The Controller as the operator's user sees it.</summary>
    public ControllerClient Controller => field ??= Connection.Connect(Endpoint, User);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="withRouter">False for a Controller that has no default router yet.</param>
    /// <param name="time">A clock that stands still unless it is moved; the system's when null.</param>
    /// <param name="audit">Receives what the loops ask of an emulated cluster, and nothing that the test asks.</param>
    public static async Task<Network> StartAsync(bool withRouter = true, TimeProvider? time = null, Action<Audited>? audit = null)
    {
        time ??= TimeProvider.System;
        var birthdays = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var turn = await Servers.EnterAsync(Cancellation);
        Network? network = null;
        try
        {
            var cluster = Servers.Kubeconfig is null
                ? await ClusterEmulator.StartAsync(new() { RunControllers = false, Audit = audit }, new(new ClusterOptions().History, birthdays), Cancellation)
                : null;
            var emulator = Servers.Controller is null
                ? await ControllerEmulator.StartAsync(new() { SimulateAgents = false, Time = time }, null, Cancellation)
                : null;
            network = new(turn, cluster, emulator, await ControllerDoor.OpenAsync(Servers.Controller ?? emulator!.Endpoint, Cancellation), time, birthdays);
            if (audit is not null)
                network.loops = await Auditable.OpenAsync(network.Api, cluster is null ? Servers.Kubeconfig! : network.kubeconfig, Namespace, Cancellation);
            await network.FurnishAsync(withRouter);
            return network;
        }
        catch
        {
            if (network is null)
                turn.Dispose();
            else
                await network.DisposeAsync();
            throw;
        }
    }

    private async Task FurnishAsync(bool withRouter)
    {
        foreach (var file in Directory.GetFiles(Layout.Crds, "*.yaml"))
            await Manifests.ApplyAsync(Api, Yaml.Parse(await File.ReadAllTextAsync(file, Cancellation))!.AsObject(), Namespace, Cancellation);
        if (cluster is null)
            await Servers.ClearAsync(Api, Namespace, Cancellation);
        await CreateAsync(Kinds.ControlPlane, "iofog", """{"user":{"name":"Jane","surname":"Doe","email":"jane@example.com","password":"change-me-please"}}""");
        await MoveControllerAsync(Endpoint);
        await Manifests.ApplyAsync(Api, SecretOf(User), Namespace, Cancellation);
        var isNew = await Controller.SignUpAsync("Jane", "Doe", User, Cancellation);
        Assert.True(isNew || emulator is null);
        if (emulator is null)
            await Servers.ClearAsync(Controller, Cancellation);
        if (withRouter)
            await RegisterRouterAsync();
        else
            Assert.SkipWhen(await Controller.FindDefaultRouterAsync(Cancellation) is not null, "the Controller has a default router, and no request takes it away");
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
        [.. Journal.Skip(mark).Where(entry => entry.Method != "GET").Select(entry => $"{entry.Method} {entry.Path["/api/v3/".Length..]} {entry.Status}")];

    /// <summary>How many requests the Controller has answered.</summary>
    public int Mark() => Journal.Count;

    /// <summary>From now on nobody answers where the Controller was.</summary>
    public Task StopControllerAsync() => door.ShutAsync();

    /// <summary>Another address of the same Controller.</summary>
    public Task<ControllerDoor> OpenDoorAsync() => ControllerDoor.OpenAsync(Servers.Controller ?? emulator!.Endpoint, Cancellation);

    /// <summary>A request of the user's that the operator itself never makes; fails unless it is answered with success.</summary>
    public async Task SendAsync(HttpMethod method, string path, JsonObject? body = null)
    {
        var (code, answer) = await TrySendAsync(method, path, body);
        Assert.True(code is >= 200 and < 300, $"{method} {path}: {code} {answer}");
    }

    /// <summary>A request of the user's that the operator itself never makes.</summary>
    public async Task<(int Code, string Answer)> TrySendAsync(HttpMethod method, string path, JsonObject? body = null)
    {
        using var http = new HttpClient { BaseAddress = new(Servers.Controller ?? emulator!.Endpoint, "/api/v3/") };
        using var login = await http.PostAsync("user/login", Json(new() { ["email"] = User.Email, ["password"] = User.Password }), Cancellation);
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : Json(body) };
        request.Headers.TryAddWithoutValidation("Authorization", JsonNode.Parse(await login.Content.ReadAsStringAsync(Cancellation))!["accessToken"]!.GetValue<string>());
        using var response = await http.SendAsync(request, Cancellation);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));

        static StringContent Json(JsonObject body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");
    }

    /// <summary>The device of an agent, provisioned with the key in its Secret.</summary>
    public async Task<Device> ProvisionAsync(string agent, int type = 1) => await Device.ProvisionAsync((await FindSecretAsync($"{agent}-provisioning"))!["command"], type);

    /// <summary>How many agents, applications, microservices, routes and edge resources the user has.</summary>
    public async Task<(int Agents, int Applications, int Microservices, int Routes, int EdgeResources)> CountAsync()
    {
        var applications = JsonNode.Parse(await Controller.GetListAsync("application", Cancellation))!["applications"]!.AsArray();
        return (
            (await Controller.ListAgentsAsync(Cancellation)).Count,
            applications.Count,
            applications.Sum(application => application!["microservices"]!.AsArray().Count),
            applications.Sum(application => application!["routes"]!.AsArray().Count),
            JsonNode.Parse(await Controller.GetListAsync("edgeResources", Cancellation))!["edgeResources"]!.AsArray().Count);
    }

    public async ValueTask DisposeAsync()
    {
        await door.DisposeAsync();
        await provider.DisposeAsync();
        if (emulator is not null)
            await emulator.DisposeAsync();
        if (cluster is not null)
            await cluster.DisposeAsync();
        File.Delete(kubeconfig);
        turn.Dispose();
    }

    /// <summary>What is created from now on is younger than what is there.</summary>
    public Task PassSecondAsync()
    {
        if (cluster is null)
            return Task.Delay(TimeSpan.FromSeconds(1.1), TimeProvider.System, Cancellation); // the server's clock, which knows no less than seconds
        birthdays.Advance(TimeSpan.FromSeconds(1));
        return Task.CompletedTask;
    }

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
