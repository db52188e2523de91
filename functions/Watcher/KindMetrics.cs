using IoFog.Operator.Kubernetes;
using Prometheus;

namespace IoFog.Operator.Watcher;

/// <summary>The metrics of one kind.</summary>
internal sealed class KindMetrics(Kind kind)
{
    private readonly Counter.Child[] events = [.. Enum.GetValues<WatchKind>().Select(how => Metrics.WatchEvents.WithLabels(kind.Name, how.ToString()))];
    private readonly Counter.Child[] sends = [.. Enum.GetValues<DueReason>().Select(reason => Metrics.Sends.WithLabels(kind.Name, reason.ToString()))];

    public Counter.Child Relists { get; } = Metrics.Relists.WithLabels(kind.Name);

    public Counter.Child Resends { get; } = Metrics.Resends.WithLabels(kind.Name);

    public Counter.Child SendErrors { get; } = Metrics.SendErrors.WithLabels(kind.Name);

    public Counter.Child Takeovers { get; } = Metrics.Takeovers.WithLabels(kind.Name);

    public Counter.Child Adds { get; } = Metrics.Adds.WithLabels(kind.Lower);

    public Counter.Child Retries { get; } = Metrics.Retries.WithLabels(kind.Lower);

    public Gauge.Child Poison { get; } = Metrics.Poison.WithLabels(kind.Name);

    public Histogram.Child EventToMessage { get; } = Metrics.EventToMessage.WithLabels(kind.Name);

    private readonly Histogram.Child messageToStatus = Metrics.MessageToStatus.WithLabels(kind.Name);
    private readonly Histogram.Child queueDuration = Metrics.QueueDuration.WithLabels(kind.Lower);
    private readonly Histogram.Child workDuration = Metrics.WorkDuration.WithLabels(kind.Lower);
    private readonly Counter.Child errors = Metrics.ReconcileErrors.WithLabels(kind.Lower);
    private readonly Counter.Child terminalErrors = Metrics.TerminalErrors.WithLabels(kind.Lower);

    public void EventReceived(WatchKind how) => events[(int)how].Inc();

    /// <summary>A change was put on the queue.</summary>
    public void Sent(Send send, DateTimeOffset now)
    {
        sends[(int)send.Change.Reason].Inc();
        Adds.Inc();
        EventToMessage.Observe(Math.Max(0, (now - send.Since).TotalSeconds));
        if (send.Again)
            Resends.Inc();
        if (send.Change.Reason == DueReason.Retry)
            Retries.Inc();
        if (send.Change.Reason == DueReason.Takeover)
            Takeovers.Inc();
    }

    /// <summary>A change shows its first sign of work.</summary>
    public void Begun(TimeSpan waited) => queueDuration.Observe(Math.Max(0, waited.TotalSeconds));

    /// <summary>A claim has ended.</summary>
    public void Worked(TimeSpan took) => workDuration.Observe(Math.Max(0, took.TotalSeconds));

    /// <summary>A change was answered by a status.</summary>
    public void Answered(TimeSpan took) => messageToStatus.Observe(Math.Max(0, took.TotalSeconds));

    /// <summary>A turn has ended.</summary>
    public void Ended(TurnResult result)
    {
        Metrics.Reconciles.WithLabels(kind.Lower, result.Name).Inc();
        if (result.Name == TurnResult.Error)
            errors.Inc();
        if (result.IsTerminal)
            terminalErrors.Inc();
    }
}
