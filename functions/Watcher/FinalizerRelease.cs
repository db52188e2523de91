using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Watcher;

/// <summary>
/// Lets go of our finalizers where nobody else can: in a namespace that is being deleted the apps lose their rights within seconds, and
/// Kubernetes ends the pods before it deletes anything else.
/// </summary>
internal sealed class FinalizerRelease(Finalizers finalizers, Watching watching, TimeProvider time)
{
    private const string Why = "its namespace is being deleted";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>How long an app that ends with us may still begin work and take the finalizer again: the host gives it 10 s.</summary>
    private static readonly TimeSpan AppsEnd = TimeSpan.FromSeconds(12);

    /// <summary>Watches for a deletion of the namespace for as long as objects wait for our finalizer.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var held = watching.Ask((table, _) => table.Held());
            if (held.Count > 0 && await finalizers.IsTerminatingAsync(cancellationToken))
                await finalizers.ReleaseAsync(held, Why, cancellationToken);

            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    /// <summary>The last thing that the watcher does: if its namespace goes, its pod goes first, and nobody comes after it.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (!await finalizers.IsTerminatingAsync(cancellationToken))
            return;
        var began = time.GetTimestamp();
        do
        {
            try
            {
                await finalizers.ReleaseAllAsync(Why, cancellationToken);
            }
            catch (Exception e) when (e is HttpRequestException or KubernetesException)
            {
                // the API server is away, or our rights are gone: once more until the time is up
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
        while (time.GetElapsedTime(began) < AppsEnd);
    }
}
