using System.Globalization;

namespace IoFog.Operator.Benchmarks.Rig;

/// <summary>What the kernel says of a process.</summary>
internal static class ProcessMemory
{
    /// <summary>Resident memory now, in MB.</summary>
    public static double Resident(int processId) => Field(processId, "VmRSS:");

    /// <summary>The most that was ever resident, in MB.</summary>
    public static double Peak(int processId) => Field(processId, "VmHWM:");

    private static double Field(int processId, string name)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) / 1024;
    }
}
