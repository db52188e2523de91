using System.Diagnostics;
using System.Threading.Channels;
using Azure;
using IoFog.Operator.Changes;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Watcher;

/// <summary>Takes what is due out of the table and puts it on the queues. Slow or absent storage delays nobody who watches.</summary>
internal sealed class SendLoop(Watching watching, IReadOnlyDictionary<Kind, ChangeQueue> queues, TimeProvider time, ILogger<SendLoop> logger)
{
    private const int SendersPerQueue = 4;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly Dictionary<Kind, Channel<Send>> waiting = queues.Keys.ToDictionary(kind => kind, _ => Channel.CreateUnbounded<Send>());

    public Task RunAsync(CancellationToken cancellationToken)
    {
        var senders = queues.SelectMany(queue => Enumerable.Range(0, SendersPerQueue)
            .Select(_ => SendAsync(queue.Value, waiting[queue.Key].Reader, cancellationToken)));
        return Task.WhenAll([TakeAsync(cancellationToken), .. senders]);
    }

    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var send in watching.Ask((table, now) => table.TakeDue(now)))
                await waiting[send.Row.Kind].Writer.WriteAsync(send, cancellationToken);
            var retry = await CheckAsync(cancellationToken);
            var next = watching.Ask((table, _) => table.NextTimer);
            await watching.WaitAsync(retry is null || next < retry ? next : retry, cancellationToken);
        }
    }

    /// <summary>Looks once at the head of each queue that may have lost a message.</summary>
    /// <returns>When to try again, if the storage did not answer.</returns>
    private async Task<DateTimeOffset?> CheckAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset? retry = null;
        foreach (var kind in watching.Ask((table, now) => table.NeedsCheck(now)))
        {
            try
            {
                var oldest = await queues[kind].PeekOldestAsync(cancellationToken);
                watching.Tell((table, now) => table.Checked(kind, oldest, now));
                Metrics.Of(kind).Poison.Set(await queues[kind].CountPoisonAsync(cancellationToken));
            }
            catch (Exception e) when (IsStorage(e, cancellationToken))
            {
                Log.StorageAway(logger, kind.Queue, e);
                retry = time.GetUtcNow() + RetryAfter;
            }
        }

        return retry;
    }

    private async Task SendAsync(ChangeQueue queue, ChannelReader<Send> sends, CancellationToken cancellationToken)
    {
        await foreach (var send in sends.ReadAllAsync(cancellationToken))
        {
            using var activity = Traces.Begin(send);
            var change = send.Change with { TraceParent = activity?.Id ?? Traces.NewParent() };
            using var scope = logger.BeginScope(new ChangeScope(change));
            try
            {
                var putAt = await queue.SendAsync(change, cancellationToken);
                watching.Ask((_, _) =>
                {
                    DueTable.Sent(send, putAt);
                    return true;
                });
                Metrics.Of(queue.Kind).Sent(send, time.GetUtcNow());
                Log.ChangeSent(logger, queue.Kind.Name, change.Key, change.Reason, change.Turn);
            }
            catch (Exception e) when (IsStorage(e, cancellationToken))
            {
                Log.StorageAway(logger, queue.Kind.Queue, e);
                activity?.SetStatus(ActivityStatusCode.Error);
                Metrics.Of(queue.Kind).SendErrors.Inc();
                await CreateIfMissingAsync(queue, e, cancellationToken);
                watching.Tell((table, now) => table.NotSent(send, now + RetryAfter));
            }
        }
    }

    private async Task CreateIfMissingAsync(ChangeQueue queue, Exception e, CancellationToken cancellationToken)
    {
        if (e is not RequestFailedException { Status: 404 })
            return;
        try
        {
            await queue.EnsureExistsAsync(cancellationToken);
        }
        catch (Exception again) when (IsStorage(again, cancellationToken))
        {
            Log.StorageAway(logger, queue.Kind.Queue, again);
        }
    }

    // The storage client gives up on silence with a cancellation of its own, or with all its tries in one exception.
    private static bool IsStorage(Exception e, CancellationToken cancellationToken) =>
        e is RequestFailedException or AggregateException or IOException
        || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
