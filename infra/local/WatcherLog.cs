using System.Text.Json;

namespace IoFog.Operator.Local;

/// <summary>What the watcher's log says to whoever started it with ports that the system chose.</summary>
internal static class WatcherLog
{
    /// <summary>Where KEDA is answered, in the line that says so; null in any other.</summary>
    public static Uri? ScalerIn(string line) => Member(line, "Scaler");

    /// <summary>Where probes are answered and metrics are shown, in the line that says so; null in any other.</summary>
    public static Uri? HealthIn(string line) => Member(line, "Health");

    private static Uri? Member(string line, string name)
    {
        if (!line.Contains("\"EventId\":112,", StringComparison.Ordinal))
            return null;
        using var entry = JsonDocument.Parse(line);
        return new(entry.RootElement.GetProperty("State").GetProperty(name).GetString()!);
    }
}
