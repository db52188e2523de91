using Grpc.Net.Client;
using IoFog.Operator.Local.Host.Keda;

namespace IoFog.Operator.Local.Host;

/// <summary>As the Service in front of the watchers: leads to the one that is ready, by one connection for all apps.</summary>
public sealed class ScalerEndpoint : IDisposable
{
    private readonly Lock gate = new();
    private TaskCompletionSource<GrpcChannel> channel = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A watcher is ready.</summary>
    public void Ready(Uri address)
    {
        lock (gate)
        {
            NotReady();
            // With a client of its own the channel connects when it is called, and not in the background, where nobody sees what becomes of it.
            channel.SetResult(GrpcChannel.ForAddress(address, new() { HttpClient = new() { Timeout = Timeout.InfiniteTimeSpan }, DisposeHttpClient = true }));
        }
    }

    /// <summary>None is.</summary>
    public void NotReady()
    {
        lock (gate)
        {
            if (!channel.Task.IsCompletedSuccessfully)
                return;
            channel.Task.Result.Dispose();
            channel = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Dispose() => NotReady();

    /// <summary>Waits until there is one.</summary>
    internal async Task<ExternalScaler.ExternalScalerClient> ClientAsync(CancellationToken cancellationToken)
    {
        Task<GrpcChannel> ready;
        lock (gate)
            ready = channel.Task;
        return new(await ready.WaitAsync(cancellationToken));
    }
}
