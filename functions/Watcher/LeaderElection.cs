using System.Globalization;
using System.Net;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Watcher;

/// <summary>
/// One watcher at a time, by a Lease. Whether another's lease has run out is judged by this process's own clock since the record last
/// changed, never by the times in it. Two leaders at once are harmless; they only cost doubled messages.
/// </summary>
internal sealed class LeaderElection(KubernetesApi api, WatcherOptions options, TimeProvider time, ILogger<LeaderElection> logger)
{
    /// <summary>Of the Lease.</summary>
    public const string Name = "iofog-operator-watcher";

    private const string MicroTime = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RenewDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(2);

    /// <summary>A standby leads no later than this, and what its looks take, after a lease has run out: so late it may have seen the last renewal.</summary>
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);

    /// <summary>A server that hangs must not keep a leader in the belief that it leads.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly string identity = $"{Environment.MachineName}_{Guid.NewGuid():N}";
    private (string? Version, long At) lastChange;
    private TimeSpan untilFree;
    private Lease? held;

    private string Collection => $"apis/coordination.k8s.io/v1/namespaces/{options.Namespace}/leases";

    /// <summary>Waits until this watcher leads.</summary>
    public async Task AcquireAsync(CancellationToken cancellationToken)
    {
        string? told = null;
        while (true)
        {
            untilFree = LookPeriod;
            try
            {
                using var limit = Limit(cancellationToken);
                var lease = await api.FindAsync($"{Collection}/{Name}", WatcherJson.Default.Lease, limit.Token);
                if (lease is null || IsFree(lease))
                {
                    held = await TakeAsync(lease, limit.Token);
                    Log.Leading(logger, identity);
                    Metrics.Leader.WithLabels(Name).Set(1);
                    return;
                }

                if (told != lease.Spec?.HolderIdentity)
                    Log.StandingBy(logger, identity, told = lease.Spec?.HolderIdentity);
            }
            catch (Exception e) when (Passes(e, cancellationToken))
            {
                if (e is not KubernetesException { IsConflict: true })
                    Log.LeaseFailed(logger, e);
            }

            await Task.Delay(untilFree > TimeSpan.Zero && untilFree < LookPeriod ? untilFree : LookPeriod, time, cancellationToken);
        }
    }

    /// <summary>Renews the lease.</summary>
    /// <returns>When it is lost; it never comes back.</returns>
    public async Task HoldAsync(CancellationToken cancellationToken)
    {
        var renewed = time.GetTimestamp();
        while (time.GetElapsedTime(renewed) < RenewDeadline)
        {
            await Task.Delay(RetryPeriod, time, cancellationToken);
            var began = time.GetTimestamp();
            try
            {
                using var limit = Limit(cancellationToken);
                held = await RenewAsync(held!, limit.Token);
                renewed = began;
            }
            catch (KubernetesException e) when (e.IsConflict)
            {
                var lease = await FindAsync(cancellationToken);
                if (lease is not null && lease.Spec?.HolderIdentity != identity)
                    break;
                held = lease ?? held;
            }
            catch (Exception e) when (Passes(e, cancellationToken))
            {
                Log.LeaseFailed(logger, e);
            }
        }

        Metrics.Leader.WithLabels(Name).Set(0);
        Log.LeaseLost(logger);
    }

    /// <summary>Gives the lease back, so that a standby takes over at its next look.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        if (held is null)
            return;
        try
        {
            // Read again: the last renewal may have arrived though nobody waited for its answer.
            using var limit = Limit(cancellationToken);
            if (await FindAsync(limit.Token) is not { Spec: { } spec } lease || spec.HolderIdentity != identity)
                return;
            spec = spec with { HolderIdentity = "", LeaseDurationSeconds = 1, RenewTime = Now() };
            await api.ReplaceAsync($"{Collection}/{Name}", lease with { Spec = spec }, WatcherJson.Default.Lease, limit.Token);
        }
        catch (Exception e) when (Passes(e, cancellationToken))
        {
            Log.LeaseFailed(logger, e); // it runs out by itself
        }
    }

    private Task<Lease> RenewAsync(Lease lease, CancellationToken cancellationToken)
    {
        var spec = (lease.Spec ?? new()) with { HolderIdentity = identity, RenewTime = Now() };
        return api.ReplaceAsync($"{Collection}/{Name}", lease with { Spec = spec }, WatcherJson.Default.Lease, cancellationToken);
    }

    private Silence Limit(CancellationToken cancellationToken) => new(Patience, time, cancellationToken);

    private static bool Passes(Exception e, CancellationToken cancellationToken) =>
        e is KubernetesException or HttpRequestException or System.Text.Json.JsonException
        || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private async Task<Lease?> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var limit = Limit(cancellationToken);
            return await api.FindAsync($"{Collection}/{Name}", WatcherJson.Default.Lease, limit.Token);
        }
        catch (Exception e) when (Passes(e, cancellationToken))
        {
            return null;
        }
    }

    private bool IsFree(Lease lease)
    {
        if (lastChange.Version != lease.Metadata.ResourceVersion)
            lastChange = (lease.Metadata.ResourceVersion, time.GetTimestamp());
        untilFree = TimeSpan.FromSeconds(lease.Spec?.LeaseDurationSeconds ?? Duration.TotalSeconds) - time.GetElapsedTime(lastChange.At);
        return lease.Spec is null
            || string.IsNullOrEmpty(lease.Spec.HolderIdentity)
            || lease.Spec.HolderIdentity == identity
            || IsOfAFormerRemoval(lease.Spec)
            || untilFree <= TimeSpan.Zero;
    }

    // Nobody renews that one, and an operator that is installed again long afterwards is not to wait for it. The clocks of two machines are
    // compared here alone, and two leaders would do no harm.
    private bool IsOfAFormerRemoval(LeaseSpec spec) =>
        spec.HolderIdentity == Removal.Holder
        && DateTimeOffset.TryParse(spec.RenewTime, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var taken)
        && time.GetUtcNow() - taken > TimeSpan.FromSeconds(spec.LeaseDurationSeconds ?? 0);

    private Task<Lease> TakeAsync(Lease? free, CancellationToken cancellationToken)
    {
        var spec = new LeaseSpec
        {
            HolderIdentity = identity,
            LeaseDurationSeconds = (int)Duration.TotalSeconds,
            AcquireTime = Now(),
            RenewTime = Now(),
            LeaseTransitions = (free?.Spec?.LeaseTransitions ?? -1) + 1,
        };
        return free is null
            ? api.CreateAsync(
                Collection,
                new Lease("coordination.k8s.io/v1", "Lease", new(Name, options.Namespace, null), spec),
                WatcherJson.Default.Lease,
                cancellationToken)
            : api.ReplaceAsync($"{Collection}/{Name}", free with { Spec = spec }, WatcherJson.Default.Lease, cancellationToken);
    }

    /// <summary>A time as leases have it.</summary>
    public static string TimeOf(DateTimeOffset time) => time.UtcDateTime.ToString(MicroTime, CultureInfo.InvariantCulture);

    private string Now() => TimeOf(time.GetUtcNow());
}
