using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IoFog.Operator.Changes;
using IoFog.Operator.Controller;
using IoFog.Operator.Local;
using IoFog.Operator.Reconciling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Unit.Stories;

/// <summary>
/// What becomes of one object, as a folder beside the cases of its plan: <c>story.yaml</c> has the object and, for each look at it, what the
/// Controller answers, as a real one did; <c>out.json</c> what is written there, and what people see afterwards. The real loop runs between them.
/// <c>IOFOG_TEST_RECORD=1</c> writes what came out.
/// </summary>
internal sealed partial class Story : IDisposable
{
    private const string Namespace = "default";

    private static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider time = new(Start);
    private readonly RecordedController controller = new();
    private readonly InMemoryCluster cluster;
    private readonly ServiceProvider provider;
    private readonly Kind kind;
    private readonly JsonNode told;
    private readonly string folder;
    private readonly HashSet<string> events = [];
    private ulong looks;

    private Story(Kind kind, string area, string name)
    {
        this.kind = kind;
        folder = Path.Combine(area, "Cases", name);
        told = Read(folder);
        cluster = new(time);
        var api = cluster.Client();
        provider = new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(time)
            .AddSingleton(api)
            .AddSingleton(new ControllerConnection(api, new(), time, controller))
            .AddKindsWithEntry()
            .BuildServiceProvider();
    }

    private string Name => told["object"]!["name"]!.GetValue<string>();

    private string PathOf => kind.PathOf(new ResourceKey(Namespace, Name));

    /// <summary>Every story, by the area and the folder.</summary>
    public static IEnumerable<(string Area, string Name)> All =>
        Directory.EnumerateFiles(AppContext.BaseDirectory, "story.yaml", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(AppContext.BaseDirectory, file).Split(Path.DirectorySeparatorChar))
            .Select(parts => (parts[0], parts[2]))
            .Order();

    /// <summary>What a story says that it shows.</summary>
    public static IReadOnlyList<string> ShownBy(string area, string name) =>
        [.. Read(Path.Combine(area, "Cases", name))["shows"]!.AsArray().Select(shown => shown!.GetValue<string>())];

    /// <summary>Fails unless everything comes as <c>out.json</c> says.</summary>
    public static async Task RunAsync(string area, string name, CancellationToken cancellationToken)
    {
        using var story = new Story(AllKinds.Of(area), area, name);
        var came = new JsonArray();
        story.Begin();
        foreach (var look in story.told["looks"]!.AsArray())
            came.Add((JsonNode)await story.LookAsync(look!.AsObject(), cancellationToken));
        Assert.Empty(story.controller.Unknown);
        GoldenCase.Expect(story.folder, came);
    }

    public void Dispose()
    {
        provider.Dispose();
        cluster.Dispose();
    }

    private static JsonNode Read(string folder) => Yaml.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, folder, "story.yaml")))!;

    private void Begin()
    {
        Put(JsonNode.Parse("""{"kind":"ControlPlane","name":"iofog","spec":{"user":{"name":"Jane","surname":"Doe","email":"jane@example.com","password":"plain-secret"}}}""")!);
        SetStatus(Kinds.ControlPlane, "iofog", new() { ["endpoint"] = told["endpoint"]?.GetValue<string>() ?? "http://controller:51121" });
        var credentials = new JsonObject { ["email"] = "jane@example.com", ["password"] = "plain-secret" };
        if (told["authority"] is { } authority)
            credentials["ca.crt"] = authority.DeepClone();
        PutSecret(ControllerConnection.CredentialsSecret, credentials);
        foreach (var other in told["before"]?.AsArray() ?? [])
            Put(other!);
        time.Advance(TimeSpan.FromSeconds(1));
        Put(told["object"]!);
        controller.Uid = cluster.Find(kind, Name)!["metadata"]!["uid"]!.GetValue<string>();
        time.Advance(TimeSpan.FromSeconds(1));
    }

    private async Task<JsonObject> LookAsync(JsonObject look, CancellationToken cancellationToken)
    {
        Do(look);
        var watched = cluster.Watched(kind, Name);
        var change = new Change
        {
            Kind = kind,
            Key = watched.Key,
            Uid = watched.Uid,
            Reason = DueReason.Seen,
            Seen = SeenOf(look),
            Turn = watched.Turn,
            Time = time.GetUtcNow(),
        };
        await provider.GetServices<ReconcileLoop>().Single(loop => loop.Kind == kind).HandleAsync(change.ToJson(), cancellationToken);
        return Show();
    }

    /// <summary>What happens before the look.</summary>
    private void Do(JsonObject look)
    {
        if (look["minutes"] is { } minutes)
            time.Advance(TimeSpan.FromMinutes(minutes.GetValue<long>()));
        foreach (var other in look["comes"]?.AsArray() ?? [])
            Put(other!);
        foreach (var other in look["goes"]?.AsArray() ?? [])
            cluster.Send(HttpMethod.Delete, other!.GetValue<string>());
        if (look["edit"] is JsonObject edit)
            cluster.Send(HttpMethod.Patch, PathOf, new() { ["spec"] = edit.DeepClone() }, "application/merge-patch+json");
        if (look["asks"] is JsonObject asks)
        {
            var annotations = new JsonObject(asks.Select(ask => KeyValuePair.Create($"{Names.RequestPrefix}{ask.Key}", ask.Value?.DeepClone())));
            cluster.Send(HttpMethod.Patch, PathOf, new() { ["metadata"] = new JsonObject { ["annotations"] = annotations } }, "application/merge-patch+json");
        }

        if (look["delete"] is not null)
            cluster.Delete(kind, Name);
        controller.Learn(look["controller"]);
    }

    private Seen SeenOf(JsonObject look) => new()
    {
        Controller = ++looks,
        Owner = look["owner"] is { } owner ? Seen.Hash(cluster.Find(kind, owner.GetValue<string>())!["metadata"]!["uid"]!.GetValue<string>()) : 0,
        Owned = look["shares"] is null ? 0UL : 1,
    };

    private JsonObject Show()
    {
        var shown = new JsonObject { ["writes"] = controller.TakeWrites(), ["events"] = NewEvents() };
        if (Secrets() is { Count: > 0 } secrets)
            shown["secrets"] = secrets;
        if (cluster.Find(kind, Name) is not { } after)
        {
            shown["object"] = "gone";
            return shown;
        }

        Assert.Null(after["status"]?["claim"]);
        Assert.Equal(DueReason.None, Due.Evaluate(cluster.Watched(kind, Name), default, time.GetUtcNow()));
        shown["held"] = after["metadata"]!["finalizers"]?.AsArray().Any(finalizer => finalizer!.GetValue<string>() == Names.Finalizer) ?? false;
        foreach (var same in after["status"]!["conditions"]!.AsArray().GroupBy(condition => $"{condition!["reason"]}: {condition["message"]}".TrimEnd(' ', ':')))
            shown[string.Join(", ", same.Select(condition => $"{condition!["type"]} {condition["status"]}"))] = same.Key;
        foreach (var (field, value) in after["status"]!.AsObject().Where(field => field.Key is not ("turn" or "seen" or "observedGeneration" or "conditions" or "nextReconcileTime")))
            shown[field] = field.EndsWith("Version", StringComparison.Ordinal) ? WithoutNumber().Replace(value!.ToString(), "N") : value!.DeepClone();
        if (after["status"]!["nextReconcileTime"] is { } next)
            shown["next"] = after["status"]!["attempts"] is null ? NextOf(next) : "back-off";
        return shown;
    }

    private string NextOf(JsonNode next) =>
        string.Create(CultureInfo.InvariantCulture, $"in {(DateTimeOffset.Parse(next.GetValue<string>(), CultureInfo.InvariantCulture) - time.GetUtcNow()).TotalMinutes:0.#} min");

    private JsonArray NewEvents()
    {
        var all = cluster.Send(HttpMethod.Get, $"apis/events.k8s.io/v1/namespaces/{Namespace}/events")["items"]!.AsArray();
        return new([.. all.Select(told => $"{told!["type"]} {told["reason"]}: {told["note"]}").Where(events.Add).Order(StringComparer.Ordinal).Select(text => (JsonNode)text)]);
    }

    private JsonObject Secrets()
    {
        var secrets = new JsonObject();
        foreach (var secret in cluster.Send(HttpMethod.Get, $"api/v1/namespaces/{Namespace}/secrets")["items"]!.AsArray())
        {
            if (secret!["metadata"]!["name"]!.GetValue<string>() is var name && name != ControllerConnection.CredentialsSecret)
                secrets[name] = new JsonObject(secret["data"]!.AsObject().Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)Encoding.UTF8.GetString(Convert.FromBase64String(entry.Value!.GetValue<string>())))));
        }

        return secrets;
    }

    /// <summary>Creates an object that a case has in short: kind (that of the story when absent), name, spec, status; of a Secret, data.</summary>
    private void Put(JsonNode inShort)
    {
        if (inShort["kind"]?.GetValue<string>() == "Secret")
        {
            PutSecret(inShort["name"]!.GetValue<string>(), inShort["data"]!.DeepClone().AsObject());
            return;
        }

        var (its, name) = (inShort["kind"] is { } of ? Kinds.Find(of.GetValue<string>())! : kind, inShort["name"]!.GetValue<string>());
        cluster.Create(its, name, inShort["spec"]?.DeepClone().AsObject());
        if (inShort["status"] is JsonObject status)
            SetStatus(its, name, status.DeepClone().AsObject());
    }

    // A resource version differs with whatever else is there.
    [GeneratedRegex(@"(?<=/)\d+$")]
    private static partial Regex WithoutNumber();

    private void PutSecret(string name, JsonObject data) => cluster.Send(
        HttpMethod.Patch,
        $"api/v1/namespaces/{Namespace}/secrets/{name}?fieldManager=story&force=true",
        new() { ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = new JsonObject { ["name"] = name }, ["stringData"] = data },
        "application/apply-patch+yaml");

    private void SetStatus(Kind its, string name, JsonObject status) => cluster.Send(
        HttpMethod.Patch, $"{its.PathOf(new ResourceKey(Namespace, name))}/status", new() { ["status"] = status }, "application/merge-patch+json");
}
