using System.Text.Json;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Watcher;

/// <summary>
/// Looks at the Controller, for live state and drift. A Controller that is slow or away delays nothing else. Its lists cost it milliseconds per
/// element, and everybody else waits meanwhile: so applications are read one by one, a look reads only as much as its share of time allows, and
/// the next one goes on where it stopped. There are no pages: the list of agents is one answer, of three seconds for a thousand of them, and the
/// wait after it is as much longer.
/// </summary>
internal sealed class ControllerPoll(
    ControllerConnection connection, WatcherOptions options, Watching watching, TimeProvider time, ILogger<ControllerPoll> logger)
{
    /// <summary>How much of the Controller's time all looks together may take.</summary>
    public const double Share = 0.03;

    private static readonly TimeSpan LeastBudget = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan LongestAway = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Suspicion = TimeSpan.FromMilliseconds(500);

    private readonly PollRound round = new([.. Kinds.All.Select(kind => kind.Entry?.List).OfType<string>().Distinct()], time);
    private readonly EdgeResourceContent edgeResources = new();
    private bool reached;
    private ulong epoch;
    private bool alone;

    /// <summary>After so long a look begins nothing more.</summary>
    internal TimeSpan Budget => Shortest * Share > LeastBudget ? Shortest * Share : LeastBudget;

    private TimeSpan Shortest => TimeSpan.FromSeconds(options.ControllerPollSeconds);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (Shortest <= TimeSpan.Zero)
        {
            if (!connection.IsGiven)
                watching.Tell((table, _) => table.ControllerLost(withControlPlane: true)); // nobody looks: without a control plane there is none
            return;
        }

        while (true)
        {
            var began = time.GetTimestamp();
            await LookAsync(Budget, cancellationToken);
            var took = time.GetElapsedTime(began);
            Metrics.Polls.Observe(took.TotalSeconds);
            var interval = IntervalAfter(took);
            Metrics.ControllerUp.Set(reached ? 1 : 0);
            Metrics.PollInterval.Set(interval.TotalSeconds);
            await WaitAsync(interval, cancellationToken);
        }
    }

    /// <summary>Until the next look.</summary>
    /// <param name="took">The last one.</param>
    internal TimeSpan IntervalAfter(TimeSpan took)
    {
        // To wait for one that is gone costs it nothing.
        var interval = reached || took / Share < LongestAway ? took / Share : LongestAway;
        return interval > Shortest ? interval : Shortest;
    }

    internal async Task LookAsync(TimeSpan budget, CancellationToken cancellationToken)
    {
        try
        {
            ForgetControlPlane();
            watching.Tell((table, _) => table.LookBegins());
            var client = await connection.OpenAsync(options.Namespace, cancellationToken);
            await client.GetStatusAsync(cancellationToken);
            if (!await SeeControllerAsync(client, cancellationToken))
                return;
            await SeeEntriesAsync(client, budget, cancellationToken);
            if (!reached)
                Log.ControllerReached(logger, client.Endpoint);
            if (!reached || watching.Ask((table, _) => table.ControllerSuspected))
                epoch = Seen.Hash($"{options.Namespace}/{time.GetUtcNow():O}");
            reached = true;
            watching.Tell((table, _) => table.ControllerReached(epoch));
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever a Controller answers: watch and queues go on.
            if (reached)
                Log.ControllerLost(logger, e.Message);
            reached = false;
            connection.Forget(options.Namespace);
            watching.Tell((table, _) => table.ControllerLost(e is ControllerUnavailableException { IsGone: true }));
        }
    }

    /// <summary>The control plane that has just gone takes its Controller's address along.</summary>
    private void ForgetControlPlane()
    {
        var before = alone;
        alone = watching.Ask((table, _) => table.HasNoControlPlane);
        if (alone && !before)
            connection.Forget(options.Namespace);
    }

    /// <summary>Reads on in the round of all lists and applications, until the budget is spent or the round is complete.</summary>
    private async Task SeeEntriesAsync(ControllerClient client, TimeSpan budget, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        round.Begin();
        var moving = watching.Ask((table, _) => table.ApplicationsInMotion);
        while (round.Next(watching.Ask((table, _) => table.Applications), moving) is { } path)
        {
            await TrySeeAsync(client, path, cancellationToken);
            if (time.GetElapsedTime(began) >= budget)
                break;
        }

        Metrics.Round.Set(round.Duration.TotalSeconds);
        Metrics.Unreadable.Set(round.Failed);
    }

    /// <summary>What the Controller can't show is unknown, and the rest goes on.</summary>
    private async Task TrySeeAsync(ControllerClient client, string path, CancellationToken cancellationToken)
    {
        Exception why;
        try
        {
            await SeeAsync(client, path, cancellationToken);
            if (round.Ends(isGood: true))
                Log.EntriesSeenAgain(logger, path);
            return;
        }
        catch (Exception e) when (e is ControllerException or JsonException or InvalidOperationException)
        {
            why = e;
        }
        catch (ControllerUnavailableException e) when (e.InnerException is not ControllerException)
        {
            await client.GetStatusAsync(cancellationToken); // if this is not answered either, it is gone
            why = e;
        }

        if (round.Ends(isGood: false))
            Log.EntriesUnseen(logger, path, why.Message);
        watching.Tell((table, _) =>
        {
            if (PollRound.ApplicationOf(path) is { } name)
                table.ApplicationUnseen(name);
            foreach (var kind in Kinds.All.Where(kind => kind.Entry?.List == path))
                table.EntriesUnseen(kind);
        });
    }

    private async Task SeeAsync(ControllerClient client, string path, CancellationToken cancellationToken)
    {
        watching.Tell((table, _) => table.LookBegins());
        if (PollRound.ApplicationOf(path) is not { } name)
        {
            using var list = JsonDocument.Parse(await client.GetListAsync(path, cancellationToken));
            foreach (var kind in Kinds.All.Where(kind => kind.Entry?.List == path))
            {
                var entries = EntryContent.Read(kind, list.RootElement);
                if (kind == Kinds.Agent)
                    edgeResources.SeeAgents(list.RootElement);
                else if (kind == Kinds.EdgeResource)
                    await edgeResources.AddAsync(client, list.RootElement, entries, cancellationToken);
                watching.Tell((table, _) => table.EntriesSeen(kind, entries));
            }

            return;
        }

        var content = ApplicationContent.Absent;
        if (await client.FindApplicationBodyAsync(name, cancellationToken) is { } body)
        {
            using var application = JsonDocument.Parse(body);
            content = EntryContent.ReadApplication(name, application.RootElement);
        }

        watching.Tell((table, _) => table.ApplicationSeen(name, content));
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

    // Somebody who has just begun to wait for the Controller may have seen an outage that this loop would miss. And what has lost its control
    // plane is to be told soon.
    private async Task WaitAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (!watching.Ask((table, _) => (reached && table.ControllerSuspected) || (!alone && table.HasNoControlPlane)))
        {
            var left = interval - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
                return;
            await Task.Delay(left < Suspicion ? left : Suspicion, time, cancellationToken);
        }
    }
}
