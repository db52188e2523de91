using System.Diagnostics;
using System.Diagnostics.Metrics;
using IoFog.Operator.Changes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Reconciling;
using IoFog.Operator.Unit.Reconciling;
using IoFog.Operator.Watcher;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Unit.Telemetry;

public sealed class TraceTests : IDisposable
{
    private readonly FakeTimeProvider time = new(new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));
    private readonly List<Activity> ended = [];
    private readonly ActivityListener listener;

    public TraceTests()
    {
        listener = new()
        {
            ShouldListenTo = source => source.Name == Operator.Telemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (ended)
                    ended.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
    }

    public void Dispose() => listener.Dispose();

    [Fact]
    public async Task The_trace_of_a_change_begins_with_the_event_and_goes_on_in_the_app()
    {
        using var cluster = new InMemoryCluster(time);
        cluster.Create(Kinds.Agent, "zebra-1");
        var uid = new Guid(cluster.Find(Kinds.Agent, "zebra-1")!["metadata"]!["uid"]!.GetValue<string>());
        var table = new DueTable(new());
        table.Listed(Kinds.Agent, new HashSet<Guid>(), queueIsEmpty: true, time.GetUtcNow());
        table.Observe(Kinds.Agent, new() { Uid = uid, Key = new("default", "zebra-1"), Generation = 1 }, time.GetUtcNow());
        var send = Assert.Single(table.TakeDue(time.GetUtcNow()));
        string message;
        using (var due = Traces.Begin(send))
        {
            Assert.Equal(send.Since.UtcDateTime, due!.StartTimeUtc);
            message = (send.Change with { TraceParent = due.Id }).ToJson();
        }

        var api = cluster.Client();
        await new ReconcileLoop<StubSpec, StubStatus>(
                new(api, Kinds.Agent, StubReconciler.Type), new StubReconciler(), new KubernetesEvents(api, time), time, NullLogger<ReconcileLoop>.Instance)
            .HandleAsync(message, TestContext.Current.CancellationToken);

        Activity[] spans;
        lock (ended)
            spans = [.. ended.Where(span => Equals(span.GetTagItem("iofog.uid"), uid.ToString("D")))];
        Assert.Equal(["due Agent", "reconcile Agent"], spans.Select(span => span.DisplayName));
        Assert.Equal(spans[0].TraceId, spans[1].TraceId);
        Assert.Equal(spans[0].SpanId, spans[1].ParentSpanId);
        Assert.Equal("success", spans[1].GetTagItem("iofog.result"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("not a trace")]
    public void What_is_no_trace_starts_one_of_its_own(string? traceParent)
    {
        var uid = Guid.NewGuid();
        Measurement.Begin(Change(uid) with { TraceParent = traceParent }, time).Dispose();
        lock (ended)
            Assert.Equal(default, Assert.Single(ended, span => Equals(span.GetTagItem("iofog.uid"), uid.ToString("D"))).ParentSpanId);
    }

    [Fact]
    public void Tells_by_metrics_what_came_of_a_message()
    {
        var results = new List<string>();
        using var meters = new MeterListener { InstrumentPublished = (instrument, self) => self.EnableMeasurementEvents(instrument) };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            lock (results)
                results.Add($"{instrument.Name} {string.Join(' ', tags.ToArray().Select(tag => tag.Value))} {value}");
        });
        meters.Start();
        using (var measurement = Measurement.Begin(Change(Guid.NewGuid()) with { Kind = Kinds.Route }, time))
            measurement.Result = "lost";
        lock (results)
        {
            Assert.Contains("iofog_reconcile_results Route lost 1", results);
            Assert.Contains("iofog_claim_conflicts Route 1", results);
            Assert.Contains("controller_runtime_active_workers route -1", results);
        }
    }

    private Change Change(Guid uid) => new() { Kind = Kinds.Agent, Key = new("edge", "a"), Uid = uid, Reason = DueReason.Spec, Time = time.GetUtcNow() };
}
