using System.Text.Json;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Watcher;

/// <summary>Looks at the Controller's lists, for live state and drift. A Controller that is slow or away delays nothing else.</summary>
internal sealed class ControllerPoll(
    ControllerConnection connection, WatcherOptions options, Watching watching, TimeProvider time, ILogger<ControllerPoll> logger)
{
    // Lists cost the Controller milliseconds per element, and everybody else waits meanwhile.
    private const double ShareOfItsTime = 0.03;
    private static readonly TimeSpan Suspicion = TimeSpan.FromMilliseconds(500);

    private readonly string[] lists = [.. Kinds.All.Select(kind => kind.Entry?.List).OfType<string>().Distinct()];
    private bool reached;
    private ulong epoch;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var shortest = TimeSpan.FromSeconds(options.ControllerPollSeconds);
        if (shortest <= TimeSpan.Zero)
            return;
        while (true)
        {
            var began = time.GetTimestamp();
            await LookAsync(cancellationToken);
            var took = time.GetElapsedTime(began);
            Metrics.Polls.Observe(took.TotalSeconds);
            var interval = took / ShareOfItsTime > shortest ? took / ShareOfItsTime : shortest;
            Metrics.ControllerUp.Set(reached ? 1 : 0);
            Metrics.PollInterval.Set(interval.TotalSeconds);
            await WaitAsync(interval, cancellationToken);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            watching.Tell((table, _) => table.LookBegins());
            var client = await connection.OpenAsync(options.Namespace, cancellationToken);
            await client.GetStatusAsync(cancellationToken);
            if (!await SeeControllerAsync(client, cancellationToken))
                return;
            foreach (var list in lists)
            {
                using var content = JsonDocument.Parse(await client.GetListAsync(list, cancellationToken));
                foreach (var kind in Kinds.All.Where(kind => kind.Entry?.List == list))
                {
                    var entries = EntryContent.Read(kind, content.RootElement);
                    watching.Tell((table, _) => table.EntriesSeen(kind, entries));
                }
            }

            if (!reached)
                Log.ControllerReached(logger, client.Endpoint);
            if (!reached || watching.Ask((table, _) => table.ControllerSuspected))
                epoch = Seen.Hash($"{options.Namespace}/{time.GetUtcNow():O}");
            reached = true;
            watching.Tell((table, _) => table.ControllerReached(epoch));
        }
        catch (Exception e) when (e is ControllerUnavailableException or ControllerException or JsonException
            or HttpRequestException or Kubernetes.KubernetesException)
        {
            if (reached)
                Log.ControllerLost(logger, e.Message);
            reached = false;
            connection.Forget(options.Namespace);
            watching.Tell((table, _) => table.ControllerLost());
        }
    }

    /// <summary>Tells what only a ControlPlane can put right: a Controller without our user, or without a default router.</summary>
    /// <returns>False when our user can't sign in, so that no list is to be had.</returns>
    private async Task<bool> SeeControllerAsync(ControllerClient client, CancellationToken cancellationToken)
    {
        try
        {
            var router = await client.FindDefaultRouterAsync(cancellationToken);
            watching.Tell((table, _) => table.ControllerSeen(Seen.Hash($"router {router}")));
            return true;
        }
        catch (ControllerUnavailableException e) when (e.InnerException is ControllerException)
        {
            if (reached)
                Log.ControllerLost(logger, e.Message);
            reached = false;
            connection.Forget(options.Namespace);
            watching.Tell((table, _) =>
            {
                table.ControllerSeen(Seen.Hash("no user"));
                table.EntriesLost();
            });
            return false;
        }
    }

    // Somebody who has just begun to wait for the Controller may have seen an outage that this loop would miss.
    private async Task WaitAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() + interval;
        while (time.GetUtcNow() < until && !(reached && watching.Ask((table, _) => table.ControllerSuspected)))
        {
            var left = until - time.GetUtcNow();
            if (left <= TimeSpan.Zero)
                return;
            await Task.Delay(left < Suspicion ? left : Suspicion, time, cancellationToken);
        }
    }
}
