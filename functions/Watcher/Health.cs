using Prometheus;

namespace IoFog.Operator.Watcher;

/// <summary>Probes and metrics.</summary>
internal static class Health
{
    public static void MapHealth(this WebApplication app)
    {
        var watches = app.Services.GetRequiredService<Watches>();
        var leading = app.Services.GetRequiredService<Leading>();
        var endpoint = app.Services.GetRequiredService<LeaderEndpoint>();
        var options = app.Services.GetRequiredService<WatcherOptions>();
        Metrics.Begin();
        var requests = Requests.Count();
        app.Lifetime.ApplicationStopped.Register(requests.Dispose);
        Metrics.Collect(app.Services.GetRequiredService<Watching>());

        // Fails when a watch has stalled: a restart is what helps then.
        app.MapGet("/healthz", () => leading.IsLeader && watches.Stalled.ToArray() is { Length: > 0 } stalled
            ? Results.Text($"nothing came from {string.Join(", ", stalled)}", statusCode: 503)
            : Results.Text("ok"));

        // Where no Service is led to the leader, only the leader is ready, so that a Service with a selector leads to it.
        app.MapGet("/readyz", () => !leading.IsLeader ? Results.Text("standing by", statusCode: options.Published is null ? 503 : 200)
            : !watches.IsReady ? Results.Text("not all kinds are listed yet", statusCode: 503)
            : endpoint.IsPublished ? Results.Text("ok")
            : Results.Text($"the Service {options.Published!.Service} does not lead here yet", statusCode: 503));
        app.MapMetrics();
    }
}
