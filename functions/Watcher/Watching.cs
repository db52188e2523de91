namespace IoFog.Operator.Watcher;

/// <summary>The table with a lock around it and a signal that something in it changed.</summary>
internal sealed class Watching(DueTable table, TimeProvider time) : IDisposable
{
    private readonly Lock gate = new();
    private readonly SemaphoreSlim signal = new(0, 1);

    /// <summary>Tells the table something; whoever waits is woken.</summary>
    public void Tell(Action<DueTable, DateTimeOffset> what)
    {
        lock (gate)
        {
            what(table, time.GetUtcNow());
            if (signal.CurrentCount == 0)
                signal.Release();
        }
    }

    /// <summary>Asks the table something.</summary>
    public T Ask<T>(Func<DueTable, DateTimeOffset, T> what)
    {
        lock (gate)
            return what(table, time.GetUtcNow());
    }

    /// <summary>Waits until somebody tells something, or until that time.</summary>
    public async Task WaitAsync(DateTimeOffset? until, CancellationToken cancellationToken)
    {
        if (until is null)
        {
            await signal.WaitAsync(cancellationToken);
            return;
        }

        var delay = until.Value - time.GetUtcNow();
        if (delay <= TimeSpan.Zero)
            return;
        using var waited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var told = signal.WaitAsync(waited.Token);
        var timer = Task.Delay(delay < Longest ? delay : Longest, time, waited.Token);
        await Task.WhenAny(told, timer);
        await waited.CancelAsync();
        try
        {
            await told;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // the timer came first
        }
    }

    public void Dispose() => signal.Dispose();

    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
}
