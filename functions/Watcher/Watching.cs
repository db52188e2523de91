namespace IoFog.Operator.Watcher;

/// <summary>The table with a lock around it and a signal that something in it changed.</summary>
internal sealed class Watching(DueTable table, TimeProvider time, ILogger<Watching> logger) : IDisposable
{
    /// <summary>Smaller corrections of the clock are left alone: a claim lasts seconds longer than its work.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    /// <summary>So that a clock which is set forward is noticed soon.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly SemaphoreSlim signal = new(0, 1);
    private (DateTimeOffset Clock, long Steady) last = (time.GetUtcNow(), time.GetTimestamp());

    /// <summary>Tells the table something; whoever waits is woken.</summary>
    public void Tell(Action<DueTable, DateTimeOffset> what)
    {
        lock (gate)
        {
            what(table, Now());
            if (signal.CurrentCount == 0)
                signal.Release();
        }
    }

    /// <summary>Asks the table something.</summary>
    public T Ask<T>(Func<DueTable, DateTimeOffset, T> what)
    {
        lock (gate)
            return what(table, Now());
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

    private DateTimeOffset Now()
    {
        var now = (Clock: time.GetUtcNow(), Steady: time.GetTimestamp());
        var by = now.Clock - last.Clock - time.GetElapsedTime(last.Steady, now.Steady);
        last = now;
        if (by.Duration() > Tolerance)
        {
            Log.ClockSet(logger, by.TotalSeconds);
            table.ClockSet(by);
        }

        return now.Clock;
    }
}
