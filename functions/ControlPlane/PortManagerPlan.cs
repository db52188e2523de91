using System.Text.Json.Nodes;

namespace IoFog.Operator.ControlPlanes;

/// <summary>The port manager's objects. What it makes itself, the proxy, is its own.</summary>
internal static class PortManagerPlan
{
    private const string Name = "port-manager";

    public static IEnumerable<OwnedObject> Of(ControlPlaneInputs inputs, ObjectMaker made)
    {
        var spec = inputs.Spec;
        string[] all = ["get", "list", "watch", "create", "update", "patch", "delete"];
        yield return made.ServiceAccount(Name, spec.Images?.PullSecret, usesToken: true);
        yield return made.Role(Name, ("apps", ["deployments"], all), ("", ["services"], all), ("", ["pods", "configmaps"], ["get", "list", "watch"]));
        yield return made.RoleBinding(Name);
        yield return made.Deployment(Name, Containers.DeploymentSpec(
            Name, made.Labels(Name), new() { ["name"] = Name }, spec.Replicas?.PortManager ?? 1, Container(spec, made.Namespace), volumes: null, recreate: true,
            spec.Pods?.PortManager,
            ("iofog.org/credentials", inputs.RevisionOf(ObjectPaths.Credentials))));
    }

    private static JsonObject Container(ControlPlaneSpec spec, string @namespace)
    {
        var env = new JsonArray(
            Containers.Variable("WATCH_NAMESPACE", @namespace),
            Containers.FromField("POD_NAME", "metadata.name"),
            Containers.Variable("OPERATOR_NAME", Name),
            Containers.FromSecret("IOFOG_USER_EMAIL", ObjectPaths.Credentials, "email"),
            Containers.FromSecret("IOFOG_USER_PASS", ObjectPaths.Credentials, "encoded"), // it decodes whatever it can, so it is given what it can decode
            Containers.Variable("PROXY_IMAGE", spec.Images?.Proxy is { Length: > 0 } proxy ? proxy : "iofog/proxy:3.0.0"),
            Containers.Variable("ROUTER_ADDRESS", "router"));
        Containers.Add(env, "HTTP_PROXY_ADDRESS", spec.Ingresses?.HttpProxy?.Address);
        Containers.Add(env, "TCP_PROXY_ADDRESS", spec.Ingresses?.TcpProxy?.Address);
        return new()
        {
            ["name"] = Name,
            ["image"] = spec.Images?.PortManager is { Length: > 0 } image ? image : "iofog/port-manager:3.0.0",
            ["env"] = env,
            ["readinessProbe"] = new JsonObject
            {
                ["exec"] = new JsonObject { ["command"] = new JsonArray("stat", "/tmp/operator-sdk-ready") },
                ["initialDelaySeconds"] = 4,
                ["timeoutSeconds"] = 10,
                ["periodSeconds"] = 5,
                ["failureThreshold"] = 2,
            },
            ["resources"] = Containers.Requests("10m", "32Mi"),
            ["securityContext"] = Containers.Restricted(),
        };
    }
}
