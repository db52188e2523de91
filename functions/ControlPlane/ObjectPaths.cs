namespace IoFog.Operator.ControlPlanes;

/// <summary>Where the objects of a control plane are: their names are fixed, as ioFog's own tools look for them.</summary>
internal static class ObjectPaths
{
    public const string Credentials = "controller-credentials";
    public const string Database = "controller-db-credentials";
    public const string Tokens = "controller-s2s-tokens";
    public const string Authority = "router-ca";

    /// <summary>Certificates of the router: for messages, and between routers.</summary>
    public static readonly string[] Certificates = ["router-amqps", "router-internal"];

    public static string Secret(string @namespace, string name) => $"api/v1/namespaces/{@namespace}/secrets/{name}";

    public static string Service(string @namespace, string name) => $"api/v1/namespaces/{@namespace}/services/{name}";

    public static string Claim(string @namespace) => $"api/v1/namespaces/{@namespace}/persistentvolumeclaims/controller-sqlite";

    public static string Deployment(string @namespace, string name) => $"apis/apps/v1/namespaces/{@namespace}/deployments/{name}";

    public static string DisruptionBudget(string @namespace, string name) => $"apis/policy/v1/namespaces/{@namespace}/poddisruptionbudgets/{name}";

    public static string Ingress(string @namespace) => $"apis/networking.k8s.io/v1/namespaces/{@namespace}/ingresses/controller";

    /// <summary>All that a control plane may have. What it does not want of these is removed, if it is its own.</summary>
    public static IEnumerable<string> All(string @namespace) =>
    [
        .. new[] { "controller", "router", "port-manager" }.Select(name => $"api/v1/namespaces/{@namespace}/serviceaccounts/{name}"),
        .. new[] { "router", "port-manager" }.Select(name => $"apis/rbac.authorization.k8s.io/v1/namespaces/{@namespace}/roles/{name}"),
        .. new[] { "router", "port-manager" }.Select(name => $"apis/rbac.authorization.k8s.io/v1/namespaces/{@namespace}/rolebindings/{name}"),
        .. ((string[])[Credentials, Database, Tokens, Authority, .. Certificates]).Select(name => Secret(@namespace, name)),
        Service(@namespace, "controller"),
        Service(@namespace, "router"),
        Claim(@namespace),
        Ingress(@namespace),
        DisruptionBudget(@namespace, "controller"),
        DisruptionBudget(@namespace, "router"),
        Deployment(@namespace, "controller"),
        Deployment(@namespace, "port-manager"),
        .. Enumerable.Range(1, RouterPlan.Most).Select(number => Deployment(@namespace, RouterPlan.NameOf(number))),
        .. Enumerable.Range(1, RouterPlan.Most).Select(number => Service(@namespace, RouterPlan.MeshOf(number))),
    ];
}
