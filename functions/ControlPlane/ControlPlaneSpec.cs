using System.Text.Json.Nodes;

namespace IoFog.Operator.ControlPlanes;

/// <summary>What a control plane is to be; the CRD describes each field.</summary>
public sealed record ControlPlaneSpec
{
    public ControlPlaneUser? User { get; init; }

    public ControlPlaneDatabase? Database { get; init; }

    public ControlPlaneStorage? Storage { get; init; }

    public ControlPlaneIngresses? Ingresses { get; init; }

    public ControlPlaneServices? Services { get; init; }

    public ControlPlaneReplicas? Replicas { get; init; }

    public ControlPlaneImages? Images { get; init; }

    public ControlPlaneController? Controller { get; init; }

    public ControlPlanePods? Pods { get; init; }

    /// <summary>True where the Controller keeps its data on a volume: also for the block without a host that the Go operator took for SQLite.</summary>
    internal bool UsesSqlite => string.IsNullOrEmpty(Database?.Host);

    /// <summary>True where the volume outlives the object.</summary>
    internal bool KeepsData => UsesSqlite && Storage?.Keep != false;
}

/// <summary>Who owns everything in the Controller.</summary>
public sealed record ControlPlaneUser
{
    public required string Name { get; init; }

    public required string Surname { get; init; }

    public required string Email { get; init; }

    public string? Password { get; init; }

    public SecretKey? PasswordSecretRef { get; init; }

    /// <summary>Never the password.</summary>
    public override string ToString() => Email;
}

/// <summary>A key of a Secret in the same namespace.</summary>
public sealed record SecretKey(string Name, string? Key);

/// <summary>An external database.</summary>
public sealed record ControlPlaneDatabase
{
    public string? Provider { get; init; }

    public string? Host { get; init; }

    public int? Port { get; init; }

    public string? User { get; init; }

    public string? Password { get; init; }

    public SecretKey? PasswordSecretRef { get; init; }

    public string? DatabaseName { get; init; }

    public bool? Ssl { get; init; }

    public string? Ca { get; init; }

    /// <summary>Never the password.</summary>
    public override string ToString() => $"{Provider}://{Host}:{Port}/{DatabaseName}";
}

/// <summary>The volume of the SQLite database.</summary>
public sealed record ControlPlaneStorage(string? ClassName, string? Size, bool? Keep);

/// <summary>Addresses of what users run in front, and the Ingress of the Controller.</summary>
public sealed record ControlPlaneIngresses(RouterIngress? Router, ProxyIngress? HttpProxy, ProxyIngress? TcpProxy, ControllerIngress? Controller);

/// <summary>Where agents reach the router.</summary>
public sealed record RouterIngress(string? Address, int? MessagePort, int? InteriorPort, int? EdgePort);

/// <summary>Where users reach public ports.</summary>
public sealed record ProxyIngress(string? Address);

/// <summary>The Ingress of the Controller and its viewer.</summary>
public sealed record ControllerIngress(string? Host, string? IngressClassName, string? SecretName, IReadOnlyDictionary<string, string>? Annotations);

/// <summary>The Kubernetes Services.</summary>
public sealed record ControlPlaneServices(ServiceShape? Controller, ServiceShape? Router, ServiceShape? Proxy);

/// <summary>One Service.</summary>
public sealed record ServiceShape
{
    public string? Type { get; init; }

    public string? Address { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    public string? ExternalTrafficPolicy { get; init; }

    public string? LoadBalancerClass { get; init; }
}

/// <summary>How many of each; what is absent here may be scaled by others.</summary>
public sealed record ControlPlaneReplicas(int? Controller, int? Router, int? PortManager);

/// <summary>Images of the components.</summary>
public sealed record ControlPlaneImages
{
    public string? PullSecret { get; init; }

    public string? Controller { get; init; }

    public string? Router { get; init; }

    public string? PortManager { get; init; }

    public string? Proxy { get; init; }

    public string? PortRouter { get; init; }
}

/// <summary>Settings of the Controller.</summary>
public sealed record ControlPlaneController
{
    public string? PidBaseDir { get; init; }

    public int? EcnViewerPort { get; init; }

    public string? EcnViewerUrl { get; init; }

    public string? PortProvider { get; init; }

    public string? Ecn { get; init; }

    public string? PortAllocatorHost { get; init; }

    public string? ProxyBrokerUrl { get; init; }

    public string? ProxyBrokerToken { get; init; }

    /// <summary>Never the token.</summary>
    public override string ToString() => "settings of the Controller";
}

/// <summary>The pods of each component.</summary>
public sealed record ControlPlanePods(PodShape? Controller, PodShape? Router, PodShape? PortManager);

/// <summary>What a pod is given beside its container; in the words of Kubernetes, passed on as it is.</summary>
public sealed record PodShape
{
    public JsonObject? Resources { get; init; }

    public IReadOnlyDictionary<string, string>? NodeSelector { get; init; }

    public JsonArray? Tolerations { get; init; }

    public JsonObject? Affinity { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}
