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
        "Service" => [.. Service(body)],
        "Secret" => [.. Secret(body)],
        "Event" when type == ResourceTypes.Event => [.. Event(body)],
        "RoleBinding" or "ClusterRoleBinding" when body["roleRef"]?["name"] is null => [FieldError.Required("roleRef.name")],
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

        for (var i = 0; i < containers.Count; i++)
        {
            if (string.IsNullOrEmpty(containers[i]?["name"]?.ToString()))
                yield return FieldError.Required($"spec.template.spec.containers[{i}].name");
            if (string.IsNullOrEmpty(containers[i]?["image"]?.ToString()))
                yield return FieldError.Required($"spec.template.spec.containers[{i}].image");
        }
    }

    private static IEnumerable<FieldError> Service(JsonObject body)
    {
        if (body["spec"]?["ports"] is not JsonArray { Count: > 0 } ports)
        {
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

    private static IEnumerable<FieldError> Secret(JsonObject body)
    {
        foreach (var (key, value) in body["data"] as JsonObject ?? [])
        {
            if (value is null || !Convert.TryFromBase64String(value.ToString(), new byte[value.ToString().Length], out _))
                yield return FieldError.Invalid($"data[{key}]", "<hidden>", "illegal base64 data");
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

        if (body["note"]?.ToString().Length > 1024)
            yield return FieldError.Invalid("message", "<hidden>", "can have at most 1024 characters");
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$")]
    private static partial Regex MicroTime();
}
