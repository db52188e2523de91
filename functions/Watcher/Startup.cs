using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Watcher.Scaling;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace IoFog.Operator.Watcher;

/// <summary>Puts the watcher together.</summary>
internal static class Startup
{
    /// <exception cref="InvalidOperationException">A setting is missing or wrong; the message names it.</exception>
    public static WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddJsonConsole(json =>
        {
            json.IncludeScopes = true;
            json.UseUtcTimestamp = true;
        }).AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        var health = Endpoints.Read(builder.Configuration, "Health", 8080);
        var scaler = ScalerOptions.Read(builder.Configuration);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30); // KEDA sends none itself
            Endpoints.Listen(kestrel, health, static listen => listen.Protocols = HttpProtocols.Http1);
            Endpoints.Listen(kestrel, scaler.Endpoint, scaler.Configure);
        });
        builder.Services.AddTelemetry(builder.Configuration, "iofog-operator-watcher", isScraped: true);
        builder.Services.AddWatcher(WatcherOptions.Read(builder.Configuration), Open(builder.Configuration), builder.Configuration, TimeProvider.System);
        return builder.Build();
    }

    /// <summary>Answers KEDA, on a port of its own.</summary>
    public static void MapScaler(this WebApplication app)
    {
        // HTTP/2 is spoken on that port only: nothing else is to be had there.
        app.Use(static (context, next) =>
        {
            if (!HttpProtocol.IsHttp2(context.Request.Protocol) || context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true)
                return next(context);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        app.MapGrpcService<Scaler>();
        app.Lifetime.ApplicationStarted.Register(() => _ = AnnounceAsync(app));
    }

    private static async Task AnnounceAsync(WebApplication app)
    {
        await app.Services.GetRequiredService<Backlog>().Known;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive); // what start and lists left behind: at rest so little is allocated that nothing else would ever collect it
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Log.Ready(app.Services.GetRequiredService<ILogger<Scaler>>(), addresses.First(), addresses.Last()); // in the order in which they were set
    }

    /// <summary><c>watcher release</c>: lets go of all our finalizers in the namespace, before the operator is removed.</summary>
    public static async Task<int> ReleaseAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddJsonConsole(json => json.UseUtcTimestamp = true);
        builder.Services.AddCluster(Open(builder.Configuration), WatcherOptions.ReadNamespace(builder.Configuration), TimeProvider.System);
        builder.Services.AddSingleton<Removal>();
        await using var app = builder.Build();
        var released = await app.Services.GetRequiredService<Removal>().RunAsync(CancellationToken.None);
        await Console.Out.WriteLineAsync($"released {released} objects");
        return 0;
    }

    /// <summary><c>watcher check</c>: waits until a leader answers there and has listed all kinds, as <c>helm test</c> wants to know.</summary>
    /// <exception cref="InvalidOperationException">The address is none.</exception>
    public static async Task<int> CheckAsync(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttp)
            throw new InvalidOperationException($"check: '{address}' is not an address like http://iofog-operator-watcher:8080");
        using var http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromSeconds(5) };
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            string answer;
            try
            {
                answer = await http.GetStringAsync(new Uri("readyz", UriKind.Relative));
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                answer = e.Message;
            }

            if (answer == "ok" || TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(60))
            {
                await Console.Out.WriteLineAsync($"{url}: {answer}");
                return answer == "ok" ? 0 : 1;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        }
    }

    /// <summary>All that removal needs too: the cluster, and no storage.</summary>
    private static void AddCluster(this IServiceCollection services, KubernetesApi api, string @namespace, TimeProvider time)
    {
        services.AddSingleton(time);
        services.AddSingleton(api);
        services.AddSingleton(provider => new Finalizers(api, @namespace, provider.GetRequiredService<ILogger<Finalizers>>()));
    }

    private static KubernetesApi Open(ConfigurationManager settings) => KubernetesConnection.Open(settings["KUBECONFIG"] is { Length: > 0 } path ? path : null);

    /// <summary>The watcher itself.</summary>
    internal static void AddWatcher(this IServiceCollection services, WatcherOptions options, KubernetesApi api, IConfiguration settings, TimeProvider time)
    {
        services.AddSingleton(options);
        services.AddCluster(api, options.Namespace, time);
        services.AddController(settings);
        services.AddSingleton(new DueTable(new()));
        services.AddSingleton(provider => provider.GetRequiredService<DueTable>().Population.Backlog);
        services.AddSingleton<Scaler>();
        services.AddGrpc();
        services.AddSingleton<Watching>();
        services.AddSingleton<ControllerPoll>();
        services.AddSingleton<FinalizerRelease>();
        services.AddSingleton<Watches>();
        services.AddSingleton(provider => provider.GetRequiredService<Watches>().Queues);
        services.AddSingleton<SendLoop>();
        services.AddSingleton<WatcherLoops>();
        services.AddSingleton<LeaderElection>();
        services.AddSingleton<LeaderEndpoint>();
        services.AddSingleton<Leading>();
        services.AddHostedService(provider => provider.GetRequiredService<Leading>());
    }
}
