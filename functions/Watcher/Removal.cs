using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Watcher;

/// <summary>
/// <c>watcher release</c>, before the operator is removed: takes the lease, so that no watcher sends further work, and lets go of all
/// finalizers until nobody takes one again.
/// </summary>
internal sealed class Removal(Finalizers finalizers, KubernetesApi api, TimeProvider time)
{
    /// <summary>Who has the lease from then on.</summary>
    public const string Holder = "release";

    private const int Tries = 10;
    private const int Quiet = 3;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <returns>How many objects were let go of.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var wasLed = await TakeLeaseAsync(cancellationToken);
        var (total, quiet) = (0, 0);
        var began = time.GetTimestamp();
        while (true)
        {
            var (held, inWork) = await finalizers.ReleaseAllAsync("the operator is being removed", cancellationToken);
            total += held;
            quiet = held == 0 && !inWork ? quiet + 1 : 0;
            if (quiet >= (wasLed ? Quiet : 1) || time.GetElapsedTime(began) > Longest)
                return total;
            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    /// <returns>False when no watcher leads.</returns>
    private async Task<bool> TakeLeaseAsync(CancellationToken cancellationToken)
    {
        var path = $"apis/coordination.k8s.io/v1/namespaces/{finalizers.Namespace}/leases/{LeaderElection.Name}";
        for (var tries = 1; ; tries++)
        {
            var lease = await api.FindAsync(path, WatcherJson.Default.Lease, cancellationToken);
            if (lease is not { Spec: { HolderIdentity.Length: > 0 } held })
                return false;
            try
            {
                var spec = held with { HolderIdentity = Holder, LeaseDurationSeconds = (int)(Longest * 2).TotalSeconds, RenewTime = LeaderElection.TimeOf(time.GetUtcNow()) };
                await api.ReplaceAsync(path, lease with { Spec = spec }, WatcherJson.Default.Lease, cancellationToken);
                return true;
            }
            catch (KubernetesException e) when (e.IsConflict && tries < Tries)
            {
                // its holder has renewed it just now
            }
        }
    }
}
