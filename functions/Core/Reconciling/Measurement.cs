using System.Diagnostics;
using System.Diagnostics.Metrics;
using IoFog.Operator.Changes;

namespace IoFog.Operator.Reconciling;

/// <summary>One message in work, as traces and metrics see it. Names that controller-runtime has mean the same here.</summary>
internal sealed class Measurement : IDisposable
{
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60, 300],
    };

    private static readonly Histogram<double> ReconcileTime = Telemetry.Meter.CreateHistogram(
        "controller_runtime_reconcile_time", "s", "Time that a message takes in the app.", advice: Seconds);

    private static readonly UpDownCounter<long> ActiveWorkers = Telemetry.Meter.CreateUpDownCounter<long>(
        "controller_runtime_active_workers", description: "Messages in work.");

    private static readonly Counter<long> Results = Telemetry.Meter.CreateCounter<long>(
        "iofog_reconcile_results", description: "Messages by what came of them.");

    private static readonly Counter<long> ClaimConflicts = Telemetry.Meter.CreateCounter<long>(
        "iofog_claim_conflicts", description: "Turns given up because somebody else had one.");

    private static readonly Histogram<double> ChangeWait = Telemetry.Meter.CreateHistogram(
        "iofog_change_wait", "s", "From the watcher's message to its handler, by the clocks of both.", advice: Seconds);

    private readonly Activity? activity;
    private readonly KeyValuePair<string, object?> controller;
    private readonly KeyValuePair<string, object?> kind;
    private readonly TimeProvider time;
    private readonly long began;

    private Measurement(Change change, TimeProvider time)
    {
        this.time = time;
        began = time.GetTimestamp();
        controller = new("controller", change.Kind.Lower);
        kind = new("kind", change.Kind.Name);
        activity = Telemetry.Source.StartActivity(ActivityKind.Consumer, name: $"reconcile {change.Kind}", parentContext: ParentOf(change), tags: ChangeScope.TagsOf(change));
        ActiveWorkers.Add(1, controller);
        var waited = (time.GetUtcNow() - change.Time).TotalSeconds;
        ChangeWait.Record(waited > 0 ? waited : 0, kind);
    }

    /// <summary>What came of it: <c>success</c>, <c>error</c>, <c>requeue</c>, <c>requeue_after</c>, as in controller-runtime; or <c>dropped</c>, <c>lost</c>, <c>away</c>.</summary>
    public string Result { get; set; } = "error";

    public static Measurement Begin(Change change, TimeProvider time) => new(change, time);

    /// <summary>What controller-runtime would call this outcome.</summary>
    public static string ResultOf(Outcome outcome) => outcome switch
    {
        Outcome.SettledOutcome { CheckAgain: null } => "success",
        Outcome.ContinueOutcome => "requeue",
        Outcome.SettledOutcome or Outcome.LaterOutcome { WaitingFor: not null } or Outcome.LaterOutcome { Delay: not null } => "requeue_after",
        _ => "error",
    };

    public void Dispose()
    {
        ActiveWorkers.Add(-1, controller);
        ReconcileTime.Record(time.GetElapsedTime(began).TotalSeconds, controller);
        Results.Add(1, kind, new("result", Result));
        if (Result == "lost")
            ClaimConflicts.Add(1, kind);
        activity?.SetTag("iofog.result", Result);
        if (Result is "error" or "away")
            activity?.SetStatus(ActivityStatusCode.Error);
        activity?.Dispose();
    }

    // What cannot be read starts a trace of its own.
    private static ActivityContext ParentOf(Change change) =>
        ActivityContext.TryParse(change.TraceParent, null, isRemote: true, out var parent) ? parent : default;
}
