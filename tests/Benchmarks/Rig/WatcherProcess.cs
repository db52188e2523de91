using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using IoFog.Operator.Local;

namespace IoFog.Operator.Benchmarks.Rig;

/// <summary>A watcher of its own, without leader election and without a Controller.</summary>
internal sealed partial class WatcherProcess : IAsyncDisposable
{
    private readonly TaskCompletionSource<Uri> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> lines = [];
    private readonly HttpClient http = new();
    private readonly LocalProcess process;

    private WatcherProcess(string file, string kubeconfig, string storage, Dictionary<string, string> more)
    {
        var settings = new Dictionary<string, string>
        {
            ["KUBECONFIG"] = kubeconfig,
            ["AzureWebJobsStorage"] = storage,
            ["WATCH_NAMESPACE"] = "default",
            ["Watcher__LeaderElection"] = "false",
            ["Watcher__ControllerPollSeconds"] = "0",
            ["Health__Address"] = "127.0.0.1",
            ["Health__Port"] = "0",
            ["Scaler__Address"] = "127.0.0.1",
            ["Scaler__Port"] = "0",
        };
        foreach (var (name, value) in more)
            settings[name] = value;
        process = LocalProcess.Start(file, [], null, settings, Read);
    }

    public int Id => process.Id;

    /// <param name="arguments">Name the executable.</param>
    /// <param name="kubeconfig">Of its cluster.</param>
    /// <param name="storage">Of its queues.</param>
    /// <param name="more">Settings that win.</param>
    public static WatcherProcess Start(Arguments arguments, string kubeconfig, string storage, Dictionary<string, string>? more = null) =>
        new(arguments.Stack.Watcher, kubeconfig, storage, more ?? []);

    /// <summary>Waits until everything is listed.</summary>
    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        var says = "nothing";
        try
        {
            var address = await listening.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
            await Poll.UntilAsync("the watcher ready", async () =>
            {
                using var answer = await http.GetAsync(new Uri(address, "readyz"), cancellationToken);
                says = await answer.Content.ReadAsStringAsync(cancellationToken);
                return answer.IsSuccessStatusCode;
            }, cancellationToken);
        }
        catch (Exception e) when (e is InvalidOperationException or TimeoutException)
        {
            throw new InvalidOperationException($"{e.Message}; it says {says}; its last lines:\n{string.Join('\n', lines.TakeLast(20))}", e);
        }
    }

    /// <summary>A metric without labels; 0 while there is none.</summary>
    public async Task<double> ReadMetricAsync(string name, CancellationToken cancellationToken)
    {
        var text = await http.GetStringAsync(new Uri(await listening.Task, "metrics"), cancellationToken);
        var line = text.Split('\n').FirstOrDefault(line => line.StartsWith($"{name} ", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await process.DisposeAsync();
    }

    private void Read(string line)
    {
        lines.Enqueue(line);
        if (AddressPattern().Match(line) is { Success: true } found)
            listening.TrySetResult(new(found.Groups[1].Value));
    }

    [GeneratedRegex(@"Now listening on: (http://[\d.]+:\d+)")]
    private static partial Regex AddressPattern();
}
