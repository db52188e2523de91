namespace IoFog.Operator.Local.Cluster;

/// <summary>How an emulated cluster is to be.</summary>
public sealed class ClusterOptions
{
    /// <summary>The port on loopback; 0 to let the system choose.</summary>
    public int Port { get; init; }

    /// <summary>Certificates and token of an earlier start, so that its kubeconfig stays valid.</summary>
    public ClusterIdentity? Identity { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How many changes of each kind a watch can go back.</summary>
    public int History { get; init; } = 5000;

    /// <summary>Between two bookmarks of a watch that asked for them.</summary>
    public TimeSpan BookmarkEvery { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Receives what service accounts attempt; null for nobody.</summary>
    public Action<Audited>? Audit { get; init; }

    /// <summary>False where tests play kubelet and load balancer themselves; garbage and namespaces are still cleared away.</summary>
    public bool RunControllers { get; init; } = true;
}
