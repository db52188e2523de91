using System.Text;
using System.Text.Json.Nodes;

namespace IoFog.Operator.ControlPlanes;

/// <summary>The Controller's objects.</summary>
internal static class ControllerPlan
{
    public const int Port = 51121;

    private const string SqliteFolder = "/usr/local/lib/node_modules/@iofog/iofogcontroller/src/data/sqlite_files/";
    private const string Claim = "controller-sqlite";

    public static IEnumerable<OwnedObject> Of(ControlPlaneInputs inputs, ObjectMaker made)
    {
        var spec = inputs.Spec;
        yield return made.ServiceAccount("controller", spec.Images?.PullSecret, usesToken: false);
        yield return made.Secret(
            ObjectPaths.Credentials, "Opaque", isOwned: !spec.KeepsData,
            inputs.Revised(ObjectPaths.Credentials, ("email", inputs.User.Email), ("password", inputs.User.Password), ("encoded", Password.Encoded(inputs.User.Password))));
        if (spec.Controller?.ProxyBrokerToken is { Length: > 0 } token)
            yield return made.Secret(ObjectPaths.Tokens, "Opaque", isOwned: true, inputs.Revised(ObjectPaths.Tokens, ("proxy-broker-token", token)));
        if (!spec.UsesSqlite && spec.Database is { } database)
        {
            yield return made.Secret(ObjectPaths.Database, "Opaque", isOwned: true, inputs.Revised(
                ObjectPaths.Database, ("dbname", database.DatabaseName!), ("host", database.Host!), ("port", $"{database.Port}"), ("username", database.User!),
                ("password", inputs.DatabasePassword!)));
        }
        else
        {
            yield return made.Claim(Claim, spec.Storage, isOwned: !spec.KeepsData);
        }

        yield return made.Service("controller", spec.Services?.Controller, Selector(), ("controller0", Port), ("controller1", ViewerPort(spec)));
        if (spec.Ingresses?.Controller is { } ingress)
            yield return made.Ingress("controller", ingress, ("/api/v3", Port), ("/", ViewerPort(spec)));
        if (spec.Replicas?.Controller > 1)
            yield return made.DisruptionBudget("controller", Selector());
        yield return made.Deployment("controller", Containers.DeploymentSpec(
            "controller", made.Labels("controller"), Selector(), spec.Replicas?.Controller, Container(spec), Volumes(spec), recreate: spec.UsesSqlite,
            spec.Pods?.Controller,
            ("iofog.org/database", spec.UsesSqlite ? null : inputs.RevisionOf(ObjectPaths.Database)),
            ("iofog.org/tokens", spec.Controller?.ProxyBrokerToken is { Length: > 0 } ? inputs.RevisionOf(ObjectPaths.Tokens) : null)));
    }

    private static JsonObject Selector() => new() { ["name"] = "controller" };

    private static int ViewerPort(ControlPlaneSpec spec) => spec.Controller?.EcnViewerPort ?? 80;

    private static JsonObject Container(ControlPlaneSpec spec)
    {
        var container = new JsonObject
        {
            ["name"] = "controller",
            ["image"] = OrElse(spec.Images?.Controller, "iofog/controller:3.0.4"),
            ["env"] = Environment(spec),
            ["ports"] = new JsonArray(
                new JsonObject { ["containerPort"] = Port, ["name"] = "api", ["protocol"] = "TCP" },
                new JsonObject { ["containerPort"] = ViewerPort(spec), ["name"] = "viewer", ["protocol"] = "TCP" }),
            ["readinessProbe"] = Containers.Probe("/api/v3/status", Port, initialDelay: 10, failures: 2),
            ["livenessProbe"] = Containers.Probe("/api/v3/status", Port, initialDelay: 120, failures: 12),
            ["resources"] = Containers.Requests("100m", "256Mi"),

            // At each start it writes the viewer's settings into its own folder, which is root's.
            ["securityContext"] = Containers.RestrictedAsRoot(bindsLowPort: ViewerPort(spec) < 1024),
        };
        if (spec.UsesSqlite)
            container["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = Claim, ["mountPath"] = SqliteFolder, ["subPath"] = "prod_database.sqlite" });
        return container;
    }

    private static JsonArray Environment(ControlPlaneSpec spec)
    {
        var settings = spec.Controller;
        var env = new JsonArray();
        Containers.Add(env, "MSVC_PORT_PROVIDER", settings?.PortProvider);
        Containers.Add(env, "ECN_NAME", settings?.Ecn);
        Containers.Add(env, "PORT_ALLOC_ADDRESS", settings?.PortAllocatorHost);
        Containers.Add(env, "PID_BASE", OrElse(settings?.PidBaseDir, "/tmp"));
        Containers.Add(env, "VIEWER_PORT", $"{ViewerPort(spec)}");
        Containers.Add(env, "VIEWER_URL", ViewerUrl(spec));
        Containers.Add(env, "PROXY_BROKER_URL", settings?.ProxyBrokerUrl);
        if (settings?.ProxyBrokerToken is { Length: > 0 })
            env.Add((JsonNode)Containers.FromSecret("PROXY_BROKER_TOKEN", ObjectPaths.Tokens, "proxy-broker-token"));
        Containers.Add(env, "SystemImages_Proxy_1", spec.Images?.Proxy);
        Containers.Add(env, "SystemImages_Router_1", spec.Images?.Router);
        Containers.Add(env, "SystemImages_Router_2", spec.Images?.Router);
        Containers.Add(env, "SystemImages_PortRouter_1", spec.Images?.PortRouter);
        Containers.Add(env, "SystemImages_PortRouter_2", spec.Images?.PortRouter);
        if (spec.UsesSqlite)
            return env;
        Containers.Add(env, "DB_PROVIDER", spec.Database!.Provider);
        foreach (var (name, key) in new[] { ("DB_NAME", "dbname"), ("DB_USERNAME", "username"), ("DB_PASSWORD", "password"), ("DB_HOST", "host"), ("DB_PORT", "port") })
            env.Add((JsonNode)Containers.FromSecret(name, ObjectPaths.Database, key));
        if (spec.Database.Ssl == false || (spec.Database.Ssl is null && string.IsNullOrEmpty(spec.Database.Ca)))
            return env;
        Containers.Add(env, "DB_USE_SSL", "true");
        Containers.Add(env, "DB_SSL_CA", spec.Database.Ca);
        Containers.Add(env, "DB_SSL_CA_B64", CertificateInBase64(spec.Database.Ca));
        return env;
    }

    // Controllers from 3.5 on read it in base64 alone, under a name of its own, and check no certificate without it.
    private static string? CertificateInBase64(string? ca) =>
        ca?.Contains("-----BEGIN", StringComparison.Ordinal) == true ? Convert.ToBase64String(Encoding.UTF8.GetBytes(ca)) : ca;

    private static string? ViewerUrl(ControlPlaneSpec spec) =>
        spec.Controller?.EcnViewerUrl is { Length: > 0 } url ? url
        : spec.Ingresses?.Controller is { Host: { Length: > 0 } host } ingress ? $"{(string.IsNullOrEmpty(ingress.SecretName) ? "http" : "https")}://{host}"
        : null;

    private static JsonArray? Volumes(ControlPlaneSpec spec) => spec.UsesSqlite
        ? new(new JsonObject { ["name"] = Claim, ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = Claim } })
        : null;

    private static string OrElse(string? text, string otherwise) => string.IsNullOrEmpty(text) ? otherwise : text;
}
