using IoFog.Operator.Changes;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Watcher;

/// <summary>The watches: of all kinds, of what they own, and of the Secrets that matter.</summary>
internal sealed class Watches(
    KubernetesApi api,
    WatcherOptions options,
    Watching watching,
    TimeProvider time,
    ILoggerFactory loggers)
{
    /// <summary>Collections whose objects, with our label, a ControlPlane owns.</summary>
    private static readonly string[] OwnedCollections =
    [
        "apis/apps/v1/namespaces/{0}/deployments",
        "api/v1/namespaces/{0}/services",
        "api/v1/namespaces/{0}/serviceaccounts",
        "apis/rbac.authorization.k8s.io/v1/namespaces/{0}/roles",
        "apis/rbac.authorization.k8s.io/v1/namespaces/{0}/rolebindings",
        "api/v1/namespaces/{0}/persistentvolumeclaims",
        "apis/networking.k8s.io/v1/namespaces/{0}/ingresses",
        "apis/policy/v1/namespaces/{0}/poddisruptionbudgets",
    ];

    /// <summary>Services that the port manager makes, whose shape a ControlPlane says.</summary>
    private static readonly string[] Proxies = ["http-proxy", "tcp-proxy"];

    /// <summary>Secrets that a ControlPlane owns. They are watched one by one: listing Secrets would mean reading all.</summary>
    private static readonly string[] OwnedSecrets =
        ["controller-credentials", "controller-db-credentials", "controller-s2s-tokens", "router-ca", "router-amqps", "router-internal"];

    private readonly KindWatch[] kinds = [.. Kinds.All.Select(kind => new KindWatch(
        kind,
        new(api, kind.PathOf(options.Namespace), "", metadataOnly: false, time, loggers.CreateLogger<ResourceWatch>()),
        watching,
        loggers.CreateLogger<KindWatch>()))];

    private readonly OwnedWatch[] owned =
    [
        .. OwnedCollections.Select(path => Owned(
            api, string.Format(null, path, options.Namespace), $"labelSelector={Uri.EscapeDataString($"{Names.ManagedByLabel}={Names.ManagedBy}")}",
            watching, time, loggers)),
        .. Proxies.Select(name => Owned(
            api, $"api/v1/namespaces/{options.Namespace}/services", $"fieldSelector={Uri.EscapeDataString($"metadata.name={name}")}",
            watching, time, loggers)),
        .. OwnedSecrets.Concat(options.Secrets).Distinct().Select(name => Owned(
            api, $"api/v1/namespaces/{options.Namespace}/secrets", $"fieldSelector={Uri.EscapeDataString($"metadata.name={name}")}",
            watching, time, loggers)),
    ];

    /// <summary>True once everything has been listed and while all kinds are up to date.</summary>
    public bool IsReady => kinds.All(kind => kind.IsListed && kind.Watch.IsCurrent);

    /// <summary>The collections of which nothing has come for too long.</summary>
    public IEnumerable<string> Stalled =>
        kinds.Select(kind => kind.Watch).Concat(owned.Select(one => one.Watch)).Where(watch => watch.IsStalled).Select(watch => watch.Source);

    /// <summary>The queues, opened.</summary>
    public IReadOnlyDictionary<Kind, ChangeQueue> Queues { get; } = Kinds.All.ToDictionary(kind => kind, kind => ChangeQueue.Open(options.Storage, kind));

    /// <summary>All watches, running.</summary>
    public IEnumerable<Task> Run(CancellationToken cancellationToken) =>
        [.. kinds.Select(kind => kind.RunAsync(cancellationToken)), .. owned.Select(one => one.RunAsync(OwnedListed, cancellationToken))];

    private void OwnedListed()
    {
        if (owned.All(one => one.IsListed))
            watching.Tell((table, _) => table.OwnedKnown());
    }

    private static OwnedWatch Owned(
        KubernetesApi api, string path, string query, Watching watching, TimeProvider time, ILoggerFactory loggers) =>
        new(new(api, path, query, metadataOnly: true, time, loggers.CreateLogger<ResourceWatch>()), watching);
}
