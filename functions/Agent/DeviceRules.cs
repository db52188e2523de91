using System.Text.Json.Nodes;

namespace IoFog.Operator.Agents;

/// <summary>
/// What a device makes of its configuration. The Controller stores anything; a device that refuses a value, or writes it in another way, tells
/// the Controller its own, and whoever wants the other back would write for ever.
/// </summary>
internal static class DeviceRules
{
    private static readonly string[] LogLevels = ["OFF", "SEVERE", "WARNING", "INFO", "CONFIG", "FINE", "FINER", "FINEST", "ALL"];

    /// <summary>Which field of a configuration no device takes, and what it takes; null when it takes all.</summary>
    public static string? Problem(AgentConfig? config)
    {
        if (config is null)
            return null;
        (string Field, int? Value, int Least, int Most)[] ranges =
        [
            ("diskLimit", config.DiskLimit, 1, 1048576),
            ("memoryLimit", config.MemoryLimit, 128, 1048576),
            ("cpuLimit", config.CpuLimit, 5, 100),
            ("logLimit", config.LogLimit, 1, 100),
            ("logFileCount", config.LogFileCount, 1, 100),
            ("statusFrequency", config.StatusFrequency, 1, int.MaxValue),
            ("changeFrequency", config.ChangeFrequency, 1, int.MaxValue),
            ("deviceScanFrequency", config.DeviceScanFrequency, 1, int.MaxValue),
        ];
        foreach (var (field, value, least, most) in ranges)
        {
            if (value < least || value > most)
                return $"spec.config.{field}: a device takes {(most == int.MaxValue ? $"{least} or more" : $"{least} to {most}")}, and this is {value}";
        }

        return config switch
        {
            { DockerUrl: { Length: > 0 } url } when !url.StartsWith("unix://", StringComparison.Ordinal) && !url.StartsWith("tcp://", StringComparison.Ordinal) =>
                "spec.config.dockerUrl: a device takes an address that begins with unix:// or tcp://",
            { LogLevel: { Length: > 0 } level } when !LogLevels.Contains(level.ToUpperInvariant()) => $"spec.config.logLevel: a device takes {string.Join(", ", LogLevels)}",
            _ => null,
        };
    }

    /// <summary>Writes fields as a device writes them.</summary>
    public static void Normalize(JsonObject fields)
    {
        foreach (var field in new[] { "diskDirectory", "logDirectory" })
        {
            if (fields[field]?.GetValue<string>() is { Length: > 0 } path && !path.EndsWith('/'))
                fields[field] = $"{path}/";
        }

        if (fields["logLevel"]?.GetValue<string>() is { } level)
            fields["logLevel"] = level.ToUpperInvariant();
    }
}
