using Grpc.Core;
using IoFog.Operator.Local.Host.Keda;

namespace IoFog.Operator.Local.Host;

/// <summary>
/// What KEDA and the HPA do with one ScaledObject: they listen to the stream of the watcher's scaler, poll it, and say how many replicas
/// there are to be.
/// </summary>
/// <param name="name">Of the ScaledObject, and of its app.</param>
/// <param name="metadata">Of its trigger.</param>
/// <param name="endpoint">Where the watcher's scaler answers.</param>
/// <param name="options">How the app is scaled.</param>
/// <param name="log">Receives decisions, and what went wrong.</param>
/// <param name="decided">Runs when another number is wanted.</param>
internal sealed class KedaClient(
    string name, IDictionary<string, string> metadata, ScalerEndpoint endpoint, ScalingOptions options, Action<string> log, Action decided)
{
    private static readonly TimeSpan ShortestReconnect = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestReconnect = TimeSpan.FromSeconds(60);

    private readonly ScaledObjectRef scaled = new() { Name = name, Namespace = options.Namespace, ScalerMetadata = { metadata } };
    private readonly Replicas replicas = new(options);
    private readonly Lock gate = new();
    private int work;

    /// <summary>How many replicas there are to be.</summary>
    public int Wanted
    {
        get
        {
            lock (gate)
                return replicas.Wanted;
        }
    }

    /// <summary>Objects that wait for the app or that it has in work, as the watcher last said.</summary>
    public int Work => Volatile.Read(ref work);

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(ListenAsync(cancellationToken), PollAsync(cancellationToken));

    /// <summary>As KEDA: after a stream that ended well the delay starts over, after an error it only grows.</summary>
    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        var delay = ShortestReconnect;
        while (true)
        {
            try
            {
                var client = await endpoint.ClientAsync(cancellationToken);
                using var stream = client.StreamIsActive(scaled, cancellationToken: cancellationToken);
                await foreach (var told in stream.ResponseStream.ReadAllAsync(cancellationToken))
                {
                    if (told.Result)
                        Decide(() => replicas.Active(options.Time.GetUtcNow()));
                }

                delay = ShortestReconnect;
            }
            catch (RpcException e) when (!cancellationToken.IsCancellationRequested)
            {
                log($"{name}: the scaler's stream broke ({e.StatusCode})");
                delay = delay * 2 < LongestReconnect ? delay * 2 : LongestReconnect;
            }
            catch (ObjectDisposedException)
            {
                // The watcher was started anew.
            }

            await Task.Delay(delay, options.Time, cancellationToken);
        }
    }

    /// <summary>In KEDA's order; while the scaler does not answer, everything stays as it is.</summary>
    private async Task PollAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var client = await endpoint.ClientAsync(cancellationToken);
                var specs = await client.GetMetricSpecAsync(scaled, cancellationToken: cancellationToken);
                var spec = specs.MetricSpecs[0];
                var metrics = await client.GetMetricsAsync(new() { ScaledObjectRef = scaled, MetricName = spec.MetricName }, cancellationToken: cancellationToken);
                var active = await client.IsActiveAsync(scaled, cancellationToken: cancellationToken);
                var value = metrics.MetricValues[0].MetricValueFloat;
                Volatile.Write(ref work, (int)value);
                Decide(() =>
                {
                    var now = options.Time.GetUtcNow();
                    if (active.Result)
                        replicas.Active(now);
                    else
                        replicas.Inactive(now);
                    replicas.Measured(value, spec.TargetSizeFloat, now);
                });
            }
            catch (Exception e) when (e is RpcException or ObjectDisposedException && !cancellationToken.IsCancellationRequested)
            {
                log($"{name}: the scaler does not answer ({e.Message})");
            }

            await Task.Delay(options.PollingInterval, options.Time, cancellationToken);
        }
    }

    private void Decide(Action what)
    {
        lock (gate)
        {
            var before = replicas.Wanted;
            what();
            if (replicas.Wanted == before)
                return;
            log($"{name}: {before} → {replicas.Wanted} replicas");
            decided();
        }
    }
}
