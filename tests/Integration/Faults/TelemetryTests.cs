using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IoFog.Operator.Integration.Faults;

/// <summary>What the watcher's and an app's process tell of one change: one trace, metrics with values, and log lines that can be found.</summary>
public sealed class TelemetryTests(Stage stage) : IClassFixture<Stage>
{
    private const string Door = "telemetry";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_is_one_trace_and_is_counted_and_its_lines_carry_its_scope()
    {
        await using var collector = await Collector.StartAsync(Token);
        var telemetry = new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
        };
        await using var watcher = stage.StartWatcher(telemetry);
        var health = await watcher.Ready;
        await using var app = await stage.StartAppAsync(Kinds.EdgeResource, telemetry);
        await stage.ApplyDoorAsync(Door);
        await Eventually.HoldsAsync("a settled door", () => stage.IsSettledAsync(Kinds.EdgeResource, Door), 180);

        // From the watch event through the queue to the status patch.
        await Eventually.HoldsAsync("the spans", () => Task.FromResult(Patch() is not null));
        var patch = Patch()!;
        var handled = collector.Spans.Single(span => span.Id == patch.Parent);
        var due = collector.Spans.Single(span => span.Id == handled.Parent);
        Assert.Equal(("reconcile EdgeResource", "iofog-operator-app"), (handled.Name, handled.Service));
        Assert.Equal(("due EdgeResource", "iofog-operator-watcher", ""), (due.Name, due.Service, due.Parent));
        Assert.All(new[] { handled, due }, span => Assert.Equal(patch.Trace, span.Trace));
        Assert.Contains(collector.Spans, span => span.Trace == patch.Trace && span.Text.Contains("/edgeResource", StringComparison.Ordinal)); // the write to the Controller
        await Eventually.HoldsAsync("the app's metrics", () => Task.FromResult(collector.Metrics.Contains("controller_runtime_reconcile_time")));

        using var http = new HttpClient();
        foreach (var (metric, least) in new[]
        {
            ("controller_runtime_reconcile_total{controller=\"edgeresource\",result=\"success\"}", 1),
            ("workqueue_adds_total{name=\"edgeresource\"}", 1),
            ("workqueue_queue_duration_seconds_count{name=\"edgeresource\"}", 1),
            ("workqueue_work_duration_seconds_count{name=\"edgeresource\"}", 1),
            ("leader_election_master_status{name=\"iofog-operator-watcher\"}", 1),
            ("iofog_watch_events_total{kind=\"EdgeResource\",type=\"Added\"}", 1),
            ("iofog_queue_sends_total{kind=\"EdgeResource\",reason=\"Spec\"}", 1),
            ("iofog_event_to_message_seconds_count{kind=\"EdgeResource\"}", 1),
            ("iofog_message_to_status_seconds_count{kind=\"EdgeResource\"}", 1),
            ("iofog_objects{kind=\"EdgeResource\"}", 1),
            ("iofog_objects_ready{kind=\"EdgeResource\"}", 1),
            ("iofog_controller_up", 1),
            ("workqueue_depth{name=\"edgeresource\"}", 0),
        })
        {
            await Eventually.HoldsAsync($"{metric} ≥ {least}", async () => Value(await http.GetStringAsync(new Uri(health, "/metrics"), Token), metric) >= least);
        }

        // Of both processes, by the same trace.
        var uid = (await stage.FindAsync(Kinds.EdgeResource, Door))!["metadata"]!["uid"]!.GetValue<string>();
        var scopes = stage.Lines.Where(line => line.StartsWith('{')).Select(ScopeOf).OfType<JsonElement>().Where(scope => Text(scope, "uid") == uid).ToArray();
        Assert.All(scopes, scope => Assert.Equal(("EdgeResource", Stage.Namespace, Door), (Text(scope, "kind"), Text(scope, "namespace"), Text(scope, "name"))));
        Assert.True(scopes.Count(scope => Text(scope, "traceparent")!.Contains(patch.Trace, StringComparison.Ordinal)) >= 2, string.Join('\n', stage.Lines));

        Span? Patch() => collector.Spans.FirstOrDefault(span => span.Name == "PATCH" && span.Text.Contains($"/edgeresources/{Door}/status", StringComparison.Ordinal)
            && collector.Spans.Any(parent => parent.Id == span.Parent && collector.Spans.Any(first => first.Id == parent.Parent)));
    }

    private static double? Value(string metrics, string name) =>
        metrics.Split('\n').FirstOrDefault(line => line.StartsWith($"{name} ", StringComparison.Ordinal)) is { } line
            ? double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture)
            : null;

    /// <summary>The scope of a change that a line carries.</summary>
    private static JsonElement? ScopeOf(string line)
    {
        using var entry = JsonDocument.Parse(line);
        return entry.RootElement.TryGetProperty("Scopes", out var scopes)
            ? scopes.EnumerateArray().Where(scope => scope.ValueKind == JsonValueKind.Object && scope.TryGetProperty("traceparent", out _)).Select(scope => (JsonElement?)scope.Clone()).FirstOrDefault()
            : null;
    }

    private static string? Text(JsonElement scope, string name) => scope.GetProperty(name).ToString();

    private sealed record Span(string Service, string Trace, string Id, string Parent, string Name, string Text);

    /// <summary>An OpenTelemetry collector that speaks OTLP over HTTP, and keeps what came.</summary>
    private sealed class Collector(WebApplication app) : IAsyncDisposable
    {
        private readonly ConcurrentQueue<Span> spans = [];
        private readonly ConcurrentDictionary<string, bool> metrics = [];

        public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

        public IReadOnlyCollection<Span> Spans => spans;

        public IReadOnlyCollection<string> Metrics => [.. metrics.Keys];

        public static async Task<Collector> StartAsync(CancellationToken cancellationToken)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            var collector = new Collector(builder.Build());
            await collector.ServeAsync(cancellationToken);
            return collector;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private Task ServeAsync(CancellationToken cancellationToken)
        {
            app.Run(TakeAsync);
            return app.StartAsync(cancellationToken);
        }

        private async Task TakeAsync(HttpContext context)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            foreach (var resource in Messages(body.ToArray(), 1))
            {
                var service = Messages(resource, 1).SelectMany(whole => Messages(whole, 1)).Where(attribute => Text(attribute, 1) == "service.name")
                    .SelectMany(attribute => Messages(attribute, 2)).Select(value => Text(value, 1)).FirstOrDefault() ?? "";
                foreach (var item in Messages(resource, 2).SelectMany(scope => Messages(scope, 2)))
                {
                    if (context.Request.Path == "/v1/traces")
                        spans.Enqueue(new(service, Hex(item, 1), Hex(item, 2), Hex(item, 4), Text(item, 5), System.Text.Encoding.UTF8.GetString(item)));
                    else
                        metrics[Text(item, 1)] = true;
                }
            }

            context.Response.ContentType = "application/x-protobuf";
        }

        private static string Hex(byte[] message, int field) => Convert.ToHexStringLower(Messages(message, field).FirstOrDefault() ?? []);

        private static string Text(byte[] message, int field) => System.Text.Encoding.UTF8.GetString(Messages(message, field).FirstOrDefault() ?? []);

        /// <summary>What one field of a protobuf message holds, undecoded.</summary>
        private static IEnumerable<byte[]> Messages(byte[] message, int field)
        {
            using var input = new CodedInputStream(message);
            while (input.ReadTag() is not 0 and var tag)
            {
                if (WireFormat.GetTagFieldNumber(tag) == field && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
                    yield return input.ReadBytes().ToByteArray();
                else
                    input.SkipLastField();
            }
        }
    }
}
