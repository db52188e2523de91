using System.Text.Json.Nodes;

namespace IoFog.Operator.ControlPlanes;

/// <summary>
/// The router's objects. Several routers are one Deployment each: every router of a mesh needs an id and an address of its own, which pods of one
/// Deployment do not have. The Service leads to all of them, and each connects to those before it.
/// </summary>
internal static class RouterPlan
{
    public const int MessagePort = 5672;
    public const int InteriorPort = 55672;
    public const int EdgePort = 45672;

    /// <summary>How many routers there may be.</summary>
    public const int Most = 5;

    /// <summary>The folder below which the router finds its certificates.</summary>
    private const string Certificates = "/etc/qpid-dispatch-certs";

    public static string NameOf(int number) => number == 1 ? "router" : $"router-{number}";

    /// <summary>The Service by which the other routers find this one.</summary>
    public static string MeshOf(int number) => $"router-mesh-{number}";

    public static IEnumerable<OwnedObject> Of(ControlPlaneInputs inputs, ObjectMaker made)
    {
        var spec = inputs.Spec;
        var count = spec.Replicas?.Router ?? 1;
        yield return made.ServiceAccount("router", spec.Images?.PullSecret, usesToken: true);
        yield return made.Role("router", ("", ["pods"], ["get", "list", "watch"]));
        yield return made.RoleBinding("router");
        yield return made.Service(
            "router", spec.Services?.Router, Common(), ("router0", MessagePort), ("router1", InteriorPort), ("router2", EdgePort));
        if (inputs.Certificates is not { } certificates)
            yield break; // a router that starts before it has an address would only start anew
        yield return made.Secret(ObjectPaths.Authority, "kubernetes.io/tls", isOwned: true, AuthorityOf(certificates));
        foreach (var name in ObjectPaths.Certificates)
        {
            yield return made.Secret(
                name, "kubernetes.io/tls", isOwned: true,
                ("tls.crt", certificates.Server), ("tls.key", certificates.ServerKey), ("ca.crt", certificates.Trusted));
        }

        if (count > 1)
            yield return made.DisruptionBudget("router", Common());
        for (var number = 1; count > 1 && number <= count; number++)
            yield return made.Service(MeshOf(number), new() { Type = "ClusterIP" }, new() { ["name"] = NameOf(number) }, ("inter-router", InteriorPort));
        for (var number = 1; number <= count; number++)
        {
            var labels = made.Labels(NameOf(number));
            labels["application"] = "interior-router";
            labels["skupper.io/component"] = "router";
            var selector = Common();
            selector["name"] = NameOf(number);
            selector["skupper.io/component"] = "router";
            yield return made.Deployment(NameOf(number), Containers.DeploymentSpec(
                "router", labels, selector, replicas: 1, Container(spec, made.Namespace, number), Volumes(), recreate: false, Spread(spec.Pods?.Router, count),
                ("iofog.org/certificates", certificates.Fingerprint)));
        }
    }

    private static IEnumerable<(string Key, string Value)> AuthorityOf(RouterCertificates certificates) =>
    [
        ("tls.crt", certificates.Authority), ("tls.key", certificates.AuthorityKey), ("ca.crt", certificates.Trusted),
        .. certificates is { Next: { } next, NextKey: { } key } ? new[] { ("next.crt", next), ("next.key", key) } : [],
    ];

    private static JsonObject Common() => new() { ["application"] = "interior-router" };

    // Several routers on one node are of no use when it goes.
    private static PodShape? Spread(PodShape? shape, int count) => count == 1 || shape?.Affinity is { Count: > 0 } ? shape : (shape ?? new()) with
    {
        Affinity = new()
        {
            ["podAntiAffinity"] = new JsonObject
            {
                ["preferredDuringSchedulingIgnoredDuringExecution"] = new JsonArray(new JsonObject
                {
                    ["weight"] = 100,
                    ["podAffinityTerm"] = new JsonObject
                    {
                        ["topologyKey"] = "kubernetes.io/hostname",
                        ["labelSelector"] = new JsonObject { ["matchLabels"] = Common() },
                    },
                }),
            },
        },
    };

    private static JsonObject Container(ControlPlaneSpec spec, string @namespace, int number) => new()
    {
        ["name"] = "router",
        ["image"] = spec.Images?.Router is { Length: > 0 } image ? image : "iofog/router:3.0.0",
        ["command"] = new JsonArray("/qpid-dispatch/launch.sh"),
        ["env"] = new JsonArray(
            Containers.Variable("APPLICATION_NAME", "router"),
            Containers.Variable("QDROUTERD_AUTO_MESH_DISCOVERY", "QUERY"),
            Containers.Variable("QDROUTERD_CONF", RouterConfiguration.Of(number, MeshBefore(@namespace, number))),
            Containers.FromField("POD_NAMESPACE", "metadata.namespace"),
            Containers.FromField("POD_IP", "status.podIP")),
        ["ports"] = new JsonArray(Port("amqp", MessagePort), Port("inter-router", InteriorPort), Port("edge", EdgePort), Port("health", RouterConfiguration.HealthPort)),
        ["readinessProbe"] = Containers.Probe("/healthz", RouterConfiguration.HealthPort, initialDelay: 10, failures: 2),
        ["livenessProbe"] = Containers.Probe("/healthz", RouterConfiguration.HealthPort, initialDelay: 60, failures: 12),
        ["resources"] = Containers.Requests("50m", "64Mi"),
        ["securityContext"] = Containers.Restricted(),
        ["volumeMounts"] = new JsonArray([.. ObjectPaths.Certificates.Select(name =>
            (JsonNode)new JsonObject { ["name"] = name, ["mountPath"] = $"{Certificates}/{name}", ["readOnly"] = true })]),
    };

    private static IEnumerable<string> MeshBefore(string @namespace, int number) =>
        Enumerable.Range(1, number - 1).Select(before => $"{MeshOf(before)}.{@namespace}.svc");

    private static JsonObject Port(string name, int port) => new() { ["containerPort"] = port, ["name"] = name, ["protocol"] = "TCP" };

    private static JsonArray Volumes() => new([.. ObjectPaths.Certificates.Select(name =>
        (JsonNode)new JsonObject { ["name"] = name, ["secret"] = new JsonObject { ["secretName"] = name } })]);
}
