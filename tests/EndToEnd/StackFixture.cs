using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using IoFog.Operator.Local;

namespace IoFog.Operator.EndToEnd;

/// <summary>
/// One running operator, for all tests or for one: the binaries that <c>IOFOG_TEST_WATCHER</c> and <c>IOFOG_TEST_APP</c> name (else those that were built
/// with the tests), on the real cluster, Controller and Functions host that <c>IOFOG_TEST_KUBECONFIG</c>, <c>IOFOG_TEST_CONTROLLER_URL</c>
/// and <c>IOFOG_TEST_FUNCTIONS_HOST</c> name (else on the emulators).
/// </summary>
public sealed class StackFixture : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> log = [];
    private LocalStack? stack;
    private Kubelet? kubelet;
    private Devices? devices;

    /// <summary>The namespace that is served.</summary>
    internal string Namespace { get; init; } = "default";

    /// <summary>True for one app that serves all kinds.</summary>
    internal bool IsSmall { get; init; }

    internal LocalStack Stack => stack!;

    internal Kubectl Kubectl { get; private set; } = null!;

    internal ControllerReader Controller { get; private set; } = null!;

    /// <summary>What the processes printed; for messages of failed tests.</summary>
    internal string Log => string.Join('\n', log.TakeLast(60));

    /// <summary>All that the processes have printed.</summary>
    internal IEnumerable<string> Lines => log;

    public async ValueTask InitializeAsync()
    {
        var token = TestContext.Current.CancellationToken;
        var options = new StackOptions
        {
            Kubeconfig = Setting("IOFOG_TEST_KUBECONFIG"),
            Controller = Setting("IOFOG_TEST_CONTROLLER_URL"),
            FunctionsHost = Setting("IOFOG_TEST_FUNCTIONS_HOST"),
            Watcher = Setting("IOFOG_TEST_WATCHER") ?? Layout.Watcher,
            App = Setting("IOFOG_TEST_APP") ?? Layout.App,
            RunControllers = false, // as an API server without nodes
            Namespace = Namespace,
            Log = line => log.Enqueue($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {line}"),
        };
        if (IsSmall)
            options = options with { Apps = new Dictionary<string, IReadOnlyList<Kind>> { ["small"] = Kinds.All } };
        stack = await LocalStack.StartAsync(options, token);
        Kubectl = new(stack.KubeconfigPath);
        if (await HasNoNodesAsync(token))
        {
            kubelet = new(stack.Api, options.Namespace);
            kubelet.Start();
        }

        if (Namespace != "default")
            await Kubectl.RunAsync(token, "create", "namespace", Namespace);
        await Kubectl.RunAsync(token, "apply", "-f", Layout.Crds);
        Controller = new(stack.ControllerUrl, "jane@example.com", "change-me-please");
        if (options.Controller is not null)
        {
            await Controller.ClearAsync(token);
            devices = new(stack.Api, options.Namespace, stack.ControllerUrl, line => log.Enqueue($"devices: {line}"));
            devices.Start();
        }

        await stack.RunAsync(token);
        await Kubectl.RunAsync(token, "apply", "-n", Namespace, "-f", Path.Combine(Layout.Samples, "ecn.yaml"));
    }

    public async ValueTask DisposeAsync()
    {
        Controller?.Dispose();
        if (devices is not null)
            await devices.DisposeAsync();
        if (kubelet is not null)
            await kubelet.DisposeAsync();
        if (stack is not null)
            await stack.DisposeAsync();
    }

    /// <summary>Looks again and again until it holds.</summary>
    internal async Task EventuallyAsync(string what, Func<Task<bool>> holds, int seconds = 90)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(seconds))
                Assert.Fail($"Not within {seconds} s: {what}\n{await Kubectl.RunAsync(TestContext.Current.CancellationToken, "get", "iofog", "-n", Namespace, "-o", "wide")}\n{Log}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A token of a service account for the admin functions, as <c>kubectl create token</c>, which speaks protobuf with servers that can.</summary>
    internal async Task<string> TokenOfAsync(string account)
    {
        var token = TestContext.Current.CancellationToken;
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":["iofog-admin"]}}""", token);
            var answer = await Kubectl.RunAsync(token, "create", "--raw", $"/api/v1/namespaces/default/serviceaccounts/{account}/token", "-f", file);
            return JsonNode.Parse(answer)!["status"]!["token"]!.GetValue<string>();
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task<bool> HasNoNodesAsync(CancellationToken cancellationToken) =>
        stack!.Cluster is not null || (await Kubectl.RunAsync(cancellationToken, "get", "nodes", "-o", "name")).Trim().Length == 0;

    private static string? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}

/// <summary>The tests that share the running operator, one after the other.</summary>
[CollectionDefinition(nameof(StackFixture))]
public sealed class StackCollection : ICollectionFixture<StackFixture>;
