namespace IoFog.Operator.Watcher;

/// <summary>Everything that runs while this watcher leads.</summary>
internal sealed class WatcherLoops(Watches watches, SendLoop send, ControllerPoll poll, FinalizerRelease release, LeaderEndpoint endpoint)
{
    /// <summary>Runs until it is cancelled, or one loop fails.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Task[] all =
        [
            .. watches.Run(cancellationToken),
            send.RunAsync(cancellationToken),
            poll.RunAsync(cancellationToken),
            release.RunAsync(cancellationToken),
            endpoint.RunAsync(cancellationToken),
        ];
        await foreach (var ended in Task.WhenEach(all).WithCancellation(cancellationToken))
            await ended;
    }
}
