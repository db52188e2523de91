using IoFog.Operator.Changes;

namespace IoFog.Operator.Watcher;

/// <summary>The watcher's settings, by the names of <c>local.settings.sample.json</c>.</summary>
internal sealed class WatcherOptions
{
    /// <summary><c>WATCH_NAMESPACE</c>: the one namespace whose objects are served.</summary>
    public required string Namespace { get; init; }

    /// <summary>The account that holds the queues.</summary>
    public required string Storage { get; init; }

    /// <summary><c>Watcher__ControllerPollSeconds</c>: the shortest time between two looks at the Controller; 0 to switch them off.</summary>
    public required double ControllerPollSeconds { get; init; }

    /// <summary><c>Watcher__LeaderElection</c>: <c>true</c> where several replicas may run.</summary>
    public required bool LeaderElection { get; init; }

    /// <summary><c>Watcher__Secrets</c>: names of Secrets that specs refer to, divided by commas.</summary>
    public required IReadOnlyList<string> Secrets { get; init; }

    /// <summary>The Service that is led to the leader; null where readiness does that.</summary>
    public Published? Published { get; init; }

    /// <exception cref="InvalidOperationException">A setting is missing or wrong; the message names it.</exception>
    public static WatcherOptions Read(IConfiguration settings) => new()
    {
        Namespace = ReadNamespace(settings),
        Storage = QueueStorage.Read(settings) is { Length: > 0 } storage
            ? storage
            : throw new InvalidOperationException("AzureWebJobsStorage: missing; the connection string of the storage account that holds the queues (or AzureWebJobsStorage__queueServiceUri, with a workload identity)"),
        ControllerPollSeconds = ReadNumber(settings, "Watcher:ControllerPollSeconds", 5),
        LeaderElection = ReadSwitch(settings, "Watcher:LeaderElection", true),
        Secrets = (settings["Watcher:Secrets"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        Published = Published.Read(settings),
    };

    public static string ReadNamespace(IConfiguration settings) => settings["WATCH_NAMESPACE"] is { Length: > 0 } name ? name : "default";

    private static double ReadNumber(IConfiguration settings, string name, double otherwise) => settings[name] switch
    {
        null or "" => otherwise,
        var text when double.TryParse(text, out var number) && number is >= 0 and <= 3600 => number,
        var text => throw new InvalidOperationException($"{name.Replace(":", "__", StringComparison.Ordinal)}: '{text}' is not a number from 0 to 3600"),
    };

    private static bool ReadSwitch(IConfiguration settings, string name, bool otherwise) => settings[name] switch
    {
        null or "" => otherwise,
        var text when bool.TryParse(text, out var on) => on,
        var text => throw new InvalidOperationException($"{name.Replace(":", "__", StringComparison.Ordinal)}: '{text}' is neither true nor false"),
    };
}
