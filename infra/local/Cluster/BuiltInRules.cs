using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IoFog.Operator.Local.Cluster.Schemas;

namespace IoFog.Operator.Local.Cluster;

/// <summary>What the API server refuses in built-ins; the part of it that an operator can get wrong.</summary>
internal static partial class BuiltInRules
{
    public static IReadOnlyList<FieldError> Check(ResourceType type, JsonObject body, JsonObject? before) => type.Kind switch
    {
        "Deployment" => [.. Deployment(body, before)],
        "Job" when body["spec"]?["template"]?["spec"]?["restartPolicy"]?.ToString() is not ("OnFailure" or "Never") =>
            [FieldError.Required("spec.template.spec.restartPolicy")],
        "Service" => [.. Service(body, before)],
        "Secret" => [.. Immutable(body, before, "type")],
        "PersistentVolumeClaim" => [.. Claim(body, before)],
        "PodDisruptionBudget" => [.. Budget(body)],
        "Ingress" => [.. Ingress(body)],
        "RoleBinding" or "ClusterRoleBinding" when before is not null && !JsonNode.DeepEquals(before["roleRef"], body["roleRef"]) =>
            [FieldError.Invalid("roleRef", body["roleRef"]?.ToJsonString() ?? "null", "cannot change roleRef")],
        "Event" when type == ResourceTypes.Event => [.. Event(body)],
        "RoleBinding" or "ClusterRoleBinding" when body["roleRef"]?["name"] is null => [FieldError.Required("roleRef.name")],
        "RoleBinding" or "ClusterRoleBinding" => [.. Subjects(body)],
        _ => [],
    };

    private static IEnumerable<FieldError> Deployment(JsonObject body, JsonObject? before)
    {
        var spec = body["spec"];
        if (spec?["selector"]?["matchLabels"] is not JsonObject { Count: > 0 } selector)
        {
            yield return FieldError.Required("spec.selector");
            yield break;
        }

        if (before?["spec"]?["selector"] is { } old && !JsonNode.DeepEquals(old, spec["selector"]))
            yield return FieldError.Invalid("spec.selector", spec["selector"]!.ToJsonString(), "field is immutable");
        var labels = spec["template"]?["metadata"]?["labels"] as JsonObject ?? [];
        if (selector.Any(label => labels[label.Key]?.ToString() != label.Value?.ToString()))
            yield return FieldError.Invalid("spec.template.metadata.labels", labels.ToJsonString(), "`selector` does not match template `labels`");
        if (spec["template"]?["spec"]?["containers"] is not JsonArray { Count: > 0 } containers)
        {
            yield return FieldError.Required("spec.template.spec.containers");
            yield break;
        }

        if (spec["strategy"] is { } strategy && strategy["type"]?.ToString() == "Recreate" && strategy["rollingUpdate"] is not null)
            yield return new("FieldValueForbidden", "spec.strategy.rollingUpdate", "Forbidden: may not be specified when strategy `type` is 'Recreate'");
        for (var i = 0; i < containers.Count; i++)
        {
            if (string.IsNullOrEmpty(containers[i]?["name"]?.ToString()))
                yield return FieldError.Required($"spec.template.spec.containers[{i}].name");
            if (string.IsNullOrEmpty(containers[i]?["image"]?.ToString()))
                yield return FieldError.Required($"spec.template.spec.containers[{i}].image");
        }
    }

    private static IEnumerable<FieldError> Subjects(JsonObject body)
    {
        foreach (var (i, subject) in (body["subjects"] as JsonArray ?? []).Index())
        {
            if (subject?["kind"]?.ToString() == "ServiceAccount" && string.IsNullOrEmpty(subject["namespace"]?.ToString()))
                yield return FieldError.Required($"subjects[{i}].namespace");
        }
    }

    private static IEnumerable<FieldError> Immutable(JsonObject body, JsonObject? before, string field)
    {
        if (before is not null && !JsonNode.DeepEquals(before[field], body[field]))
            yield return FieldError.Invalid(field, body[field]?.ToJsonString() ?? "null", "field is immutable");
    }

    private static IEnumerable<FieldError> Claim(JsonObject body, JsonObject? before)
    {
        if (body["spec"]?["accessModes"] is not JsonArray { Count: > 0 })
            yield return FieldError.Required("spec.accessModes");
        if (body["spec"]?["resources"]?["requests"]?["storage"] is null)
            yield return FieldError.Required("spec.resources[storage]");
        foreach (var field in before is null ? [] : new[] { "accessModes", "storageClassName", "volumeName" })
        {
            if (before!["spec"]?[field] is { } old && !JsonNode.DeepEquals(old, body["spec"]?[field]))
                yield return new("FieldValueForbidden", "spec", "Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims");
        }
    }

    private static IEnumerable<FieldError> Budget(JsonObject body)
    {
        if (body["spec"]?["minAvailable"] is not null && body["spec"]?["maxUnavailable"] is not null)
            yield return FieldError.Invalid("spec", "null", "minAvailable and maxUnavailable cannot be both set");
    }

    private static IEnumerable<FieldError> Ingress(JsonObject body)
    {
        if (body["spec"]?["rules"] is not JsonArray { Count: > 0 } rules)
        {
            if (body["spec"]?["defaultBackend"] is null)
                yield return FieldError.Invalid("spec", "null", "either `defaultBackend` or `rules` must be specified");
            yield break;
        }

        for (var i = 0; i < rules.Count; i++)
        {
            var paths = rules[i]?["http"]?["paths"] as JsonArray ?? [];
            for (var j = 0; j < paths.Count; j++)
            {
                if (paths[j]?["pathType"]?.ToString() is not ("Prefix" or "Exact" or "ImplementationSpecific"))
                    yield return FieldError.Required($"spec.rules[{i}].http.paths[{j}].pathType");
                if (paths[j]?["backend"]?["service"]?["port"] is not JsonObject { Count: 1 })
                    yield return FieldError.Required($"spec.rules[{i}].http.paths[{j}].backend.service.port");
            }
        }
    }

    private static IEnumerable<FieldError> Service(JsonObject body, JsonObject? before)
    {
        var type = body["spec"]?["type"]?.ToString();
        if (type is not (null or "ClusterIP" or "NodePort" or "LoadBalancer" or "ExternalName"))
            yield return new("FieldValueNotSupported", "spec.type", $"Unsupported value: \"{type}\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"");
        if (type is "ClusterIP" && body["spec"]?["externalTrafficPolicy"] is not null)
            yield return FieldError.Invalid("spec.externalTrafficPolicy", body["spec"]!["externalTrafficPolicy"]!.ToJsonString(), "may only be set for externally-accessible services");
        if (type != "LoadBalancer" && body["spec"]?["loadBalancerClass"] is not null)
            yield return new("FieldValueForbidden", "spec.loadBalancerClass", "Forbidden: may only be used when `type` is 'LoadBalancer'");
        if (type == "LoadBalancer" && before?["spec"]?["type"]?.ToString() == type && !JsonNode.DeepEquals(before["spec"]!["loadBalancerClass"], body["spec"]!["loadBalancerClass"]))
            yield return FieldError.Invalid("spec.loadBalancerClass", body["spec"]!["loadBalancerClass"]?.ToJsonString() ?? "null", "may not change once set");
        if (type == "ExternalName" && string.IsNullOrEmpty(body["spec"]?["externalName"]?.ToString()))
            yield return FieldError.Required("spec.externalName");
        if (body["spec"]?["ports"] is not JsonArray { Count: > 0 } ports)
        {
            if (type != "ExternalName" && body["spec"]?["clusterIP"]?.ToString() != "None")
                yield return FieldError.Required("spec.ports");
            yield break;
        }

        for (var i = 0; i < ports.Count; i++)
        {
            if (ports[i]?["port"] is not JsonValue port || !port.TryGetValue<int>(out var number) || number is < 1 or > 65535)
                yield return FieldError.Invalid($"spec.ports[{i}].port", $"{ports[i]?["port"]}", "must be between 1 and 65535, inclusive");
            if (ports.Count > 1 && ports[i]?["name"] is null)
                yield return FieldError.Required($"spec.ports[{i}].name");
        }
    }

    private static IEnumerable<FieldError> Event(JsonObject body)
    {
        if (body["eventTime"]?.ToString() is not { } time || !MicroTime().IsMatch(time))
            yield return FieldError.Required("eventTime");
        foreach (var required in new[] { "reportingController", "reportingInstance", "action", "reason" })
        {
            if (string.IsNullOrEmpty(body[required]?.ToString()))
                yield return FieldError.Required(required);
        }

        if (body["note"] is { } note && System.Text.Encoding.UTF8.GetByteCount(note.ToString()) > 1024)
            yield return FieldError.Invalid("message", "<hidden>", "can have at most 1024 characters");
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$")]
    private static partial Regex MicroTime();
}
