using System.Text.Json.Nodes;

namespace IoFog.Operator.ControlPlanes;

/// <summary>Parts of pods that the components share.</summary>
internal static class Containers
{
    /// <summary>The one user beside root that every base image knows by name; router and port manager write to /tmp alone.</summary>
    private const int Nobody = 65534;

    public static JsonObject Probe(string path, int port, int initialDelay, int failures) => new()
    {
        ["httpGet"] = new JsonObject { ["path"] = path, ["port"] = port },
        ["initialDelaySeconds"] = initialDelay,
        ["timeoutSeconds"] = 10,
        ["periodSeconds"] = 5,
        ["failureThreshold"] = failures,
    };

    // An empty value would override what the image knows itself.
    public static void Add(JsonArray env, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            env.Add((JsonNode)Variable(name, value));
    }

    public static JsonObject Variable(string name, string value) => new() { ["name"] = name, ["value"] = value };

    public static JsonObject FromSecret(string name, string secret, string key) => new()
    {
        ["name"] = name,
        ["valueFrom"] = new JsonObject { ["secretKeyRef"] = new JsonObject { ["name"] = secret, ["key"] = key } },
    };

    public static JsonObject FromField(string name, string path) => new()
    {
        ["name"] = name,
        ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["fieldPath"] = path } },
    };

    /// <summary>The <c>restricted</c> security context. The images name no user, so that without one here they would run as root.</summary>
    public static JsonObject Restricted()
    {
        var context = RestrictedAsRoot(bindsLowPort: false);
        context["runAsNonRoot"] = true;
        context["runAsUser"] = Nobody;
        return context;
    }

    /// <summary>The same, but for the user.</summary>
    /// <param name="bindsLowPort">True for what listens below 1024.</param>
    public static JsonObject RestrictedAsRoot(bool bindsLowPort)
    {
        var capabilities = new JsonObject { ["drop"] = new JsonArray("ALL") };
        if (bindsLowPort)
            capabilities["add"] = new JsonArray("NET_BIND_SERVICE");
        return new()
        {
            ["allowPrivilegeEscalation"] = false,
            ["capabilities"] = capabilities,
            ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
        };
    }

    public static JsonObject Requests(string cpu, string memory) =>
        new() { ["requests"] = new JsonObject { ["cpu"] = cpu, ["memory"] = memory } };

    /// <summary>A Deployment's spec around one container.</summary>
    /// <param name="account">The service account.</param>
    /// <param name="labels">Of the pods.</param>
    /// <param name="selector">The part of them that tells these pods apart; never changes.</param>
    /// <param name="replicas">Null where others may scale.</param>
    /// <param name="container">The container.</param>
    /// <param name="volumes">Null for none.</param>
    /// <param name="recreate">True where the old pod must be gone before the new one comes.</param>
    /// <param name="shape">What the spec adds.</param>
    /// <param name="revisions">Annotations that change when the pods must start anew.</param>
    public static JsonObject DeploymentSpec(
        string account, JsonObject labels, JsonObject selector, int? replicas, JsonObject container, JsonArray? volumes, bool recreate, PodShape? shape,
        params IEnumerable<(string Name, string? Value)> revisions)
    {
        var annotations = new JsonObject(
            (shape?.Annotations ?? new Dictionary<string, string>()).Select(annotation => KeyValuePair.Create(annotation.Key, (JsonNode?)annotation.Value)));
        foreach (var (name, value) in revisions.Where(revision => revision.Value is not null))
            annotations[name] = value;
        var metadata = new JsonObject { ["labels"] = labels };
        if (annotations.Count > 0)
            metadata["annotations"] = annotations;
        if (shape?.Resources is { } resources)
            container["resources"] = resources.DeepClone();
        var pod = new JsonObject { ["serviceAccountName"] = account, ["containers"] = new JsonArray(container) };
        if (volumes is not null)
            pod["volumes"] = volumes;
        if (shape?.NodeSelector is { Count: > 0 } nodes)
            pod["nodeSelector"] = new JsonObject(nodes.Select(node => KeyValuePair.Create(node.Key, (JsonNode?)node.Value)));
        if (shape?.Tolerations is { Count: > 0 } tolerations)
            pod["tolerations"] = tolerations.DeepClone();
        if (shape?.Affinity is { Count: > 0 } affinity)
            pod["affinity"] = affinity.DeepClone();
        var spec = new JsonObject
        {
            ["selector"] = new JsonObject { ["matchLabels"] = selector },
            ["strategy"] = recreate
                ? new JsonObject { ["type"] = "Recreate" }
                : new JsonObject { ["type"] = "RollingUpdate", ["rollingUpdate"] = new JsonObject { ["maxUnavailable"] = 0, ["maxSurge"] = 1 } },
            ["template"] = new JsonObject { ["metadata"] = metadata, ["spec"] = pod },
        };
        if (replicas is not null)
            spec["replicas"] = replicas;
        return spec;
    }
}
