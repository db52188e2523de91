using System.Diagnostics;
using System.Threading.Channels;
using Azure;
using IoFog.Operator.Changes;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Watcher;

/// <summary>
/// Takes what is due out of the table and puts it on the queues. Slow or absent storage delays nobody who watches, and one queue no other.
/// </summary>
internal sealed class SendLoop(Watching watching, IReadOnlyDictionary<Kind, ChangeQueue> queues, TimeProvider time, ILogger<SendLoop> logger)
{
    private const int SendersPerQueue = 4;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly Dictionary<Kind, Channel<Send>> waiting = queues.Keys.ToDictionary(kind => kind, _ => Channel.CreateUnbounded<Send>());
    private readonly Dictionary<Kind, Channel<bool>> looks = queues.Keys.ToDictionary(kind => kind, _ => Channel.CreateUnbounded<bool>());
    private readonly HashSet<Kind> looking = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Task[] all =
        [
            TakeAsync(cancellationToken),
            .. queues.Values.Select(queue => LookAsync(queue, cancellationToken)),
            .. queues.SelectMany(queue => Enumerable.Range(0, SendersPerQueue)
                .Select(_ => SendAsync(queue.Value, waiting[queue.Key].Reader, cancellationToken))),
        ];
        await await Task.WhenAny(all); // none ends but by a fault
    }

    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var send in watching.Ask((table, now) => table.TakeDue(now)))
                await waiting[send.Row.Kind].Writer.WriteAsync(send, cancellationToken);
            foreach (var kind in watching.Ask((table, now) => table.NeedsCount.Union(table.NeedsCheck(now)).Where(looking.Add).ToArray()))
                await looks[kind].Writer.WriteAsync(true, cancellationToken);

            await watching.WaitAsync(watching.Ask((table, _) => table.NextTimer), cancellationToken);
        }
    }

    /// <summary>Looks into a queue that may hold what an earlier watcher sent, or may have lost a message.</summary>
    private async Task LookAsync(ChangeQueue queue, CancellationToken cancellationToken)
    {
        await foreach (var _ in looks[queue.Kind].Reader.ReadAllAsync(cancellationToken))
        {
            await LookOnceAsync(queue, cancellationToken);
            watching.Tell((_, _) => looking.Remove(queue.Kind)); // to see what came of it, or to look again
        }
    }

    private async Task LookOnceAsync(ChangeQueue queue, CancellationToken cancellationToken)
    {
        try
        {
            if (watching.Ask((table, _) => table.NeedsCount.Contains(queue.Kind)))
            {
                await queue.EnsureExistsAsync(cancellationToken);
                var count = await queue.CountAsync(cancellationToken);
                watching.Ask((table, now) =>
                {
                    table.Counted(queue.Kind, count == 0, now);
                    return true;
                });
            }
            else
            {
                var oldest = await queue.PeekOldestAsync(cancellationToken);
                watching.Ask((table, now) =>
                {
                    table.Checked(queue.Kind, oldest, now);
                    return true;
                });
            }

            Metrics.Of(queue.Kind).Poison.Set(await queue.CountPoisonAsync(cancellationToken));
        }
        catch (Exception e) when (IsStorage(e, cancellationToken))
        {
            Log.StorageAway(logger, queue.Kind.Queue, e);
            await CreateIfMissingAsync(queue, e, cancellationToken);
            await Task.Delay(RetryAfter, time, cancellationToken);
        }
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
                await Task.Delay(RetryAfter, time, cancellationToken); // what else waits would fail as well
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
