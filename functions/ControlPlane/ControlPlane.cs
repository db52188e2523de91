using System.Text.Json.Serialization;

namespace IoFog.Operator.ControlPlanes;

/// <summary>What a control plane is to be; the CRD describes each field.</summary>
public sealed record ControlPlaneSpec
{
    public ControlPlaneUser? User { get; init; }

    public ControlPlaneDatabase? Database { get; init; }

    public ControlPlaneIngresses? Ingresses { get; init; }

    public ControlPlaneServices? Services { get; init; }

    public ControlPlaneReplicas? Replicas { get; init; }

    public ControlPlaneImages? Images { get; init; }

    public ControlPlaneController? Controller { get; init; }
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
    public required string Provider { get; init; }

    public required string Host { get; init; }

    public required int Port { get; init; }

    public required string User { get; init; }

    public required string Password { get; init; }

    public required string DatabaseName { get; init; }

    /// <summary>Never the password.</summary>
    public override string ToString() => $"{Provider}://{Host}:{Port}/{DatabaseName}";
}

/// <summary>Addresses of what users run in front.</summary>
public sealed record ControlPlaneIngresses(RouterIngress? Router, ProxyIngress? HttpProxy, ProxyIngress? TcpProxy);

/// <summary>Where agents reach the router.</summary>
public sealed record RouterIngress(string Address, int? MessagePort, int? InteriorPort, int? EdgePort);

/// <summary>Where users reach public ports.</summary>
public sealed record ProxyIngress(string? Address);

/// <summary>The Kubernetes Services.</summary>
public sealed record ControlPlaneServices(ServiceShape? Controller, ServiceShape? Router, ServiceShape? Proxy);

/// <summary>One Service.</summary>
public sealed record ServiceShape(string? Type, string? Address);

/// <summary>How many of each.</summary>
public sealed record ControlPlaneReplicas(int? Controller);

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
}

/// <summary>What is known of a control plane.</summary>
public sealed record ControlPlaneStatus : Status
{
    /// <summary>Where the Controller answers.</summary>
    public string? Endpoint { get; init; }

    public string? ControllerVersion { get; init; }

    /// <summary>What agents connect to.</summary>
    public string? RouterAddress { get; init; }

    public IReadOnlyList<ControlPlaneComponent>? Components { get; init; }

    /// <summary>Adds the pair of conditions that iofogctl waits for: exactly one is True, and <c>ready</c> equals Ready.</summary>
    public override IReadOnlyList<Condition> Arrange(IReadOnlyList<Condition> conditions)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        var ready = conditions.First(condition => condition.Type == Names.Ready);
        var isReady = ready.Status == "True";
        return [Pair("ready", isReady), Pair("deploying", !isReady), .. conditions];

        Condition Pair(string type, bool holds)
        {
            var last = Conditions?.FirstOrDefault(condition => condition.Type == type);
            var status = holds ? "True" : "False";
            return ready with
            {
                Type = type,
                Status = status,
                LastTransitionTime = last?.Status == status ? last.LastTransitionTime : ready.LastTransitionTime,
            };
        }
    }
}

/// <summary>A part of a control plane.</summary>
public sealed record ControlPlaneComponent(string Name, bool Ready, string? Message);

[JsonSerializable(typeof(Resource<ControlPlaneSpec, ControlPlaneStatus>), TypeInfoPropertyName = "ControlPlane")]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ControlPlaneJson : JsonSerializerContext;
