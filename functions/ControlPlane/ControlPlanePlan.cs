using System.Text;
using System.Text.Json.Nodes;

namespace IoFog.Operator.ControlPlanes;

/// <summary>The Kubernetes objects of a control plane, by the names, labels and ports that ioFog's own tools look for.</summary>
internal static class ControlPlanePlan
{
    public const int ControllerPort = 51121;
    public const int MessagePort = 5672;
    public const int InteriorPort = 55672;
    public const int EdgePort = 45672;

    private const string SqliteFolder = "/usr/local/lib/node_modules/@iofog/iofogcontroller/src/data/sqlite_files/";

    /// <param name="owner">The control plane's metadata.</param>
    /// <param name="spec">What it is to be.</param>
    /// <param name="password">Of the user, plain.</param>
    /// <param name="certificates">The router's, once there are any.</param>
    public static IReadOnlyList<OwnedObject> Of(Metadata owner, ControlPlaneSpec spec, string password, RouterCertificates? certificates)
    {
        var made = new Maker(owner);
        List<OwnedObject> objects =
        [
            made.ServiceAccount("controller", spec.Images?.PullSecret),
            made.ServiceAccount("router", spec.Images?.PullSecret),
            made.ServiceAccount("port-manager", spec.Images?.PullSecret),
            made.Role("router", new JsonObject { ["apiGroups"] = new JsonArray(""), ["resources"] = new JsonArray("pods"), ["verbs"] = new JsonArray("get", "list", "watch") }),
            made.RoleBinding("router"),
            made.Role("port-manager", new JsonObject
            {
                ["apiGroups"] = new JsonArray("", "apps"),
                ["resources"] = new JsonArray("deployments", "services", "pods", "configmaps"),
                ["verbs"] = new JsonArray("get", "list", "watch", "create", "update", "patch", "delete"),
            }),
            made.RoleBinding("port-manager"),
            made.Secret("controller-credentials", "Opaque", ("email", spec.User!.Email), ("password", password)),
            made.Service("controller", spec.Services?.Controller, ("controller0", ControllerPort), ("controller1", spec.Controller?.EcnViewerPort ?? 80)),
            made.Service("router", spec.Services?.Router, ("router0", MessagePort), ("router1", InteriorPort), ("router2", EdgePort)),
        ];
        if (spec.Database is { } database)
        {
            objects.Add(made.Secret(
                "controller-db-credentials", "Opaque", ("dbname", database.DatabaseName), ("host", database.Host), ("port", $"{database.Port}"),
                ("username", database.User), ("password", database.Password)));
        }
        else
        {
            objects.Add(made.Claim("controller-sqlite"));
        }

        if (certificates is not null)
        {
            objects.Add(made.Secret("router-ca", "kubernetes.io/tls", ("tls.crt", certificates.Authority), ("tls.key", certificates.AuthorityKey)));
            foreach (var name in new[] { "router-amqps", "router-internal" })
            {
                objects.Add(made.Secret(
                    name, "kubernetes.io/tls", ("tls.crt", certificates.Server), ("tls.key", certificates.ServerKey), ("ca.crt", certificates.Authority)));
            }
        }

        objects.Add(made.Deployment("controller", spec.Replicas?.Controller ?? 1, Controller(spec), spec.Database is null ? Sqlite() : null, recreate: spec.Database is null));
        objects.Add(made.Deployment("router", 1, Router(spec), RouterVolumes(), recreate: false));
        objects.Add(made.Deployment("port-manager", 1, PortManager(owner, spec), null, recreate: true));
        return objects;
    }

    private static JsonObject Controller(ControlPlaneSpec spec)
    {
        var settings = spec.Controller;
        var env = new JsonArray();
        Add(env, "MSVC_PORT_PROVIDER", settings?.PortProvider);
        Add(env, "ECN_NAME", settings?.Ecn);
        Add(env, "PORT_ALLOC_ADDRESS", settings?.PortAllocatorHost);
        Add(env, "PID_BASE", settings?.PidBaseDir ?? "/tmp");
        Add(env, "VIEWER_PORT", $"{settings?.EcnViewerPort ?? 80}");
        Add(env, "VIEWER_URL", settings?.EcnViewerUrl);
        Add(env, "PROXY_BROKER_URL", settings?.ProxyBrokerUrl);
        Add(env, "SystemImages_Proxy_1", spec.Images?.Proxy);
        Add(env, "SystemImages_Router_1", spec.Images?.Router);
        Add(env, "SystemImages_Router_2", spec.Images?.Router);
        Add(env, "SystemImages_PortRouter_1", spec.Images?.PortRouter);
        Add(env, "SystemImages_PortRouter_2", spec.Images?.PortRouter);
        if (spec.Database is { } database)
        {
            Add(env, "DB_PROVIDER", database.Provider);
            foreach (var (name, key) in new[] { ("DB_NAME", "dbname"), ("DB_USERNAME", "username"), ("DB_PASSWORD", "password"), ("DB_HOST", "host"), ("DB_PORT", "port") })
                env.Add((JsonNode)FromSecret(name, "controller-db-credentials", key));
        }

        var container = new JsonObject
        {
            ["name"] = "controller",
            ["image"] = spec.Images?.Controller ?? "iofog/controller:3.0.4",
            ["env"] = env,
            ["ports"] = new JsonArray(new JsonObject { ["containerPort"] = ControllerPort, ["name"] = "api", ["protocol"] = "TCP" }),
            ["readinessProbe"] = Probe("/api/v3/status", ControllerPort),
        };
        if (spec.Database is null)
            container["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = "controller-sqlite", ["mountPath"] = SqliteFolder });
        return container;
    }

    private static JsonObject Router(ControlPlaneSpec spec) => new()
    {
        ["name"] = "router",
        ["image"] = spec.Images?.Router ?? "iofog/router:3.0.0",
        ["command"] = new JsonArray("/qpid-dispatch/launch.sh"),
        ["env"] = new JsonArray(
            Variable("APPLICATION_NAME", "router"),
            Variable("QDROUTERD_AUTO_MESH_DISCOVERY", "QUERY"),
            Variable("QDROUTERD_CONF", RouterConfiguration),
            FromField("POD_NAMESPACE", "metadata.namespace"),
            FromField("POD_IP", "status.podIP")),
        ["readinessProbe"] = Probe("/healthz", 9090),
        ["volumeMounts"] = new JsonArray(
            new JsonObject { ["name"] = "router-internal", ["mountPath"] = "/etc/qpid-dispatch-certs/router-internal" },
            new JsonObject { ["name"] = "router-amqps", ["mountPath"] = "/etc/qpid-dispatch-certs/router-amqps" }),
    };

    private static JsonObject PortManager(Metadata owner, ControlPlaneSpec spec)
    {
        var env = new JsonArray(
            Variable("WATCH_NAMESPACE", owner.Namespace!),
            FromField("POD_NAME", "metadata.name"),
            Variable("OPERATOR_NAME", "port-manager"),
            FromSecret("IOFOG_USER_EMAIL", "controller-credentials", "email"),
            FromSecret("IOFOG_USER_PASS", "controller-credentials", "password"),
            Variable("PROXY_IMAGE", spec.Images?.Proxy ?? "iofog/proxy:3.0.0"),
            Variable("ROUTER_ADDRESS", "router"));
        Add(env, "HTTP_PROXY_ADDRESS", spec.Ingresses?.HttpProxy?.Address);
        Add(env, "TCP_PROXY_ADDRESS", spec.Ingresses?.TcpProxy?.Address);
        return new() { ["name"] = "port-manager", ["image"] = spec.Images?.PortManager ?? "iofog/port-manager:3.0.0", ["env"] = env };
    }

    private static JsonArray Sqlite() =>
        new(new JsonObject { ["name"] = "controller-sqlite", ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = "controller-sqlite" } });

    private static JsonArray RouterVolumes() => new(
        new JsonObject { ["name"] = "router-internal", ["secret"] = new JsonObject { ["secretName"] = "router-internal" } },
        new JsonObject { ["name"] = "router-amqps", ["secret"] = new JsonObject { ["secretName"] = "router-amqps" } });

    private static JsonObject Probe(string path, int port) => new()
    {
        ["httpGet"] = new JsonObject { ["path"] = path, ["port"] = port },
        ["initialDelaySeconds"] = 10,
        ["timeoutSeconds"] = 10,
        ["periodSeconds"] = 5,
        ["failureThreshold"] = 2,
    };

    private static void Add(JsonArray env, string name, string? value)
    {
        // An empty one would override what the image knows itself.
        if (!string.IsNullOrEmpty(value))
            env.Add((JsonNode)Variable(name, value));
    }

    private static JsonObject Variable(string name, string value) => new() { ["name"] = name, ["value"] = value };

    private static JsonObject FromSecret(string name, string secret, string key) => new()
    {
        ["name"] = name,
        ["valueFrom"] = new JsonObject { ["secretKeyRef"] = new JsonObject { ["name"] = secret, ["key"] = key } },
    };

    private static JsonObject FromField(string name, string path) => new()
    {
        ["name"] = name,
        ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["fieldPath"] = path } },
    };

    private const string RouterConfiguration = """
        router {
            mode: interior
            id: default-router
        }
        listener {
            host: 0.0.0.0
            port: 5672
            role: normal
        }
        listener {
            host: 0.0.0.0
            port: 9090
            role: normal
            http: true
            httpRootDir: disabled
            websockets: false
            healthz: true
            metrics: true
        }
        listener {
            host: 0.0.0.0
            port: 55672
            role: inter-router
            saslMechanisms: ANONYMOUS
            authenticatePeer: no
        }
        listener {
            host: 0.0.0.0
            port: 45672
            role: edge
            saslMechanisms: ANONYMOUS
            authenticatePeer: no
        }
        sslProfile {
            name: router-amqps
            certFile: /etc/qpid-dispatch-certs/router-amqps/tls.crt
            privateKeyFile: /etc/qpid-dispatch-certs/router-amqps/tls.key
            caCertFile: /etc/qpid-dispatch-certs/router-amqps/ca.crt
        }
        sslProfile {
            name: router-internal
            certFile: /etc/qpid-dispatch-certs/router-internal/tls.crt
            privateKeyFile: /etc/qpid-dispatch-certs/router-internal/tls.key
            caCertFile: /etc/qpid-dispatch-certs/router-internal/ca.crt
        }
        """;

    /// <summary>Makes objects with what all of them share.</summary>
    private sealed class Maker(Metadata owner)
    {
        public OwnedObject ServiceAccount(string name, string? pullSecret)
        {
            var account = Make("v1", "ServiceAccount", name);
            if (!string.IsNullOrEmpty(pullSecret))
                account["imagePullSecrets"] = new JsonArray(new JsonObject { ["name"] = pullSecret });
            return At("api/v1", "serviceaccounts", account);
        }

        public OwnedObject Role(string name, JsonObject rule)
        {
            var role = Make("rbac.authorization.k8s.io/v1", "Role", name);
            role["rules"] = new JsonArray(rule);
            return At("apis/rbac.authorization.k8s.io/v1", "roles", role);
        }

        public OwnedObject RoleBinding(string name)
        {
            var binding = Make("rbac.authorization.k8s.io/v1", "RoleBinding", name);
            binding["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "Role", ["name"] = name };
            binding["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = name, ["namespace"] = owner.Namespace });
            return At("apis/rbac.authorization.k8s.io/v1", "rolebindings", binding);
        }

        public OwnedObject Secret(string name, string type, params ReadOnlySpan<(string Key, string Value)> entries)
        {
            var secret = Make("v1", "Secret", name);
            secret["type"] = type;
            var content = new JsonObject();
            foreach (var (key, value) in entries)
                content[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value));
            secret["data"] = content;
            return At("api/v1", "secrets", secret);
        }

        public OwnedObject Service(string name, ServiceShape? shape, params ReadOnlySpan<(string Name, int Port)> ports)
        {
            var service = Make("v1", "Service", name);
            var type = string.IsNullOrEmpty(shape?.Type) ? "LoadBalancer" : shape.Type;
            var list = new JsonArray();
            foreach (var (portName, port) in ports)
                list.Add((JsonNode)new JsonObject { ["name"] = portName, ["port"] = port, ["targetPort"] = port, ["protocol"] = "TCP" });
            var spec = new JsonObject { ["type"] = type, ["selector"] = new JsonObject { ["name"] = name }, ["ports"] = list };
            if (type == "LoadBalancer")
                spec["externalTrafficPolicy"] = "Local";
            if (!string.IsNullOrEmpty(shape?.Address))
                spec["loadBalancerIP"] = shape.Address;
            service["spec"] = spec;
            return At("api/v1", "services", service);
        }

        /// <summary>No owner: the database outlives its control plane.</summary>
        public OwnedObject Claim(string name)
        {
            var claim = Make("v1", "PersistentVolumeClaim", name);
            claim["metadata"]!.AsObject().Remove("ownerReferences");
            claim["spec"] = new JsonObject
            {
                ["accessModes"] = new JsonArray("ReadWriteOnce"),
                ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = "1Gi" } },
            };
            return At("api/v1", "persistentvolumeclaims", claim);
        }

        public OwnedObject Deployment(string name, int replicas, JsonObject container, JsonArray? volumes, bool recreate)
        {
            var deployment = Make("apps/v1", "Deployment", name);
            var pod = new JsonObject { ["serviceAccountName"] = name, ["containers"] = new JsonArray(container) };
            if (volumes is not null)
                pod["volumes"] = volumes;
            deployment["spec"] = new JsonObject
            {
                ["replicas"] = replicas,
                ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["name"] = name } },
                ["strategy"] = recreate
                    ? new JsonObject { ["type"] = "Recreate" }
                    : new JsonObject { ["type"] = "RollingUpdate", ["rollingUpdate"] = new JsonObject { ["maxUnavailable"] = 0, ["maxSurge"] = 1 } },
                ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = Labels(name) }, ["spec"] = pod },
            };
            return At("apis/apps/v1", "deployments", deployment);
        }

        private JsonObject Make(string apiVersion, string kind, string name) => new()
        {
            ["apiVersion"] = apiVersion,
            ["kind"] = kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = owner.Namespace,
                ["labels"] = Labels(name),
                ["ownerReferences"] = new JsonArray(new JsonObject
                {
                    ["apiVersion"] = Kind.ApiVersion,
                    ["kind"] = Kinds.ControlPlane.Name,
                    ["name"] = owner.Name,
                    ["uid"] = owner.Uid,
                    ["controller"] = true,
                    ["blockOwnerDeletion"] = true,
                }),
            },
        };

        private JsonObject Labels(string name) => new()
        {
            ["name"] = name,
            [Names.ManagedByLabel] = Names.ManagedBy,
            ["app.kubernetes.io/name"] = name,
            ["app.kubernetes.io/instance"] = owner.Name,
            ["app.kubernetes.io/part-of"] = "iofog",
        };

        private OwnedObject At(string group, string plural, JsonObject content) =>
            new($"{group}/namespaces/{owner.Namespace}/{plural}/{content["metadata"]!["name"]}", content);
    }
}
