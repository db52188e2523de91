using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IoFog.Operator.Local;
using IoFog.Operator.Reconciling;
using Prometheus;
using Metrics = IoFog.Operator.Watcher.Metrics;

namespace IoFog.Operator.Unit.Telemetry;

/// <summary>The dashboard and the alert rules ask for nothing that the code does not measure.</summary>
public sealed partial class MetricNamesTests
{
    /// <summary>What prometheus-net measures of the process.</summary>
    private static readonly string[] OfTheProcess = ["process_working_set_bytes", "process_cpu_seconds_total", "dotnet_total_memory_bytes"];

    private static readonly string[] Words = ["sum", "max", "by", "rate", "increase", "histogram_quantile", "absent", "or"];

    public static TheoryData<string> Expressions()
    {
        var folder = Path.Combine(Layout.Repository, "infra", "telemetry");
        var dashboard = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "dashboard.json")))!["panels"]!.AsArray()
            .SelectMany(panel => panel!["targets"]?.AsArray() ?? []).Select(target => target!["expr"]!.GetValue<string>());
        var alerts = Yaml.ParseAll(File.ReadAllText(Path.Combine(folder, "alerts.yaml"))).Single()["groups"]!.AsArray()
            .SelectMany(group => group!["rules"]!.AsArray()).Select(rule => rule!["expr"]!.GetValue<string>());
        return [.. dashboard, .. alerts];
    }

    [Theory]
    [MemberData(nameof(Expressions))]
    public void Every_metric_that_is_asked_for_is_measured_with_these_labels(string expression)
    {
        var bare = SelectorPattern().Replace(ByPattern().Replace(expression, ""), "");
        var names = NamePattern().Matches(bare).Select(match => match.Value).Where(name => !Words.Contains(name)).ToArray();
        Assert.NotEmpty(names);
        var asked = ByPattern().Matches(expression).SelectMany(by => by.Groups["labels"].Value.Split(',', StringSplitOptions.TrimEntries)).Where(label => label != "le").ToArray();
        foreach (var name in names)
        {
            var known = OfTheWatcher.FirstOrDefault(metric => IsOf(name, metric));
            Assert.True(known is not null || OfTheApps.Any(metric => IsOf(name, metric)) || OfTheProcess.Contains(name), $"{name} in {expression}");
            if (known is not null)
                Assert.All(asked, label => Assert.Contains(label, known.LabelNames));
        }
    }

    [Fact]
    public void Everything_that_tells_of_trouble_is_watched_by_an_alert()
    {
        var alerts = File.ReadAllText(Path.Combine(Layout.Repository, "infra", "telemetry", "alerts.yaml"));
        foreach (var metric in new Collector[] { Metrics.Leader, Metrics.SendErrors, Metrics.Resends, Metrics.Takeovers, Metrics.Poison, Metrics.ReconcileErrors, Metrics.ControllerUp, Metrics.Oldest })
            Assert.Contains(metric.Name, alerts, StringComparison.Ordinal);
    }

    private static Collector[] OfTheWatcher { get; } =
        [.. typeof(Metrics).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetValue(null)).OfType<Collector>()];

    /// <summary>As a collector names them for Prometheus: with the unit, and _total where it counts.</summary>
    private static string[] OfTheApps { get; } =
        [.. typeof(Measurement).GetFields(BindingFlags.NonPublic | BindingFlags.Static).Select(field => field.GetValue(null)).OfType<Instrument>().Select(NameOf)];

    private static string NameOf(Instrument instrument) => instrument switch
    {
        Counter<long> => $"{instrument.Name}_total",
        Histogram<double> { Unit: "s" } => $"{instrument.Name}_seconds",
        _ => instrument.Name,
    };

    private static bool IsOf(string name, Collector metric) => metric is Histogram ? name == $"{metric.Name}_bucket" : name == metric.Name;

    private static bool IsOf(string name, string metric) => name == metric || name == $"{metric}_bucket";

    [GeneratedRegex(@"\bby \((?<labels>[^)]*)\)")]
    private static partial Regex ByPattern();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]")]
    private static partial Regex SelectorPattern();

    [GeneratedRegex(@"\b[a-z][a-z0-9_]*\b")]
    private static partial Regex NamePattern();
}
