using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Insight;

/// <summary>
/// What cluster and Controller hold of a control plane, as <c>deployments</c> and <c>services</c> by name, <c>ingress</c>, <c>claim</c>,
/// <c>router</c> and <c>user</c>. No Secret is among it.
/// </summary>
public static class ControlPlaneParts
{
    private static readonly string[] Services = ["controller", "router", "http-proxy"];

    /// <summary>What the cluster holds.</summary>
    /// <exception cref="KubernetesException">A part may not be read.</exception>
    public static async Task<JsonObject> ReadAsync(KubernetesApi api, string @namespace, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(api);
        var deployments = await FindAsync("apis/apps/v1", "deployments");
        var services = await Task.WhenAll(Services.Select(name => FindAsync("api/v1", $"services/{name}")));
        return new()
        {
            ["deployments"] = new JsonObject((deployments?["items"] as JsonArray ?? []).OfType<JsonObject>()
                .Select(found => KeyValuePair.Create(NetworkObject.Text(found["metadata"]?["name"]) ?? "", (JsonNode?)found.DeepClone()))),
            ["services"] = new JsonObject(Services.Zip(services, static (name, found) => KeyValuePair.Create(name, (JsonNode?)found))),
            ["ingress"] = await FindAsync("apis/networking.k8s.io/v1", "ingresses/controller"),
            ["claim"] = await FindAsync("api/v1", "persistentvolumeclaims/controller-sqlite"),
        };

        Task<JsonObject?> FindAsync(string group, string path) =>
            api.FindAsync($"{group}/namespaces/{@namespace}/{path}", KubernetesJson.Default.JsonObject, cancellationToken);
    }

    /// <summary>Adds what the Controller holds.</summary>
    /// <exception cref="ControllerUnavailableException">It does not answer.</exception>
    public static async Task AddAsync(JsonObject parts, ControllerClient controller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(controller);
        var user = await controller.GetProfileAsync(cancellationToken);
        parts["user"] = new JsonObject { ["name"] = user.FirstName, ["surname"] = user.LastName, ["email"] = user.Email };
        if (await controller.FindDefaultRouterAsync(cancellationToken) is { } router)
        {
            parts["router"] = new JsonObject
            {
                ["address"] = router.Host,
                ["messagePort"] = router.MessagingPort,
                ["interiorPort"] = router.InterRouterPort,
                ["edgePort"] = router.EdgeRouterPort,
            };
        }
    }

    /// <summary>The fields of a spec beside those parts: where it is, what the spec says and what is there.</summary>
    /// <param name="spec">Of the ControlPlane.</param>
    /// <param name="parts">As <see cref="ReadAsync"/> and <see cref="AddAsync"/> found them.</param>
    internal static IEnumerable<(string Field, JsonNode? Desired, JsonNode? Observed)> Pair(JsonObject spec, JsonObject parts)
    {
        foreach (var field in new[] { "name", "surname", "email" })
            yield return ($"user.{field}", spec["user"]?[field], parts["user"]?[field]);
        foreach (var (field, deployment) in Deployments)
            yield return ($"images.{field}", spec["images"]?[field], Container(deployment)?["image"]);
        yield return ("replicas.controller", spec["replicas"]?["controller"], Spec("controller")?["replicas"]);
        yield return ("replicas.router", spec["replicas"]?["router"], Routers() is > 0 and var count ? count : null);
        yield return ("replicas.portManager", spec["replicas"]?["portManager"], Spec("port-manager")?["replicas"]);
        foreach (var (field, variable) in Variables)
            yield return ($"controller.{field}", spec["controller"]?[field], Alike(spec["controller"]?[field], Variable(variable)));
        yield return ("database.provider", spec["database"]?["provider"], Variable("DB_PROVIDER"));
        yield return ("storage.className", spec["storage"]?["className"], parts["claim"]?["spec"]?["storageClassName"]);
        yield return ("storage.size", spec["storage"]?["size"], parts["claim"]?["spec"]?["resources"]?["requests"]?["storage"]);
        foreach (var (field, service) in new[] { ("controller", "controller"), ("router", "router"), ("proxy", "http-proxy") })
        {
            var (wants, has) = (spec["services"]?[field], parts["services"]?[service]);
            yield return ($"services.{field}.type", wants?["type"], has?["spec"]?["type"]);
            yield return ($"services.{field}.address", wants?["address"], has?["spec"]?["loadBalancerIP"]);
            yield return ($"services.{field}.externalTrafficPolicy", wants?["externalTrafficPolicy"], has?["spec"]?["externalTrafficPolicy"]);
            yield return ($"services.{field}.loadBalancerClass", wants?["loadBalancerClass"], has?["spec"]?["loadBalancerClass"]);
            yield return ($"services.{field}.annotations", wants?["annotations"], Among(wants?["annotations"], has?["metadata"]?["annotations"]));
        }

        foreach (var field in new[] { "address", "messagePort", "interiorPort", "edgePort" })
            yield return ($"ingresses.router.{field}", spec["ingresses"]?["router"]?[field], parts["router"]?[field]);
        var (shape, ingress) = (spec["ingresses"]?["controller"], parts["ingress"]);
        yield return ("ingresses.controller.host", shape?["host"], First(ingress?["spec"]?["rules"])?["host"]);
        yield return ("ingresses.controller.ingressClassName", shape?["ingressClassName"], ingress?["spec"]?["ingressClassName"]);
        yield return ("ingresses.controller.secretName", shape?["secretName"], First(ingress?["spec"]?["tls"])?["secretName"]);
        yield return ("ingresses.controller.annotations", shape?["annotations"], Among(shape?["annotations"], ingress?["metadata"]?["annotations"]));
        foreach (var (field, deployment) in Deployments)
        {
            var (wants, template) = (spec["pods"]?[field], Spec(deployment)?["template"]);
            yield return ($"pods.{field}.resources", wants?["resources"], Container(deployment)?["resources"]);
            foreach (var part in new[] { "nodeSelector", "tolerations", "affinity" })
                yield return ($"pods.{field}.{part}", wants?[part], template?["spec"]?[part]);
            yield return ($"pods.{field}.annotations", wants?["annotations"], Among(wants?["annotations"], template?["metadata"]?["annotations"]));
        }

        JsonNode? Spec(string deployment) => parts["deployments"]?[deployment]?["spec"];

        JsonObject? Container(string deployment) => Named(Spec(deployment)?["template"]?["spec"]?["containers"], deployment);

        JsonNode? Variable(string name) => Named(Container("controller")?["env"], name)?["value"];

        int Routers() => (parts["deployments"] as JsonObject ?? []).Count(one => one.Key == "router" || one.Key.StartsWith("router-", StringComparison.Ordinal));
    }

    private static readonly (string Field, string Deployment)[] Deployments = [("controller", "controller"), ("router", "router"), ("portManager", "port-manager")];

    private static readonly (string Field, string Variable)[] Variables =
    [
        ("pidBaseDir", "PID_BASE"), ("ecnViewerPort", "VIEWER_PORT"), ("ecnViewerUrl", "VIEWER_URL"), ("portProvider", "MSVC_PORT_PROVIDER"), ("ecn", "ECN_NAME"),
        ("portAllocatorHost", "PORT_ALLOC_ADDRESS"), ("proxyBrokerUrl", "PROXY_BROKER_URL"),
    ];

    private static JsonObject? Named(JsonNode? list, string name) =>
        (list as JsonArray ?? []).OfType<JsonObject>().FirstOrDefault(item => NetworkObject.Text(item["name"]) == name);

    private static JsonNode? First(JsonNode? list) => list is JsonArray { Count: > 0 } items ? items[0] : null;

    // A variable is always a text.
    private static JsonNode? Alike(JsonNode? wanted, JsonNode? variable) =>
        wanted is not null && variable is not null && wanted.ToString() == variable.ToString() ? wanted : variable;

    // Annotations of others stay with them.
    private static JsonObject? Among(JsonNode? wanted, JsonNode? has) => wanted is JsonObject names && has is JsonObject all
        ? new(all.Where(one => names.ContainsKey(one.Key)).Select(one => KeyValuePair.Create(one.Key, one.Value?.DeepClone())))
        : null;
}
