using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local;
using IoFog.Operator.Local.Controller;

namespace IoFog.Operator.EndToEnd.Install;

/// <summary>One release of the chart in a namespace of its own, with a storage account and a Controller of its own.</summary>
internal sealed class Release : IAsyncDisposable
{
    /// <summary>The plurals of all kinds, as kubectl takes them.</summary>
    public static readonly string Kinds = string.Join(',', Operator.Kinds.All.Select(kind => kind.Plural));

    private readonly InstallStage stage;
    private readonly string[] values;
    private readonly Azurite storage;
    private readonly OperatorNode node;
    private readonly PlayedKeda keda;
    private readonly Kubelet kubelet;
    private ControllerEmulator controller;

    private Release(InstallStage stage, string space, string[] values, Azurite storage, ControllerEmulator controller)
    {
        (this.stage, Namespace, this.values, this.storage, this.controller) = (stage, space, values, storage, controller);
        node = new(stage.Api, space, stage.Connection, stage.Network, stage.Log);
        keda = new(stage.Api, space, stage.Network, stage.Log);
        kubelet = new(stage.Api, space);
        kubelet.Start();
    }

    public string Namespace { get; }

    /// <summary>Its Roles and ClusterRoles, each with the name of its service account.</summary>
    public IReadOnlyList<(string Account, JsonObject Role)> Roles { get; private set; } = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Installs it, and waits until Helm says that it is there.</summary>
    /// <param name="stage">Where.</param>
    /// <param name="space">The namespace, which it makes.</param>
    /// <param name="values">As after <c>--set</c>, beside what every release needs.</param>
    public static async Task<Release> InstallAsync(InstallStage stage, string space, params string[] values)
    {
        var storage = await Azurite.StartAsync(Layout.Azurite, static _ => { }, Token);
        var controller = await ControllerEmulator.StartAsync(new(), null, Token);
        await stage.Kubectl.RunAsync(Token, "create", "namespace", space);
        await stage.Kubectl.RunAsync(Token, "create", "secret", "generic", "iofog-storage", "-n", space, $"--from-literal=connectionString={storage.ConnectionString}");
        var release = new Release(stage, space, values, storage, controller);
        await release.HelmAsync("install");
        release.Roles = [.. await release.RolesAsync("roles", ""), .. await release.RolesAsync("clusterroles", $":{space}")];
        return release;
    }

    /// <summary>Installs or upgrades it, with further values.</summary>
    public Task<string> HelmAsync(string verb, params string[] further) => stage.Helm.RunAsync(
        Token,
        [verb, "iofog", Helm.Chart, "-n", Namespace, "--wait", "--timeout", "90s", .. All.Concat(further).SelectMany(value => (string[])["--set", value])]);

    /// <summary><c>helm test</c>.</summary>
    public Task<string> TestAsync() => stage.Helm.RunAsync(Token, "test", "iofog", "-n", Namespace, "--timeout", "60s");

    /// <summary><c>helm rollback</c> to the revision before.</summary>
    public Task<string> RollBackAsync() => stage.Helm.RunAsync(Token, "rollback", "iofog", "-n", Namespace, "--wait", "--timeout", "90s");

    /// <summary><c>helm uninstall</c>.</summary>
    public Task<string> UninstallAsync() => stage.Helm.RunAsync(Token, "uninstall", "iofog", "-n", Namespace, "--wait", "--timeout", "60s");

    /// <summary>Runs kubectl in its namespace.</summary>
    public Task<string> KubectlAsync(params string[] arguments) => stage.Kubectl.RunAsync(Token, [.. arguments, "-n", Namespace]);

    /// <summary>Waits until all objects are Ready.</summary>
    public Task<string> AllReadyAsync() => KubectlAsync("wait", "--for=condition=Ready", Kinds, "--all", "--timeout=180s");

    /// <summary>Asks for a reconcile of every object.</summary>
    public Task<string> AskForReconcileAsync() =>
        KubectlAsync("annotate", Kinds, "--all", "--overwrite", $"request.iofog.org/reconcile={Guid.NewGuid():N}");

    /// <summary>Asks for a reconcile of one object, and waits until it was honoured.</summary>
    public async Task ReconcileAsync()
    {
        var request = $"{Guid.NewGuid():N}";
        await KubectlAsync("annotate", "edgeresource", "smart-door", "--overwrite", $"request.iofog.org/reconcile={request}");
        await KubectlAsync("wait", $"--for=jsonpath={{.status.requests.reconcile}}={request}", "edgeresource/smart-door", "--timeout=60s");
    }

    /// <summary>The ioFog Controller goes away.</summary>
    public ValueTask StopControllerAsync() => controller.DisposeAsync();

    /// <summary>It comes back at the same address, as it was.</summary>
    public async Task StartControllerAsync() =>
        controller = await ControllerEmulator.StartAsync(new() { Port = controller.Endpoint.Port }, controller.State, Token);

    /// <summary>Waits until no app runs.</summary>
    public Task AllAtZeroAsync() => stage.EventuallyAsync($"{Namespace}: all apps at zero", async () => (await ReplicasAsync()).All(app => app.Value == 0));

    /// <summary>The names of its apps.</summary>
    public async Task<IEnumerable<string>> AppsAsync() => (await ReplicasAsync()).Keys.Order();

    /// <summary>The apps that KEDA has woken from zero.</summary>
    public IEnumerable<string> Woken => keda.Woken;

    /// <summary>How many replicas each app is to have.</summary>
    public async Task<IReadOnlyDictionary<string, int>> ReplicasAsync() => (await KubectlAsync(
        "get", "deployments", "-l", "app.kubernetes.io/name=iofog-operator,app.kubernetes.io/component notin (watcher,admin)",
        "-o", "jsonpath={range .items[*]}{.metadata.name}={.spec.replicas}{\"\\n\"}{end}"))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')).ToDictionary(parts => parts[0], parts => int.Parse(parts[1]));

    /// <summary>Where a component answers.</summary>
    public async Task<Uri> AddressOfAsync(string component) => (await node.AddressOfAsync(component))!;

    public async ValueTask DisposeAsync()
    {
        try
        {
            await keda.DisposeAsync();
            await node.DisposeAsync();
            await kubelet.DisposeAsync();
            await controller.DisposeAsync();
        }
        finally
        {
            await storage.DisposeAsync();
        }
    }

    /// <summary>What takes minutes in a cluster takes seconds here.</summary>
    private IEnumerable<string> All =>
    [
        "storage.connectionString.existingSecret=iofog-storage", "watchSecrets={iofog-user}", "registrySecrets={fleet-registry}", $"controller.url={controller.Endpoint.ToString().TrimEnd('/')}",
        "watcher.controllerPollSeconds=1", "scaling.pollingInterval=1", "scaling.cooldownPeriod=5", "scaling.scaleDownStabilizationSeconds=30", .. values,
    ];

    private async Task<IEnumerable<(string, JsonObject)>> RolesAsync(string plural, string suffix)
    {
        var path = $"apis/rbac.authorization.k8s.io/v1/{(suffix.Length == 0 ? $"namespaces/{Namespace}/" : "")}{plural}?labelSelector=app.kubernetes.io/name%3Diofog-operator";
        var found = await stage.Api.GetAsync(path, KubernetesJson.Default.JsonObject, Token);
        return found["items"]!.AsArray().OfType<JsonObject>().Select(role => (Name: role["metadata"]!["name"]!.GetValue<string>(), Role: role))
            .Where(role => role.Name.EndsWith(suffix, StringComparison.Ordinal)).Select(role =>
            {
                role.Role["kind"] = plural == "roles" ? "Role" : "ClusterRole";
                return (role.Name[..^suffix.Length], role.Role);
            });
    }
}
