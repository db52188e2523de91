using Grpc.Core;
using IoFog.Operator.Local.Host.Keda;

namespace IoFog.Operator.Local.Host;

/// <summary>One app as people see it.</summary>
/// <param name="Name">The app's.</param>
/// <param name="InWork">Objects that wait for it, or that it has in work, as the watcher says.</param>
/// <param name="Instances">How many of it run.</param>
public sealed record AppState(string Name, int InWork, int Instances);

/// <summary>
/// Runs an app's hosts as KEDA with the HPA and a Deployment would: woken by the stream of the watcher's scaler, sized by its metric,
/// stopped after a time without work.
/// </summary>
public sealed class AppScaler : IAsyncDisposable
{
    private static readonly TimeSpan ShortestReconnect = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestReconnect = TimeSpan.FromSeconds(60);

    private readonly ScalerEndpoint endpoint;
    private readonly FunctionsHostOptions app;
    private readonly ScalingOptions options;
    private readonly ScaledObjectRef scaled;
    private readonly Replicas replicas;
    private readonly Lock gate = new();
    private readonly SemaphoreSlim changed = new(0, 1);
    private readonly CancellationTokenSource stopping = new();
    private readonly List<FunctionsHost> hosts = [];
    private readonly List<Task> ending = [];
    private Task running = Task.CompletedTask;
    private int work;

    /// <param name="name">The app's.</param>
    /// <param name="kinds">What it serves.</param>
    /// <param name="endpoint">Where the watcher's scaler answers.</param>
    /// <param name="app">How a host of it is run.</param>
    /// <param name="options">How it is scaled.</param>
    public AppScaler(string name, IEnumerable<string> kinds, ScalerEndpoint endpoint, FunctionsHostOptions app, ScalingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        (this.endpoint, this.app, this.options) = (endpoint, app, options);
        scaled = new() { Name = name, Namespace = options.Namespace, ScalerMetadata = { ["kinds"] = string.Join(',', kinds) } };
        replicas = new(options);
    }

    public AppState State => new(scaled.Name, Volatile.Read(ref work), hosts.Count);

    public void Start() => running = Task.WhenAll(ListenAsync(stopping.Token), PollAsync(stopping.Token), RunHostsAsync(stopping.Token));

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        try
        {
            await running;
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            await Task.WhenAll([.. ending, .. hosts.Select(host => host.DisposeAsync().AsTask())]);
            changed.Dispose();
            stopping.Dispose();
        }
    }

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
                app.Log($"{scaled.Name}: the scaler's stream broke ({e.StatusCode})");
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
                app.Log($"{scaled.Name}: the scaler does not answer ({e.Message})");
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
            app.Log($"{scaled.Name}: {before} → {replicas.Wanted} replicas");
            if (changed.CurrentCount == 0)
                changed.Release();
        }
    }

    /// <summary>As a Deployment: as many hosts as are wanted, new ones for those that ended.</summary>
    private async Task RunHostsAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var dead in hosts.Where(host => host.Stopped.IsCompleted).ToArray())
                End(dead);
            while (hosts.Count < replicas.Wanted)
                hosts.Add(await FunctionsHost.StartAsync(app, cancellationToken));
            while (hosts.Count > replicas.Wanted)
                End(hosts[^1]);
            ending.RemoveAll(task => task.IsCompletedSuccessfully);
            using var looked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny([changed.WaitAsync(looked.Token), .. hosts.Select(host => host.Stopped)]);
            await looked.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private void End(FunctionsHost host)
    {
        hosts.Remove(host);
        ending.Add(host.DisposeAsync().AsTask());
    }
}
