using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Prometheus;

namespace IoFog.Operator.Watcher.Scaling;

/// <summary>
/// Tells KEDA when an app is to run and how many of it. Every answer comes from memory: KEDA sets no deadline, so one that waited for
/// anything would hold up all else that KEDA does for the app.
/// </summary>
internal sealed class Scaler(Backlog backlog, WatcherOptions options, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<Scaler> logger)
    : ExternalScaler.ExternalScalerBase
{
    /// <summary>Objects in work, as the HPA sees it (KEDA puts an index before it).</summary>
    public const string MetricName = "iofog-objects-in-work";

    // KEDA drops what comes while it is busy, so it is told again; each time costs it a status write, so not too often.
    private static readonly TimeSpan Repeat = TimeSpan.FromSeconds(1);
    private const int MostObjections = 100;

    private readonly ConcurrentDictionary<string, string> objections = [];

    public override Task<IsActiveResponse> IsActive(ScaledObjectRef request, ServerCallContext context) =>
        Task.FromResult(new IsActiveResponse { Result = InWork(request) > 0 });

    public override Task<GetMetricSpecResponse> GetMetricSpec(ScaledObjectRef request, ServerCallContext context)
    {
        var target = Read(request).TargetPerReplica;
        return Task.FromResult(new GetMetricSpecResponse
        {
            MetricSpecs = { new MetricSpec { MetricName = MetricName, TargetSize = target, TargetSizeFloat = target } },
        });
    }

    public override Task<GetMetricsResponse> GetMetrics(GetMetricsRequest request, ServerCallContext context)
    {
        var count = InWork(request.ScaledObjectRef ?? new());
        return Task.FromResult(new GetMetricsResponse
        {
            MetricValues = { new MetricValue { MetricName = request.MetricName, MetricValue_ = count, MetricValueFloat = count } },
        });
    }

    // It always ends with OK, also while this process stops: only then does KEDA's reconnect delay start over.
    public override async Task StreamIsActive(ScaledObjectRef request, IServerStreamWriter<IsActiveResponse> responseStream, ServerCallContext context)
    {
        using var open = Metrics.ScalerStreams.TrackInProgress();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            await foreach (var active in WatchAsync(request, ending.Token))
                await responseStream.WriteAsync(new() { Result = active }, context.CancellationToken);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && ending.IsCancellationRequested)
        {
            // KEDA has gone, or this process goes.
        }
    }

    /// <summary>The state now, then <c>true</c> while there is work, at most once a second. Ends at once where the whole truth is not known.</summary>
    public async IAsyncEnumerable<bool> WatchAsync(ScaledObjectRef request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!backlog.Known.IsCompleted)
            yield break;
        var kinds = Read(request).Kinds;
        if (backlog.Of(kinds) == 0)
            yield return false;
        while (true)
        {
            var began = backlog.Began;
            if (backlog.Of(kinds) == 0)
            {
                await began.WaitAsync(cancellationToken);
                continue;
            }

            yield return true;
            await Task.Delay(Repeat, time, cancellationToken);
        }
    }

    private int InWork(ScaledObjectRef request) => backlog.Known.IsCompleted
        ? backlog.Of(Read(request).Kinds)
        : throw new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "this watcher does not lead, or has not listed all kinds yet"));

    /// <summary>An app that is not known is answered too, as one without work: an error would have KEDA start it.</summary>
    private ScaledApp Read(ScaledObjectRef request)
    {
        var app = ScaledApp.Read(request, options.Namespace);
        var name = $"{request.Namespace}/{request.Name}";
        if (app.Objection is not null && objections.Count < MostObjections && objections.TryAdd($"{name} {app.Objection}", ""))
            Log.ScaledObjectUnclear(logger, name, app.Objection);
        return app;
    }
}
