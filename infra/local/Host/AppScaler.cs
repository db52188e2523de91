namespace IoFog.Operator.Local.Host;

/// <summary>One app as people see it.</summary>
/// <param name="Name">The app's.</param>
/// <param name="InWork">Objects that wait for it, or that it has in work, as the watcher says.</param>
/// <param name="Instances">How many of it run.</param>
public sealed record AppState(string Name, int InWork, int Instances);

/// <summary>
/// Runs an app's hosts as KEDA with the HPA and a Deployment would: woken by the stream of the watcher's scaler, sized by its metric,
/// stopped after a time without work.
/// </summary>
public sealed class AppScaler : IAsyncDisposable
{
    private readonly string name;
    private readonly FunctionsHostOptions app;
    private readonly KedaClient keda;
    private readonly SemaphoreSlim changed = new(0, 1);
    private readonly CancellationTokenSource stopping = new();
    private readonly List<FunctionsHost> hosts = [];
    private readonly List<Task> ending = [];
    private Task running = Task.CompletedTask;

    /// <param name="name">The app's.</param>
    /// <param name="kinds">What it serves.</param>
    /// <param name="endpoint">Where the watcher's scaler answers.</param>
    /// <param name="app">How a host of it is run.</param>
    /// <param name="options">How it is scaled.</param>
    public AppScaler(string name, IEnumerable<string> kinds, ScalerEndpoint endpoint, FunctionsHostOptions app, ScalingOptions options)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(options);
        (this.name, this.app) = (name, app);
        keda = new(name, new Dictionary<string, string> { ["kinds"] = string.Join(',', kinds) }, endpoint, options, app.Log, () =>
        {
            if (changed.CurrentCount == 0)
                changed.Release();
        });
    }

    public AppState State => new(name, keda.Work, hosts.Count);

    public void Start() => running = Task.WhenAll(keda.RunAsync(stopping.Token), RunHostsAsync(stopping.Token));

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        try
        {
            await running;
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            await Task.WhenAll([.. ending, .. hosts.Select(host => host.DisposeAsync().AsTask())]);
            changed.Dispose();
            stopping.Dispose();
        }
    }

    /// <summary>As a Deployment: as many hosts as are wanted, new ones for those that ended.</summary>
    private async Task RunHostsAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var dead in hosts.Where(host => host.Stopped.IsCompleted).ToArray())
                End(dead);
            while (hosts.Count < keda.Wanted)
                hosts.Add(await FunctionsHost.StartAsync(app, cancellationToken));
            while (hosts.Count > keda.Wanted)
                End(hosts[^1]);
            ending.RemoveAll(task => task.IsCompletedSuccessfully);
            using var looked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny([changed.WaitAsync(looked.Token), .. hosts.Select(host => host.Stopped)]);
            await looked.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private void End(FunctionsHost host)
    {
        hosts.Remove(host);
        ending.Add(host.DisposeAsync().AsTask());
    }
}
