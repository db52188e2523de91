using System.Globalization;

namespace IoFog.Operator.Benchmarks.Rig;

/// <summary>What the kernel says of a process.</summary>
internal static class ProcessMemory
{
    private const double TicksPerSecond = 100; // of every Linux that .NET runs on

    /// <summary>Resident memory now, in MB.</summary>
    public static double Resident(int processId) => Field(processId, "VmRSS:");

    /// <summary>The most that was ever resident, in MB.</summary>
    public static double Peak(int processId) => Field(processId, "VmHWM:");

    /// <summary>Processor time that it has taken, in seconds.</summary>
    public static double ProcessorTime(int processId) =>
        StatusOf(processId)[11..13].Sum(ticks => double.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond; // its own and the kernel's for it

    /// <summary>Processes of a name that this one has started.</summary>
    public static IReadOnlyList<int> Started(string name) =>
    [
        .. Directory.EnumerateDirectories("/proc/self/task") // a child is its thread's
            .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(int.Parse)
            .Where(id => File.ReadAllText($"/proc/{id}/comm").Trim() == name),
    ];

    // What follows the name, which may hold anything: state, parent, …
    private static string[] StatusOf(int processId)
    {
        var text = File.ReadAllText($"/proc/{processId}/stat");
        return text[(text.LastIndexOf(')') + 2)..].Split(' ');
    }

    private static double Field(int processId, string name)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) / 1024;
    }
}
