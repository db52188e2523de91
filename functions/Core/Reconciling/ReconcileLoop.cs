using System.Net;
using System.Text.Json;
using IoFog.Operator.Changes;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;
using Microsoft.Extensions.Logging;

namespace IoFog.Operator.Reconciling;

/// <summary>Handles the changes of one kind, whatever its spec and status are.</summary>
public abstract class ReconcileLoop
{
    public abstract Kind Kind { get; }

    /// <summary>The only namespace whose objects are touched, whoever put a message into the queue; null for any.</summary>
    public string? Namespace { get; init; }

    /// <summary>Called with a namespace that has lost its control plane, before anything is done there.</summary>
    public Action<string>? ControlPlaneLost { get; init; }

    /// <summary>Handles one message of the kind's queue. It returns when the message is done with, whatever came of it.</summary>
    /// <exception cref="MalformedChangeException">The text is not a change of this kind: the only failure there is.</exception>
    public abstract Task HandleAsync(string message, CancellationToken cancellationToken);
}

/// <summary>
/// The only place that knows messages, claims, finalizers, turns, conditions and back-off. Each message that finds its object due
/// ends in one patch after which the object is not due any more.
/// </summary>
internal sealed class ReconcileLoop<TSpec, TStatus>(
    ResourceStore<TSpec, TStatus> store,
    IReconciler<TSpec, TStatus> reconciler,
    KubernetesEvents events,
    TimeProvider time,
    ILogger<ReconcileLoop> logger) : ReconcileLoop
    where TSpec : class
    where TStatus : Status, new()
{
    /// <summary>Longer than this nobody waits for an API server that is away, hangs or asks for patience: the object is still due.</summary>
    private static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(5);

    public override Kind Kind => store.Kind;

    public override async Task HandleAsync(string message, CancellationToken cancellationToken)
    {
        var change = Change.Parse(message);
        if (change.Kind != Kind)
            throw new MalformedChangeException($"type names the kind {change.Kind}, but this queue is for {Kind}");
        if (Namespace is not null && change.Key.Namespace != Namespace)
            throw new MalformedChangeException($"subject names the namespace {change.Key.Namespace}, but WATCH_NAMESPACE is {Namespace}");
        using var scope = logger.BeginScope(new ChangeScope(change));
        using var measurement = Measurement.Begin(change, time);
        try
        {
            measurement.Result = await ReadAsync(change.Key, cancellationToken) is { } held
                ? await HandleAsync(change, held, cancellationToken)
                : await Drop("the object is gone");
        }
        catch (TurnLostException e)
        {
            measurement.Result = "lost";
            Log.TurnLost(logger, e.Message);
        }
        catch (UnreadableException e)
        {
            measurement.Result = await RefuseAsync(change, e, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or KubernetesException or IOException)
        {
            measurement.Result = "away";
            Log.KubernetesAway(logger, e);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            measurement.Result = "error";
            Log.ReconcileFailed(logger, e); // the message is fine: it must not end as poison, and the object stays due
        }
    }

    /// <summary>An object that can't even be read is refused like any spec that can't work, so that it is not due for ever.</summary>
    private async Task<string> RefuseAsync(Change change, UnreadableException unreadable, CancellationToken cancellationToken)
    {
        var watched = unreadable.Watched;
        var isTakeover = change.Reason == DueReason.Takeover && watched.ClaimTurn == change.Turn;
        if (watched.Uid != change.Uid || (watched.ClaimTurn != 0 && !isTakeover)
            || (!isTakeover && (watched.Turn != change.Turn || Due.Evaluate(watched, change.Seen, change.Time) == DueReason.None)))
            return await Drop(unreadable.Message);

        try
        {
            await store.RefuseAsync(unreadable, change.Seen, time.GetUtcNow(), cancellationToken);
            Log.ObjectRefused(logger, unreadable.Message);
            return "error";
        }
        catch (Exception e) when (e is HttpRequestException or KubernetesException or IOException)
        {
            Log.KubernetesAway(logger, e);
            return "away";
        }
    }

    /// <returns>What came of it, as metrics call it.</returns>
    private Task<string> HandleAsync(Change change, Held<TSpec, TStatus> held, CancellationToken cancellationToken)
    {
        var watched = held.Watched;
        if (watched.Uid != change.Uid)
            return Drop("the object is another one of that name");
        if (change.Reason == DueReason.Takeover)
        {
            return watched.ClaimTurn != 0 && watched.ClaimTurn == change.Turn
                ? TakeOverAsync(change, held, cancellationToken)
                : Drop("the claim that ran out is gone");
        }

        // What was due then was done, or the watcher judges afresh by the turn that it sees. An old message would only bring back what was seen then.
        if (watched.Turn != change.Turn)
            return Drop("the object has had another turn since");
        if (watched.ClaimTurn != 0)
            return Drop("another handler has claimed the object");
        if (Due.Evaluate(watched, change.Seen, change.Time) == DueReason.None)
            return Drop("nothing is due");
        if (change.Seen.Controller == Seen.NoControlPlane)
            ControlPlaneLost?.Invoke(change.Key.Namespace);
        if (watched.Deleting)
            return DeleteAsync(change, held, cancellationToken);
        return watched.Paused ? PauseAsync(held, cancellationToken) : ReconcileAsync(change, held, cancellationToken);
    }

    private Task<string> Drop(string why)
    {
        Log.ChangeDropped(logger, why);
        return Task.FromResult("dropped");
    }

    private async Task<string> ReconcileAsync(Change change, Held<TSpec, TStatus> held, CancellationToken cancellationToken)
    {
        var writes = new TurnWrites<TSpec, TStatus>(store, held, time);
        var turn = writes.Begin(change.Seen);
        Outcome outcome;
        if (BelongsToAnother(change, held.Watched))
        {
            if (held.Watched.HasFinalizer)
                await writes.WriteAsync((now, token) => store.SetFinalizerAsync(now, present: false, token), cancellationToken);
            var owner = await store.FindNameAsync(held.Resource.Key.Namespace, change.Seen.Owner, cancellationToken);
            outcome = Outcome.Refused(
                Reasons.NameTaken,
                $"{Kind} {owner ?? "(just deleted)"} was created earlier and stands for the same entry in the Controller; nothing was done for this one");
        }
        else
        {
            outcome = await RunAsync(() => reconciler.ReconcileAsync(turn, cancellationToken), held.Watched, cancellationToken);
        }

        // What settled without a write was there already: from now on the object stands for it, and takes it along when it goes.
        if ((outcome is Outcome.SettledOutcome || turn.Adopted) && !turn.Claimed && !held.Watched.HasFinalizer)
            await writes.WriteAsync((now, token) => store.SetFinalizerAsync(now, present: true, token), cancellationToken);
        await ConcludeAsync(writes, turn, outcome, change, cancellationToken);
        return Measurement.ResultOf(outcome);
    }

    private async Task<string> DeleteAsync(Change change, Held<TSpec, TStatus> held, CancellationToken cancellationToken)
    {
        var writes = new TurnWrites<TSpec, TStatus>(store, held, time);
        var turn = writes.Begin(change.Seen);
        Outcome outcome;
        if (held.Watched.Paused)
        {
            turn.Tell(Reasons.Orphaned, "Let go while paused: what it stood for was left as it is");
            outcome = Outcome.Gone;
        }
        else if (BelongsToAnother(change, held.Watched))
        {
            outcome = Outcome.Gone;
        }
        else
        {
            outcome = await RunAsync(() => reconciler.DeleteAsync(turn, cancellationToken), held.Watched, cancellationToken);
            if (outcome is Outcome.RefusedOutcome refused)
                outcome = Outcome.Later(refused.Reason, refused.Message); // a deletion always finishes
        }

        if (outcome is not Outcome.SettledOutcome)
        {
            await ConcludeAsync(writes, turn, outcome, change, cancellationToken);
            return Measurement.ResultOf(outcome);
        }

        // Told before the last finalizer goes: afterwards there may be no namespace to tell it in.
        await TellAsync(held.Resource.Metadata, turn.Notes, cancellationToken);
        var after = await writes.WriteAsync((now, token) => store.SetFinalizerAsync(now, present: false, token), cancellationToken);
        if (after.Watched.ClaimTurn != 0 && after.Resource.Metadata.Finalizers is { Count: > 0 })
        {
            await writes.WriteAsync(
                (now, token) => store.WriteStatusAsync(now, (TStatus)(now.Resource.Status! with { Claim = null, Turn = writes.NextTurn }), token),
                cancellationToken);
        }

        Log.TurnEnded(logger, writes.Turn, "let go");
        return Measurement.ResultOf(outcome);
    }

    private async Task<string> PauseAsync(Held<TSpec, TStatus> held, CancellationToken cancellationToken)
    {
        var writes = new TurnWrites<TSpec, TStatus>(store, held, time);
        await writes.WriteAsync(
            (now, token) => store.WriteStatusAsync(
                now, (TStatus)((now.Resource.Status ?? new TStatus()) with { Paused = true, Turn = writes.NextTurn }), token),
            cancellationToken);
        await TellAsync(
            held.Resource.Metadata, [new(Reasons.Paused, $"Paused by the annotation {Names.Paused}; nothing happens until it goes", false)], cancellationToken);
        return "success";
    }

    private async Task<string> TakeOverAsync(Change change, Held<TSpec, TStatus> held, CancellationToken cancellationToken)
    {
        var writes = new TurnWrites<TSpec, TStatus>(store, held, time);
        var turn = writes.Begin(change.Seen);
        var outcome = Outcome.Later(
            Reasons.HandlerDied, $"The handler of turn {change.Turn} did not come back; it is tried again");
        await ConcludeAsync(writes, turn, outcome, change, cancellationToken);
        Log.TakenOver(logger, change.Turn);
        return Measurement.ResultOf(outcome);
    }

    /// <summary>Runs a reconciler. Whatever it throws becomes an outcome, so that a bug in one kind backs off and shows.</summary>
    private async Task<Outcome> RunAsync(Func<Task<Outcome>> run, Watched before, CancellationToken cancellationToken)
    {
        try
        {
            return await run();
        }
        catch (ControllerUnavailableException e)
        {
            // What the Controller has once held, which our finalizer shows, has lost it; what it never held still waits for it.
            return Outcome.Wait(e.WaitingFor, e.Message, e.IsGone && before.HasFinalizer ? Reasons.ControlPlaneGone : Reasons.WaitingForDependency);
        }
        catch (Exception e) when (e is not TurnLostException && !cancellationToken.IsCancellationRequested)
        {
            Log.ReconcileFailed(logger, e);
            return Outcome.Later(Reasons.ReconcileFailed, e is KubernetesException or ControllerException or TimeoutException
                ? e.Message
                : $"{e.GetType().Name}; the app's log says more");
        }
    }

    private async Task ConcludeAsync(
        TurnWrites<TSpec, TStatus> writes, Turn<TSpec, TStatus> turn, Outcome outcome, Change change, CancellationToken cancellationToken)
    {
        var before = turn.Resource.Status;
        string[] open = [.. turn.Asked.Intersect(reconciler.Commands)];
        foreach (var command in Conclusion.Defers(outcome) ? [] : open)
            turn.Deny(command, "the object can't be worked on as it is");
        var status = Conclusion.Of(turn.Status, outcome, change, writes.Read.Watched, turn.Resource.Metadata, turn.Claimed, open, time.GetUtcNow());
        try
        {
            await writes.WriteAsync(
                (now, token) => store.WriteStatusAsync(now, (TStatus)(status with { Turn = writes.NextTurn }), token), cancellationToken);
        }
        catch (KubernetesException e) when (e.IsFinal)
        {
            Log.StatusRejected(logger, e);
            var ready = new Condition
            {
                Type = Names.Ready,
                Status = "False",
                Reason = Reasons.StatusRejected,
                Message = $"The API server rejected the status ({e.Reason}); do the CRDs belong to this version of the operator?",
                LastTransitionTime = time.GetUtcNow(),
            };
            await writes.WriteAsync(
                (now, token) => store.WriteMinimalStatusAsync(
                    now, status with { Turn = writes.NextTurn, NextReconcileTime = time.GetUtcNow() + BackOff.WhileWaiting(1) }, ready, token),
                cancellationToken);
        }

        Log.TurnEnded(logger, writes.Turn, outcome.GetType().Name);
        await TellAsync(turn.Resource.Metadata, [.. turn.Notes, .. Transitions(before, status)], cancellationToken);
    }

    // A change of what the conditions say, or one more failed try, is what people want to read about.
    private static IEnumerable<Note> Transitions(Status? before, Status after)
    {
        var (was, now) = (Conditions.Find(before?.Conditions, Names.Ready), Conditions.Find(after.Conditions, Names.Ready)!);
        if (was?.Status != now.Status || was.Reason != now.Reason || before?.Attempts < after.Attempts)
            yield return new(now.Reason, now.Message.Length == 0 ? now.Reason : now.Message, IsTrouble(after));
    }

    private static bool IsTrouble(Status status) =>
        (status.Attempts > 0 && status.WaitingFor is null) || Conditions.Find(status.Conditions, Names.Stalled) is not null;

    private static bool BelongsToAnother(Change change, Watched watched) =>
        change.Seen.Owner != 0 && change.Seen.Owner != Seen.Hash(watched.Uid.ToString("D"));

    private async Task TellAsync(Metadata metadata, IEnumerable<Note> notes, CancellationToken cancellationToken)
    {
        foreach (var note in notes)
        {
            try
            {
                await events.WriteAsync(Kind, metadata, note.Warning, note.Reason, note.Message, cancellationToken);
            }
            catch (Exception e) when (e is KubernetesException or HttpRequestException)
            {
                Log.EventNotWritten(logger, e); // an Event is a courtesy: the status says the same
            }
        }
    }

    private async Task<Held<TSpec, TStatus>?> ReadAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await store.FindAsync(key, cancellationToken);
            }
            catch (Exception e) when (time.GetElapsedTime(began) < ReadPatience && e is HttpRequestException or KubernetesException { Code: >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests })
            {
                var asked = (e as KubernetesException)?.RetryAfter ?? TimeSpan.Zero;
                var delay = TimeSpan.FromMilliseconds(100 << tries);
                await Task.Delay(asked > ReadPatience ? ReadPatience : asked > delay ? asked : delay, time, cancellationToken);
            }
        }
    }
}
