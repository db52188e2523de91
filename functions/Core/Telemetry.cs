using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace IoFog.Operator;

/// <summary>
/// Traces and metrics that leave by OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set. Otherwise nobody listens, and nothing is made.
/// The other <c>OTEL_…</c> variables of OpenTelemetry hold too.
/// </summary>
public static class Telemetry
{
    /// <summary>The name of the source of traces and of the meter.</summary>
    public const string Name = "IoFog.Operator";

    private const string EndpointSetting = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>The spans of a change: <c>due …</c> from the watch event to the queue, <c>reconcile …</c> from the queue to the status.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>What apps measure; an app that stops sends the last of it first.</summary>
    public static Meter Meter { get; } = new(Name);

    /// <summary>Sends traces, and metrics where they can't be scraped, to the collector that the settings name; does nothing where they name none.</summary>
    /// <param name="services">Of the process.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="service">What the process is called where <c>OTEL_SERVICE_NAME</c> does not say.</param>
    /// <param name="isScraped">True for the watcher: its metrics are scraped, and its watches and leases would only be noise among the spans.</param>
    /// <exception cref="InvalidOperationException">The address of the collector is none.</exception>
    public static void AddTelemetry(this IServiceCollection services, IConfiguration settings, string service, bool isScraped)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings[EndpointSetting] is not { Length: > 0 } endpoint)
            return;
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new InvalidOperationException($"{EndpointSetting}: '{endpoint}' is not an http or https address");
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(settings["OTEL_SERVICE_NAME"] is { Length: > 0 } name ? name : service))
            .WithTracing(tracing => tracing.AddSource(isScraped ? [Name] : [Name, "System.Net.Http"]).AddOtlpExporter());
        if (!isScraped)
            telemetry.WithMetrics(metrics => metrics.AddMeter(Name).AddOtlpExporter());
    }
}
