using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster.Schemas;

/// <summary>How two versions of a value become one: which lists are sets or maps, and which values are replaced whole.</summary>
public sealed class MergeRules
{
    /// <summary>Lists of built-ins that are merged, by the path of their members' names: keys of a map, or none for a set.</summary>
    private static readonly Dictionary<string, string[]> BuiltInLists = new(StringComparer.Ordinal)
    {
        ["metadata.finalizers"] = [],
        ["metadata.ownerReferences"] = ["uid"],
        ["imagePullSecrets"] = ["name"],
        ["secrets"] = ["name"],
        ["spec.ports"] = ["port", "protocol"],
        ["spec.template.spec.containers"] = ["name"],
        ["spec.template.spec.initContainers"] = ["name"],
        ["spec.template.spec.volumes"] = ["name"],
        ["spec.template.spec.imagePullSecrets"] = ["name"],
        ["spec.template.spec.containers.env"] = ["name"],
        ["spec.template.spec.containers.ports"] = ["containerPort", "protocol"],
        ["spec.template.spec.containers.volumeMounts"] = ["mountPath"],
        ["spec.template.spec.topologySpreadConstraints"] = ["topologyKey", "whenUnsatisfiable"],
        ["status.conditions"] = ["type"],
        ["status.loadBalancer.ingress"] = [],
    };

    private readonly StructuralSchema? schema;
    private readonly string path;

    private MergeRules(StructuralSchema? schema, string path, bool isCustom) => (this.schema, this.path, IsCustom) = (schema, path, isCustom);

    /// <summary>Keys by which the items of this list are told apart; empty for a set; null when the list is replaced whole.</summary>
    public IReadOnlyList<string>? ListKeys => IsCustom && !IsMetadata
        ? schema?.ListType switch { "map" => schema.MapKeys, "set" => [], _ => null }
        : BuiltInLists.GetValueOrDefault(path) is { } keys && path != "status.loadBalancer.ingress" ? keys : null;

    /// <summary>True for an object that is replaced whole.</summary>
    public bool IsAtomic => IsCustom && !IsMetadata ? schema is { IsAtomicMap: true } : path is "spec.selector" or "spec.template.spec.nodeSelector";

    private bool IsCustom { get; }

    private bool IsMetadata => path == "metadata" || path.StartsWith("metadata.", StringComparison.Ordinal);

    public static MergeRules ForCustom(StructuralSchema schema) => new(schema, "", isCustom: true);

    public static MergeRules ForBuiltIn() => new(null, "", isCustom: false);

    public MergeRules Member(string name) => new(IsMetadata ? null : schema?.Member(name), path.Length == 0 ? name : $"{path}.{name}", IsCustom);

    public MergeRules Item() => new(schema?.Items, path, IsCustom);

    /// <summary>The keys of an item, as FieldsV1 writes them after <c>k:</c>; defaults of protocol stand in where it is absent.</summary>
    public static JsonObject KeyOf(JsonObject item, IReadOnlyList<string> keys)
    {
        var key = new JsonObject();
        foreach (var name in keys)
            key[name] = item[name]?.DeepClone() ?? (name == "protocol" ? "TCP" : null);
        return key;
    }
}
