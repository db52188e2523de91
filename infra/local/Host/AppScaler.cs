using Azure;
using Azure.Storage.Queues;

namespace IoFog.Operator.Local.Host;

/// <summary>One app as people see it.</summary>
/// <param name="Name">The kind that it serves.</param>
/// <param name="Queued">Messages, those in work included.</param>
/// <param name="Instances">0 or 1.</param>
public sealed record AppState(string Name, int Queued, int Instances);

/// <summary>Starts an app's host from zero when its queue has messages, and stops it after a time without.</summary>
public sealed class AppScaler(string name, string queue, FunctionsHostOptions options, TimeSpan cooldown) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly QueueClient client = new(options.Settings["AzureWebJobsStorage"], queue);
    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;
    private FunctionsHost? host;

    public AppState State { get; private set; } = new(name, 0, 0);

    public void Start() => running = RunAsync();

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        if (host is not null)
            await host.DisposeAsync();
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        var lastActive = options.Time.GetTimestamp();
        try
        {
            while (true)
            {
                var queued = await CountAsync();
                if (queued > 0)
                    lastActive = options.Time.GetTimestamp();
                if (host is { Stopped.IsCompleted: true } || (host is not null && queued == 0 && options.Time.GetElapsedTime(lastActive) > cooldown))
                {
                    await host.DisposeAsync();
                    host = null;
                }
                else if (host is null && queued > 0)
                {
                    host = await FunctionsHost.StartAsync(options, stopping.Token);
                }

                State = new(name, queued, host is null ? 0 : 1);
                await Task.Delay(Interval, options.Time, stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task<int> CountAsync()
    {
        try
        {
            var properties = await client.GetPropertiesAsync(stopping.Token);
            return properties.Value.ApproximateMessagesCount;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return 0; // no queue yet, or no more
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException || (e is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            return State.Queued; // the storage is away
        }
    }
}
