using IoFog.Operator.Local;
using IoFog.Operator.Local.Host;

namespace IoFog.Operator.EndToEnd.Install;

/// <summary>What runs for a pod of the operator: the binary that its image would hold, with the environment that its container names.</summary>
internal sealed class OperatorPod : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(2) };

    private readonly LocalProcess? process;
    private readonly FunctionsHost? host;
    private readonly Uri probe;
    private Task? stopped;

    private OperatorPod(LocalProcess? process, FunctionsHost? host, Uri probe) => (this.process, this.host, this.probe) = (process, host, probe);

    /// <summary>Where its HTTP port is reached from here.</summary>
    public Uri Address => new(probe, "/");

    public bool HasEnded => process?.HasExited ?? host!.Stopped.IsCompleted;

    /// <summary>True until it ends or is asked to.</summary>
    public bool Lives => stopped is null && !HasEnded;

    public bool HasSucceeded => process is { HasExited: true, ExitCode: 0 };

    /// <summary>Starts it.</summary>
    /// <param name="image">Of its container.</param>
    /// <param name="arguments">Of its container.</param>
    /// <param name="settings">The environment of its container, and how to reach the API server.</param>
    /// <param name="address">Its own on this machine.</param>
    /// <param name="log">Receives its lines.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<OperatorPod> StartAsync(
        string image, IReadOnlyList<string> arguments, Dictionary<string, string> settings, string address, Action<string> log, CancellationToken cancellationToken)
    {
        if (image.Contains("/iofog-operator-watcher:", StringComparison.Ordinal))
        {
            // In a pod it has the ports for itself; here only its address.
            settings["Health__Address"] = settings["Scaler__Address"] = address;
            var watcher = Environment.GetEnvironmentVariable("IOFOG_TEST_WATCHER") is { Length: > 0 } named ? named : Layout.Watcher;
            return new(LocalProcess.Start(watcher, arguments, null, settings, log), null, new($"http://{address}:8080/readyz"));
        }

        Assert.Contains("/iofog-operator-apps:", image, StringComparison.Ordinal);
        var app = Environment.GetEnvironmentVariable("IOFOG_TEST_APP") is { Length: > 0 } other ? other : Layout.App;
        var host = await FunctionsHost.StartAsync(new() { AppFolder = app, Settings = settings, Log = log }, cancellationToken);
        return new(null, host, new(host.Address, "/admin/host/ping"));
    }

    /// <summary>Whether its readiness probe succeeds.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await Http.GetAsync(probe, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Asks it to end, as a kubelet does, once.</summary>
    /// <returns>When it has ended.</returns>
    public Task StopAsync() => stopped ??= process is null ? host!.DisposeAsync().AsTask() : process.StopAsync(TimeSpan.FromSeconds(30));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (process is not null)
            await process.DisposeAsync();
    }
}
