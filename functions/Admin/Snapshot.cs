using IoFog.Operator.Insight;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Admin;

/// <summary>The network as it was a moment ago: many who look at it cost the API server no more than one.</summary>
internal sealed class Snapshot(KubernetesApi api, AdminOptions options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim reading = new(1);
    private volatile Taken? last;

    public async Task<Network> ReadAsync(CancellationToken cancellationToken)
    {
        if (FreshOne() is { } known)
            return known;
        await reading.WaitAsync(cancellationToken);
        try
        {
            if (FreshOne() is { } meanwhile)
                return meanwhile;
            var at = time.GetTimestamp();
            var network = await Network.ReadAsync(api, options.Namespace, Kinds.All, cancellationToken);
            last = new(network, at);
            return network;
        }
        finally
        {
            reading.Release();
        }
    }

    /// <summary>Looks again with the next call: something was changed.</summary>
    public void Forget() => last = null;

    public void Dispose() => reading.Dispose();

    private Network? FreshOne() => last is { } taken && time.GetElapsedTime(taken.At) < Fresh ? taken.Network : null;

    private sealed record Taken(Network Network, long At);
}
