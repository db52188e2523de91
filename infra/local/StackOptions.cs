using IoFog.Operator.Local.Host;

namespace IoFog.Operator.Local;

/// <summary>What the local stack is made of. What is not given is emulated.</summary>
public sealed record StackOptions
{
    /// <summary>A real cluster.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>A real Controller.</summary>
    public string? Controller { get; init; }

    /// <summary>A command that runs a Functions host in the app's folder; <c>func</c> stands for the Azure Functions Core Tools.</summary>
    public string? FunctionsHost { get; init; }

    /// <summary>The watcher's executable.</summary>
    public string Watcher { get; init; } = Layout.Watcher;

    /// <summary>The function app's folder.</summary>
    public string App { get; init; } = Layout.App;

    /// <summary>The namespace that is served.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>How the apps are scaled.</summary>
    public ScalingOptions Scaling { get; init; } = new();

    /// <summary>The apps and the kinds that each of them serves.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Kind>> Apps { get; init; } =
        Kinds.All.ToDictionary(kind => kind.Name, kind => (IReadOnlyList<Kind>)[kind]);

    /// <summary>False where tests play kubelet.</summary>
    public bool RunControllers { get; init; } = true;

    /// <summary>Receives progress, for people.</summary>
    public Action<string> Say { get; init; } = static _ => { };

    /// <summary>Receives what the processes print.</summary>
    public Action<string> Log { get; init; } = static _ => { };
}
