using System.Reflection;

namespace IoFog.Operator.Local;

/// <summary>Where things are in the repository that this was built from.</summary>
public static class Layout
{
    public static string Repository { get; } = Metadata("Repository");

    public static string Crds => Path.Combine(Repository, "infra", "crds");

    public static string Samples => Path.Combine(Repository, "infra", "samples");

    /// <summary>With package.json and, once installed, Azurite.</summary>
    public static string Azurite => Path.Combine(Repository, "infra", "local");

    /// <summary>The watcher as it was built with this.</summary>
    public static string Watcher => Path.Combine(Repository, "functions", "Watcher", "bin", Metadata("Configuration"), "net10.0", "watcher");

    /// <summary>The function app as it was built with this.</summary>
    public static string App => Path.Combine(Repository, "functions", "App", "bin", Metadata("Configuration"), "net10.0");

    /// <summary>The folder of the kubectl plugin as it was built.</summary>
    public static string Plugin => Path.Combine(Repository, "infra", "cli", "bin", Metadata("Configuration"), "net10.0");

    private static string Metadata(string key) =>
        typeof(Layout).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
