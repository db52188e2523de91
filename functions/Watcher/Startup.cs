using System.Net;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Watcher;

/// <summary>Puts the watcher together.</summary>
internal static class Startup
{
    /// <exception cref="InvalidOperationException">A setting is missing or wrong; the message names it.</exception>
    public static WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddJsonConsole(json => json.UseUtcTimestamp = true);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse(AddressOf(builder.Configuration)), PortOf(builder.Configuration)));
        builder.Services.AddWatcher(builder.Configuration);
        return builder.Build();
    }

    /// <summary><c>watcher release</c>: lets go of all our finalizers in the namespace, before the operator is removed.</summary>
    public static async Task<int> ReleaseAsync()
    {
        await using var app = Build();
        var released = await app.Services.GetRequiredService<FinalizerRelease>().ReleaseAllAsync(CancellationToken.None);
        await Console.Out.WriteLineAsync($"released {released} objects");
        return 0;
    }

    private static void AddWatcher(this IServiceCollection services, ConfigurationManager settings)
    {
        var options = WatcherOptions.Read(settings);
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(KubernetesConnection.Open(settings["KUBECONFIG"] is { Length: > 0 } path ? path : null));
        services.AddController(settings);
        services.AddSingleton(new DueTable(new()));
        services.AddSingleton<Watching>();
        services.AddSingleton<ControllerPoll>();
        services.AddSingleton<FinalizerRelease>();
        services.AddSingleton<Watches>();
        services.AddSingleton(provider => provider.GetRequiredService<Watches>().Queues);
        services.AddSingleton<SendLoop>();
        services.AddSingleton<WatcherLoops>();
        services.AddSingleton<LeaderElection>();
        services.AddSingleton<Leading>();
        services.AddHostedService(provider => provider.GetRequiredService<Leading>());
    }

    // Health__Port 0 lets the system choose; the host logs what it chose.
    private static int PortOf(ConfigurationManager settings) => settings["Health:Port"] switch
    {
        null or "" => 8080,
        var text when int.TryParse(text, out var port) && port is >= 0 and <= 65535 => port,
        var text => throw new InvalidOperationException($"Health__Port: '{text}' is not a port"),
    };

    private static string AddressOf(ConfigurationManager settings) => settings["Health:Address"] switch
    {
        null or "" => "0.0.0.0",
        var text when IPAddress.TryParse(text, out _) => text,
        var text => throw new InvalidOperationException($"Health__Address: '{text}' is not an IP address"),
    };
}
