using Prometheus;

namespace IoFog.Operator.Watcher;

/// <summary>What <c>/metrics</c> shows. Names that controller-runtime has mean the same here.</summary>
internal static class Metrics
{
    public static readonly Counter WatchEvents = Prometheus.Metrics.CreateCounter(
        "iofog_watch_events_total", "Objects received from the API server.", "kind", "type");

    public static readonly Counter Lists = Prometheus.Metrics.CreateCounter(
        "iofog_watch_lists_total", "Complete lists, the first one included.", "kind");

    public static readonly Counter Sends = Prometheus.Metrics.CreateCounter(
        "iofog_queue_sends_total", "Changes put on a queue.", "kind", "reason");

    public static readonly Counter SendErrors = Prometheus.Metrics.CreateCounter(
        "iofog_queue_send_errors_total", "Changes that could not be put on a queue at once.", "kind");

    public static readonly Counter Resends = Prometheus.Metrics.CreateCounter(
        "iofog_queue_resends_total", "Changes put again because the first one changed nothing.", "kind");

    public static readonly Gauge Depth = Prometheus.Metrics.CreateGauge(
        "workqueue_depth", "Objects in work: their change waits, or somebody is at it.", "name");

    public static readonly Gauge Objects = Prometheus.Metrics.CreateGauge("iofog_objects", "Objects watched.", "kind");

    public static readonly Gauge Leader = Prometheus.Metrics.CreateGauge(
        "leader_election_master_status", "1 while this watcher leads.", "name");

    public static readonly Histogram Polls = Prometheus.Metrics.CreateHistogram(
        "iofog_controller_poll_seconds", "Time that one look at the Controller takes.");

    /// <summary>Fills the gauges when somebody looks.</summary>
    public static void Collect(Watching watching) => Prometheus.Metrics.DefaultRegistry.AddBeforeCollectCallback(() =>
    {
        foreach (var kind in Kinds.All)
        {
            Objects.WithLabels(kind.Name).Set(watching.Ask((table, _) => table.Count(kind)));
            Depth.WithLabels(kind.Name).Set(watching.Ask((table, _) => table.Backlog.Of(kind)));
        }
    });
}
