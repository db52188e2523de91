using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using IoFog.Operator.Local.Cluster.Schemas;

namespace IoFog.Operator.Local.Cluster;

/// <summary>All that is served: the built-ins that a control plane needs, and what CustomResourceDefinitions define.</summary>
internal sealed class ResourceTypes
{
    public static readonly ResourceType Crd = new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition")
    { Namespaced = false, HasStatus = true, ShortNames = ["crd", "crds"] };

    public static readonly ResourceType Namespace = new("", "v1", "namespaces", "Namespace")
    { Namespaced = false, HasStatus = true, ShortNames = ["ns"] };

    public static readonly ResourceType ServiceAccount = new("", "v1", "serviceaccounts", "ServiceAccount") { ShortNames = ["sa"] };

    public static readonly ResourceType ConfigMap = new("", "v1", "configmaps", "ConfigMap") { ShortNames = ["cm"] };

    public static readonly ResourceType Service = new("", "v1", "services", "Service")
    { HasStatus = true, ShortNames = ["svc"], Categories = ["all"] };

    public static readonly ResourceType Claim = new("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim") { HasStatus = true, ShortNames = ["pvc"] };

    public static readonly ResourceType Deployment = new("apps", "v1", "deployments", "Deployment")
    { HasStatus = true, HasScale = true, ShortNames = ["deploy"], Categories = ["all"] };

    public static readonly ResourceType Pod = new("", "v1", "pods", "Pod") { HasStatus = true, ShortNames = ["po"], Categories = ["all"] };

    public static readonly ResourceType Job = new("batch", "v1", "jobs", "Job") { HasStatus = true, Categories = ["all"] };

    public static readonly ResourceType Event = new("events.k8s.io", "v1", "events", "Event") { ShortNames = ["ev"] };

    public static readonly ResourceType CoreEvent = new("", "v1", "events", "Event") { ShortNames = ["ev"] };

    private static readonly ResourceType[] BuiltIn =
    [
        Crd, Namespace, ServiceAccount, Service, Claim, Deployment, Event, CoreEvent,
        new("", "v1", "secrets", "Secret"),
        ConfigMap, Pod, Job,
        new("apps", "v1", "replicasets", "ReplicaSet") { HasStatus = true, HasScale = true, ShortNames = ["rs"], Categories = ["all"] },
        new("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
        new("coordination.k8s.io", "v1", "leases", "Lease"),
        new("rbac.authorization.k8s.io", "v1", "roles", "Role"),
        new("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"),
        new("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole") { Namespaced = false },
        new("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding") { Namespaced = false },
        new("networking.k8s.io", "v1", "ingresses", "Ingress") { HasStatus = true, ShortNames = ["ing"] },
        new("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy") { ShortNames = ["netpol"] },
        new("", "v1", "nodes", "Node") { Namespaced = false, HasStatus = true, ShortNames = ["no"], IsAlwaysEmpty = true },
        new("", "v1", "resourcequotas", "ResourceQuota") { HasStatus = true, ShortNames = ["quota"], IsAlwaysEmpty = true },
        new("", "v1", "limitranges", "LimitRange") { ShortNames = ["limits"], IsAlwaysEmpty = true },
        new("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget") { HasStatus = true, ShortNames = ["pdb"] },
    ];

    private readonly ConcurrentDictionary<(string Group, string Version, string Plural), ResourceType> custom = [];

    public IEnumerable<ResourceType> All => BuiltIn.Concat(custom.Values.OrderBy(type => type.Plural, StringComparer.Ordinal));

    public ResourceType? Find(string group, string version, string plural) =>
        custom.GetValueOrDefault((group, version, plural))
        ?? Array.Find(BuiltIn, type => type.Group == group && type.Version == version && type.Plural == plural);

    /// <summary>Reads a definition.</summary>
    /// <exception cref="SchemaRefusedException">A version's schema is not structural, or needs what the emulator does not have.</exception>
    public static IReadOnlyList<ResourceType> Read(JsonObject definition)
    {
        var spec = definition["spec"]!.AsObject();
        var names = spec["names"]!.AsObject();
        return [.. spec["versions"]!.AsArray().Select(version => version!.AsObject()).Where(version => version["served"]!.GetValue<bool>())
            .Select(version => new ResourceType(Text(spec, "group"), Text(version, "name"), Text(names, "plural"), Text(names, "kind"))
            {
                Namespaced = Text(spec, "scope") == "Namespaced",
                Singular = names["singular"]?.GetValue<string>() ?? Text(names, "kind").ToLowerInvariant(),
                ShortNames = Texts(names["shortNames"]),
                Categories = Texts(names["categories"]),
                HasStatus = version["subresources"]?["status"] is not null,
                Schema = StructuralSchema.Parse(version["schema"]!["openAPIV3Schema"]!.AsObject()),
                Columns = version["additionalPrinterColumns"]?.AsArray(),
            })];
    }

    /// <summary>Another definition that has taken this kind's name in its group; null when the name is free.</summary>
    public ResourceType? Taken(ResourceType type) =>
        custom.Values.FirstOrDefault(other => other.Group == type.Group && other.Kind == type.Kind && other.Plural != type.Plural);

    /// <summary>Serves a definition's versions, and no others of it.</summary>
    public void Serve(IReadOnlyList<ResourceType> types)
    {
        if (types is [var first, ..])
            Stop(first.Group, first.Plural);
        foreach (var type in types)
            custom[(type.Group, type.Version, type.Plural)] = type;
    }

    public void Stop(string group, string plural)
    {
        foreach (var key in custom.Keys.Where(key => key.Group == group && key.Plural == plural))
            custom.TryRemove(key, out _);
    }

    private static string Text(JsonObject node, string name) => node[name]!.GetValue<string>();

    private static string[] Texts(JsonNode? node) => node is JsonArray array ? [.. array.Select(item => item!.GetValue<string>())] : [];
}
