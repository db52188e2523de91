namespace IoFog.Operator.Watcher;

/// <summary>Leads when it may, and runs the loops while it does.</summary>
internal sealed class Leading(
    LeaderElection election,
    WatcherLoops loops,
    FinalizerRelease release,
    LeaderEndpoint endpoint,
    WatcherOptions options,
    IHostApplicationLifetime lifetime,
    ILogger<Leading> logger)
    : BackgroundService
{
    private bool led;

    /// <summary>True while this watcher leads.</summary>
    public bool IsLeader { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var leading = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        try
        {
            if (options.LeaderElection)
                await election.AcquireAsync(stoppingToken);
            IsLeader = led = true;
            var work = loops.RunAsync(leading.Token);
            var lease = options.LeaderElection ? election.HoldAsync(leading.Token) : Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, leading.Token);
            await await Task.WhenAny(work, lease);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            Log.LoopFailed(logger, e);
        }
        finally
        {
            IsLeader = false;
            await leading.CancelAsync();
        }

        // Neither the lease nor the loops end by themselves: start again from nothing, as another process.
        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (led)
            await endpoint.WithdrawAsync(cancellationToken); // before the lease goes, else it could undo what the next leader writes
        if (options.LeaderElection)
            await election.ReleaseAsync(cancellationToken); // now: a standby waits for it, and what follows may take long
        await release.FinishAsync(cancellationToken);
    }
}
