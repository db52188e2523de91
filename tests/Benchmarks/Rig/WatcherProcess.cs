using System.Collections.Concurrent;
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

    private WatcherProcess(string file, string kubeconfig, string storage) => process = LocalProcess.Start(
        file,
        [],
        null,
        new Dictionary<string, string>
        {
            ["KUBECONFIG"] = kubeconfig,
            ["AzureWebJobsStorage"] = storage,
            ["WATCH_NAMESPACE"] = "default",
            ["Watcher__LeaderElection"] = "false",
            ["Watcher__ControllerPollSeconds"] = "0",
            ["Health__Address"] = "127.0.0.1",
            ["Health__Port"] = "0",
        },
        Read);

    public int Id => process.Id;

    public static WatcherProcess Start(Arguments arguments, string kubeconfig, string storage) => new(arguments.Stack.Watcher, kubeconfig, storage);

    /// <summary>Waits until everything is listed.</summary>
    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        var address = await listening.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
        var last = "";
        try
        {
            await Poll.UntilAsync("the watcher ready", async () =>
            {
                using var answer = await http.GetAsync(new Uri(address, "readyz"), cancellationToken);
                last = await answer.Content.ReadAsStringAsync(cancellationToken);
                return answer.IsSuccessStatusCode;
            }, cancellationToken);
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException($"{e.Message}; it says: {last}; its last lines:\n{string.Join('\n', lines.TakeLast(20))}", e);
        }
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
