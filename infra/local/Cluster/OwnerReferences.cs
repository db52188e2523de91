using System.Text.Json.Nodes;
using IoFog.Operator.Local.Cluster.Schemas;

namespace IoFog.Operator.Local.Cluster;

/// <summary>What the API server demands of <c>metadata.ownerReferences</c>.</summary>
internal static class OwnerReferences
{
    private const string Path = "metadata.ownerReferences";

    public static IReadOnlyList<FieldError> Check(JsonNode metadata)
    {
        var errors = new List<FieldError>();
        JsonObject? controller = null;
        foreach (var owner in (metadata["ownerReferences"] as JsonArray ?? []).OfType<JsonObject>())
        {
            foreach (var (field, why) in new[] { ("apiVersion", "version must not be empty"), ("kind", "must not be empty"), ("name", "must not be empty"), ("uid", "must not be empty") })
            {
                if (owner[field]?.ToString() is null or "")
                    errors.Add(FieldError.Invalid($"{Path}.{field}", "\"\"", why));
            }

            if (owner["controller"]?.GetValueKind() != System.Text.Json.JsonValueKind.True)
                continue;
            if (controller is not null)
                errors.Add(FieldError.Invalid(Path, "", $"Only one reference can have Controller set to true. Found \"true\" in references for {controller["kind"]}/{controller["name"]} and {owner["kind"]}/{owner["name"]}"));
            controller = owner;
        }

        return errors;
    }
}
