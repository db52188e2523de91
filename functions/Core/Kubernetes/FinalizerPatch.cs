using System.Text.Json.Nodes;

namespace IoFog.Operator.Kubernetes;

/// <summary>
/// How our finalizer goes. It is set by an apply, so that others' stay; but an apply takes away only what nobody else has set as well, and whoever
/// restores objects from a backup sets it.
/// </summary>
public static class FinalizerPatch
{
    /// <summary>A merge patch of the metadata that leaves all finalizers but ours.</summary>
    /// <param name="finalizers">Those of the object as it was read.</param>
    /// <param name="resourceVersion">Of the object as it was read: what others have changed since is a conflict.</param>
    public static JsonObject Without(IEnumerable<string> finalizers, string resourceVersion)
    {
        JsonNode?[] others = [.. finalizers.Where(static finalizer => finalizer != Names.Finalizer).Select(static finalizer => (JsonNode?)finalizer)];
        return new()
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = resourceVersion, ["finalizers"] = others.Length > 0 ? new JsonArray(others) : null },
        };
    }
}
