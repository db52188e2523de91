using System.Collections.Frozen;
using Prometheus;

namespace IoFog.Operator.Watcher;

/// <summary>
/// What <c>/metrics</c> shows. Names that controller-runtime and client-go have mean the same here; what one of their controllers would see
/// inside of its process, the watcher sees in the statuses.
/// </summary>
internal static class Metrics
{
    private static readonly HistogramConfiguration Seconds = new()
    {
        Buckets = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 600],
    };

    public static readonly Counter WatchEvents = Prometheus.Metrics.CreateCounter(
        "iofog_watch_events_total", "Objects received from the API server.", "kind", "type");

    public static readonly Counter Relists = Prometheus.Metrics.CreateCounter(
        "iofog_watch_relists_total", "Complete lists after the first one.", "kind");

    public static readonly Counter Sends = Prometheus.Metrics.CreateCounter(
        "iofog_queue_sends_total", "Changes put on a queue.", "kind", "reason");

    public static readonly Counter SendErrors = Prometheus.Metrics.CreateCounter(
        "iofog_queue_send_errors_total", "Changes that could not be put on a queue at once.", "kind");

    public static readonly Counter Resends = Prometheus.Metrics.CreateCounter(
        "iofog_queue_resends_total", "Changes put again because the first one changed nothing.", "kind");

    public static readonly Gauge Oldest = Prometheus.Metrics.CreateGauge(
        "iofog_queue_oldest_seconds", "Age of the oldest change of which nothing is seen yet.", "kind");

    public static readonly Gauge Poison = Prometheus.Metrics.CreateGauge(
        "iofog_queue_poison_messages", "Messages in the poison queue; counted at each list and when a change is overdue.", "kind");

    public static readonly Counter Takeovers = Prometheus.Metrics.CreateCounter(
        "iofog_takeovers_total", "Claims that ran out.", "kind");

    public static readonly Histogram EventToMessage = Prometheus.Metrics.CreateHistogram(
        "iofog_event_to_message_seconds", "From an event to its change in the queue.", ["kind"], Seconds);

    public static readonly Histogram MessageToStatus = Prometheus.Metrics.CreateHistogram(
        "iofog_message_to_status_seconds", "From a change to the status that ends it.", ["kind"], Seconds);

    public static readonly Gauge Objects = Prometheus.Metrics.CreateGauge("iofog_objects", "Objects watched.", "kind");

    public static readonly Gauge ObjectsReady = Prometheus.Metrics.CreateGauge("iofog_objects_ready", "Objects whose condition Ready is True.", "kind");

    public static readonly Gauge Depth = Prometheus.Metrics.CreateGauge(
        "workqueue_depth", "Objects in work: their change waits, or somebody is at it.", "name");

    public static readonly Counter Adds = Prometheus.Metrics.CreateCounter("workqueue_adds_total", "Changes sent.", "name");

    public static readonly Counter Retries = Prometheus.Metrics.CreateCounter("workqueue_retries_total", "Changes sent because a time had come.", "name");

    public static readonly Histogram QueueDuration = Prometheus.Metrics.CreateHistogram(
        "workqueue_queue_duration_seconds", "From a change to the first sign of work on it.", ["name"], Seconds);

    public static readonly Histogram WorkDuration = Prometheus.Metrics.CreateHistogram(
        "workqueue_work_duration_seconds", "From a claim to its end.", ["name"], Seconds);

    public static readonly Gauge Unfinished = Prometheus.Metrics.CreateGauge(
        "workqueue_unfinished_work_seconds", "Ages of all claims together.", "name");

    public static readonly Gauge LongestRunning = Prometheus.Metrics.CreateGauge(
        "workqueue_longest_running_processor_seconds", "Age of the oldest claim.", "name");

    public static readonly Counter Reconciles = Prometheus.Metrics.CreateCounter(
        "controller_runtime_reconcile_total", "Turns that ended, as the statuses tell.", "controller", "result");

    public static readonly Counter ReconcileErrors = Prometheus.Metrics.CreateCounter(
        "controller_runtime_reconcile_errors_total", "Turns that ended with an error.", "controller");

    public static readonly Counter TerminalErrors = Prometheus.Metrics.CreateCounter(
        "controller_runtime_terminal_reconcile_errors_total", "Turns that ended because the spec can't work.", "controller");

    public static readonly Counter Requests = Prometheus.Metrics.CreateCounter(
        "rest_client_requests_total", "Requests, by answer, method and host.", "code", "method", "host");

    public static readonly Gauge Leader = Prometheus.Metrics.CreateGauge(
        "leader_election_master_status", "1 while this watcher leads.", "name");

    public static readonly Gauge ControllerUp = Prometheus.Metrics.CreateGauge(
        "iofog_controller_up", "1 while the ioFog Controller answers and its user signs in.");

    public static readonly Gauge Round = Prometheus.Metrics.CreateGauge(
        "iofog_controller_round_seconds", "How long it took to see everything in the ioFog Controller once: so old can be what is known of an entry.");

    public static readonly Gauge Unreadable = Prometheus.Metrics.CreateGauge(
        "iofog_controller_unreadable", "Lists and applications that the ioFog Controller can't show: what is in them is unknown, and tried again.");

    public static readonly Histogram Polls = Prometheus.Metrics.CreateHistogram(
        "iofog_controller_poll_seconds", "Time that one look at the Controller takes.");

    public static readonly Gauge PollInterval = Prometheus.Metrics.CreateGauge(
        "iofog_controller_poll_interval_seconds", "Time until the next look: longer where a look costs the Controller more.");

    public static readonly Gauge ScalerStreams = Prometheus.Metrics.CreateGauge(
        "iofog_scaler_streams", "Apps that KEDA listens for.");

    private static readonly FrozenDictionary<Kind, KindMetrics> ByKind = Kinds.All.ToFrozenDictionary(kind => kind, kind => new KindMetrics(kind));

    /// <summary>The metrics of one kind, resolved once.</summary>
    public static KindMetrics Of(Kind kind) => ByKind[kind];

    /// <summary>
    /// Leaves out what prometheus-net would add of .NET's own: it costs a timer, and says little. What the process itself takes is kept.
    /// </summary>
    public static void Begin() => Prometheus.Metrics.SuppressDefaultMetrics(new() { SuppressEventCounters = true, SuppressMeters = true });

    /// <summary>Fills the gauges when somebody looks.</summary>
    public static void Collect(Watching watching) => Prometheus.Metrics.DefaultRegistry.AddBeforeCollectCallback(() =>
    {
        foreach (var kind in Kinds.All)
        {
            var (objects, ready, ages) = watching.Ask((table, now) => (table.Population.Count(kind), table.Population.CountReady(kind), table.Population.AgesOf(kind, now)));
            Objects.WithLabels(kind.Name).Set(objects);
            ObjectsReady.WithLabels(kind.Name).Set(ready);
            Depth.WithLabels(kind.Lower).Set(watching.Ask((table, _) => table.Population.Backlog.Of(kind)));
            Oldest.WithLabels(kind.Name).Set(ages.OldestChange.TotalSeconds);
            Unfinished.WithLabels(kind.Lower).Set(ages.AllClaims.TotalSeconds);
            LongestRunning.WithLabels(kind.Lower).Set(ages.OldestClaim.TotalSeconds);
        }
    });
}
