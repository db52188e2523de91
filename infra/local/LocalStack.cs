using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local.Cluster;
using IoFog.Operator.Local.Controller;
using IoFog.Operator.Local.Host;

namespace IoFog.Operator.Local;

/// <summary>The whole operator on one machine: storage, cluster, Controller, watcher, and a function app per kind that starts from zero.</summary>
public sealed class LocalStack : IAsyncDisposable
{
    private readonly StackOptions options;
    private readonly string folder;
    private readonly List<AppScaler> scalers = [];
    private readonly ScalerEndpoint endpoint = new();
    private LocalProcess? watcher;
    private LocalProcess? host;
    private FunctionsHost? admin;

    private LocalStack(StackOptions options, Azurite storage, ClusterEmulator? cluster, ControllerEmulator? controller)
    {
        this.options = options;
        (Storage, Cluster, Controller) = (storage, cluster, controller);
        folder = Directory.CreateTempSubdirectory("iofog-local-").FullName;
        KubeconfigPath = options.Kubeconfig ?? Path.Combine(folder, "kubeconfig");
        if (cluster is not null)
        {
            File.WriteAllText(KubeconfigPath, cluster.Kubeconfig);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(KubeconfigPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        ControllerUrl = options.Controller ?? controller!.Endpoint.ToString().TrimEnd('/');
        Api = KubernetesConnection.Open(KubeconfigPath);
    }

    public Azurite Storage { get; }

    /// <summary>Null where a real cluster is used.</summary>
    public ClusterEmulator? Cluster { get; private set; }

    /// <summary>Null where a real Controller is used, and while the emulator is stopped.</summary>
    public ControllerEmulator? Controller { get; private set; }

    public string KubeconfigPath { get; }

    public string ControllerUrl { get; }

    public KubernetesApi Api { get; }

    public LocalProcess Watcher => watcher!;

    /// <summary>Where the admin functions answer; null where another host runs the apps.</summary>
    public Uri? AdminUrl => admin?.Address;

    /// <summary>What the apps do now.</summary>
    public IReadOnlyList<AppState> Apps => [.. scalers.Select(scaler => scaler.State)];

    public static async Task<LocalStack> StartAsync(StackOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var storage = await Azurite.StartAsync(Layout.Azurite, options.Say, cancellationToken);
        var cluster = options.Kubeconfig is null
            ? await ClusterEmulator.StartAsync(new() { RunControllers = options.RunControllers }, null, cancellationToken)
            : null;
        var controller = options.Controller is null ? await ControllerEmulator.StartAsync(new(), null, cancellationToken) : null;
        var stack = new LocalStack(options, storage, cluster, controller);
        options.Say($"Azurite is up ({storage.ConnectionString.Split(';').First(part => part.StartsWith("QueueEndpoint", StringComparison.Ordinal)).Split('=')[1]})");
        options.Say(cluster is null ? $"Using the cluster of {options.Kubeconfig}" : $"Cluster emulator is up ({cluster.Endpoint})");
        options.Say($"Controller {(controller is null ? "given" : "emulator is up")} ({stack.ControllerUrl})");
        return stack;
    }

    /// <summary>Applies every document of every YAML file in a folder, or of one file.</summary>
    public async Task ApplyAsync(string path, CancellationToken cancellationToken)
    {
        var files = Directory.Exists(path) ? Directory.GetFiles(path, "*.yaml").Order(StringComparer.Ordinal) : (IEnumerable<string>)[path];
        foreach (var file in files)
        {
            foreach (var document in Yaml.ParseAll(await File.ReadAllTextAsync(file, cancellationToken)))
                await Manifests.ApplyAsync(Api, document, options.Namespace, cancellationToken);
        }
    }

    /// <summary>Starts the watcher and the apps.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        StartWatcher();
        if (options.FunctionsHost is { } command)
        {
            host = StartHost(command);
            return;
        }

        foreach (var (name, kinds) in options.Apps)
        {
            var settings = AppSettings();
            foreach (var (i, kind) in kinds.Index())
                settings[$"AzureFunctionsJobHost__functions__{i}"] = kind.Name;
            var scaler = new AppScaler(
                name, kinds.Select(kind => kind.Name), endpoint, new() { AppFolder = options.App, Settings = settings, Log = Prefixed(name) },
                options.Scaling with { Namespace = options.Namespace });
            scaler.Start();
            scalers.Add(scaler);
        }

        admin = await FunctionsHost.StartAsync(new() { AppFolder = options.App, Settings = AdminSettings(), Log = Prefixed("Admin") }, cancellationToken);
    }

    /// <summary>Starts the watcher, also after it was killed.</summary>
    public void StartWatcher()
    {
        endpoint.NotReady();
        var log = Prefixed("watcher");
        watcher = LocalProcess.Start(
            options.Watcher,
            [],
            null,
            new Dictionary<string, string>(AppSettings())
            {
                ["Health__Address"] = "127.0.0.1",
                ["Health__Port"] = "0",
                ["Scaler__Address"] = "127.0.0.1",
                ["Scaler__Port"] = "0",
                ["Watcher__ControllerPollSeconds"] = "1",
            },
            line =>
            {
                if (WatcherLog.ScalerIn(line) is { } address)
                    endpoint.Ready(address);
                log(line);
            });
    }

    /// <summary>Stops the Controller emulator, as its pods end: nothing answers at its address, and what it held is lost.</summary>
    public async Task StopControllerAsync()
    {
        await Controller!.DisposeAsync();
        Controller = null;
    }

    /// <summary>Starts the Controller emulator again, with nothing in it, at the same address.</summary>
    public async Task StartControllerAsync(CancellationToken cancellationToken) =>
        Controller = await ControllerEmulator.StartAsync(new() { Port = new Uri(ControllerUrl).Port }, null, cancellationToken);

    /// <summary>Stops the Controller emulator and starts it with nothing in it, at the same address.</summary>
    public async Task RestartControllerEmptyAsync(CancellationToken cancellationToken)
    {
        await StopControllerAsync();
        await StartControllerAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        // Whatever fails on the way, nothing that was started stays behind.
        try
        {
            if (watcher is not null)
                await watcher.DisposeAsync();
            await Task.WhenAll(scalers.Select(scaler => scaler.DisposeAsync().AsTask()));
            endpoint.Dispose();
            if (host is not null)
                await host.DisposeAsync();
            if (admin is not null)
                await admin.DisposeAsync();
            if (Controller is not null)
                await Controller.DisposeAsync();
            if (Cluster is not null)
                await Cluster.DisposeAsync();
        }
        finally
        {
            await Storage.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private Dictionary<string, string> AppSettings() => new()
    {
        ["AzureWebJobsStorage"] = Storage.ConnectionString,
        ["KUBECONFIG"] = KubeconfigPath,
        ["Controller__Url"] = ControllerUrl,
        ["WATCH_NAMESPACE"] = options.Namespace,
    };

    /// <summary>All functions that are no queue function: what is left belongs to people.</summary>
    private Dictionary<string, string> AdminSettings()
    {
        var settings = AppSettings();
        var names = Directory.GetDirectories(options.App).Where(folder => File.Exists(Path.Combine(folder, "function.json")))
            .Select(folder => Path.GetFileName(folder)).Where(name => Kinds.Find(name) is null);
        foreach (var (i, name) in names.Index())
            settings[$"AzureFunctionsJobHost__functions__{i}"] = name;
        return settings;
    }

    private LocalProcess StartHost(string command)
    {
        var words = (command == "func" ? "func start --port 0" : command).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var settings = AppSettings();
        settings["AzureWebJobsScriptRoot"] = options.App;
        settings["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        settings["FUNCTIONS_WORKER_RUNTIME"] = "custom";
        settings["AzureWebJobsSecretStorageType"] = "files";
        return LocalProcess.Start(words[0], words[1..], options.App, settings, Prefixed("host"));
    }

    private Action<string> Prefixed(string name) => line => options.Log($"{name}: {line}");
}
