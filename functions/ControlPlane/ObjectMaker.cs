using System.Text;
using System.Text.Json.Nodes;

namespace IoFog.Operator.ControlPlanes;

/// <summary>Makes the Kubernetes objects of a control plane with what all of them share.</summary>
internal sealed class ObjectMaker(Metadata owner)
{
    private const string Rbac = "rbac.authorization.k8s.io/v1";

    public string Namespace => owner.Namespace!;

    public OwnedObject ServiceAccount(string name, string? pullSecret, bool usesToken)
    {
        var account = Make("v1", "ServiceAccount", name);
        account["automountServiceAccountToken"] = usesToken;
        if (!string.IsNullOrEmpty(pullSecret))
            account["imagePullSecrets"] = new JsonArray(new JsonObject { ["name"] = pullSecret });
        return At("api/v1", "serviceaccounts", account);
    }

    public OwnedObject Role(string name, params IEnumerable<(string Group, string[] Resources, string[] Verbs)> rules)
    {
        var role = Make(Rbac, "Role", name);
        role["rules"] = new JsonArray([.. rules.Select(rule => (JsonNode)new JsonObject
        {
            ["apiGroups"] = new JsonArray(rule.Group),
            ["resources"] = Texts(rule.Resources),
            ["verbs"] = Texts(rule.Verbs),
        })]);
        return At($"apis/{Rbac}", "roles", role);
    }

    public OwnedObject RoleBinding(string name)
    {
        var binding = Make(Rbac, "RoleBinding", name);
        binding["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "Role", ["name"] = name };
        binding["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = name, ["namespace"] = Namespace });
        return At($"apis/{Rbac}", "rolebindings", binding);
    }

    public OwnedObject Secret(string name, string type, bool isOwned, params IEnumerable<(string Key, string Value)> entries)
    {
        var secret = Make("v1", "Secret", name, isOwned);
        secret["type"] = type;
        secret["data"] = new JsonObject(entries.Select(entry =>
            KeyValuePair.Create(entry.Key, (JsonNode?)Convert.ToBase64String(Encoding.UTF8.GetBytes(entry.Value)))));
        return At("api/v1", "secrets", secret);
    }

    public OwnedObject Service(string name, ServiceShape? shape, JsonObject selector, params IEnumerable<(string Name, int Port)> ports)
    {
        var service = Make("v1", "Service", name);
        Annotate(service, shape?.Annotations);
        var spec = new JsonObject
        {
            ["type"] = ControlPlaneRules.IsLoadBalancer(shape) ? "LoadBalancer" : shape!.Type,
            ["selector"] = selector,
            ["ports"] = new JsonArray([.. ports.Select(port => (JsonNode)new JsonObject
            {
                ["name"] = port.Name, ["port"] = port.Port, ["targetPort"] = port.Port, ["protocol"] = "TCP",
            })]),
        };
        if (shape?.ExternalTrafficPolicy is { Length: > 0 } policy && shape.Type != "ClusterIP")
            spec["externalTrafficPolicy"] = policy;
        else if (ControlPlaneRules.IsLoadBalancer(shape))
            spec["externalTrafficPolicy"] = "Local";
        if (ControlPlaneRules.IsLoadBalancer(shape) && shape?.Address is { Length: > 0 } address)
            spec["loadBalancerIP"] = address;
        if (ControlPlaneRules.IsLoadBalancer(shape) && shape?.LoadBalancerClass is { Length: > 0 } loadBalancerClass)
            spec["loadBalancerClass"] = loadBalancerClass;
        service["spec"] = spec;
        return At("api/v1", "services", service);
    }

    public OwnedObject Claim(string name, ControlPlaneStorage? storage, bool isOwned)
    {
        var claim = Make("v1", "PersistentVolumeClaim", name, isOwned);
        var spec = new JsonObject
        {
            ["accessModes"] = new JsonArray("ReadWriteOnce"),
            ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = storage?.Size ?? "1Gi" } },
        };
        if (storage?.ClassName is { Length: > 0 } className)
            spec["storageClassName"] = className;
        claim["spec"] = spec;
        return At("api/v1", "persistentvolumeclaims", claim);
    }

    /// <summary>For components of several pods: one at a time goes when a node is drained.</summary>
    public OwnedObject DisruptionBudget(string name, JsonObject selector)
    {
        var budget = Make("policy/v1", "PodDisruptionBudget", name);
        budget["spec"] = new JsonObject { ["maxUnavailable"] = 1, ["selector"] = new JsonObject { ["matchLabels"] = selector } };
        return At("apis/policy/v1", "poddisruptionbudgets", budget);
    }

    public OwnedObject Ingress(string name, ControllerIngress shape, params IEnumerable<(string Path, int Port)> paths)
    {
        var ingress = Make("networking.k8s.io/v1", "Ingress", name);
        Annotate(ingress, shape.Annotations);
        var rule = new JsonObject
        {
            ["http"] = new JsonObject
            {
                ["paths"] = new JsonArray([.. paths.Select(path => (JsonNode)new JsonObject
                {
                    ["path"] = path.Path,
                    ["pathType"] = "Prefix",
                    ["backend"] = new JsonObject { ["service"] = new JsonObject { ["name"] = name, ["port"] = new JsonObject { ["number"] = path.Port } } },
                })]),
            },
        };
        var spec = new JsonObject { ["rules"] = new JsonArray(rule) };
        if (shape.Host is { Length: > 0 } host)
            rule["host"] = host;
        if (shape.IngressClassName is { Length: > 0 } className)
            spec["ingressClassName"] = className;
        if (shape.SecretName is { Length: > 0 } secret)
        {
            var tls = new JsonObject { ["secretName"] = secret };
            if (shape.Host is { Length: > 0 })
                tls["hosts"] = new JsonArray(shape.Host);
            spec["tls"] = new JsonArray(tls);
        }

        ingress["spec"] = spec;
        return At("apis/networking.k8s.io/v1", "ingresses", ingress);
    }

    public OwnedObject Deployment(string name, JsonObject spec)
    {
        var deployment = Make("apps/v1", "Deployment", name);
        deployment["spec"] = spec;
        return At("apis/apps/v1", "deployments", deployment);
    }

    public JsonObject Labels(string name) => new()
    {
        ["name"] = name,
        [Names.ManagedByLabel] = Names.ManagedBy,
        ["app.kubernetes.io/name"] = name,
        ["app.kubernetes.io/instance"] = owner.Name,
        ["app.kubernetes.io/part-of"] = "iofog",
    };

    /// <param name="apiVersion">Of the object.</param>
    /// <param name="kind">Of the object.</param>
    /// <param name="name">Of the object.</param>
    /// <param name="isOwned">False for what outlives its control plane.</param>
    private JsonObject Make(string apiVersion, string kind, string name, bool isOwned = true)
    {
        var metadata = new JsonObject { ["name"] = name, ["namespace"] = Namespace, ["labels"] = Labels(name) };
        if (isOwned)
        {
            metadata["ownerReferences"] = new JsonArray(new JsonObject
            {
                ["apiVersion"] = Kind.ApiVersion,
                ["kind"] = Kinds.ControlPlane.Name,
                ["name"] = owner.Name,
                ["uid"] = owner.Uid,
                ["controller"] = true,
                ["blockOwnerDeletion"] = true,
            });
        }

        return new() { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = metadata };
    }

    private static void Annotate(JsonObject made, IReadOnlyDictionary<string, string>? annotations)
    {
        if (annotations is { Count: > 0 })
            made["metadata"]!["annotations"] = new JsonObject(annotations.Select(annotation => KeyValuePair.Create(annotation.Key, (JsonNode?)annotation.Value)));
    }

    private OwnedObject At(string group, string plural, JsonObject content) =>
        new($"{group}/namespaces/{Namespace}/{plural}/{content["metadata"]!["name"]}", content);

    private static JsonArray Texts(string[] texts) => new([.. texts.Select(text => (JsonNode)text!)]);
}
