using System.Text.Json;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster;

/// <summary>An object at one version. Never changed: a write stores another one.</summary>
internal sealed class StoredObject(JsonObject content)
{
    /// <summary>Read only; clone it before a change.</summary>
    public JsonObject Content => content;

    public byte[] Utf8 { get; } = JsonSerializer.SerializeToUtf8Bytes(content);

    public JsonObject Metadata => content["metadata"]!.AsObject();

    public string Name => Metadata["name"]!.GetValue<string>();

    public string Namespace => Metadata["namespace"]?.GetValue<string>() ?? "";

    public string Uid => Metadata["uid"]!.GetValue<string>();

    public long Version => long.Parse(Metadata["resourceVersion"]!.GetValue<string>());

    public bool IsDeleting => Metadata["deletionTimestamp"] is not null;

    /// <summary>The uids of what owns it.</summary>
    public IReadOnlyList<string> Owners { get; } =
        [.. (content["metadata"]!["ownerReferences"] as JsonArray ?? []).Select(owner => owner!["uid"]!.GetValue<string>()).Distinct()];

    public bool HasFinalizers => Metadata["finalizers"] is JsonArray { Count: > 0 };

    /// <summary>The object in one of its versions: they differ in nothing but the name, for there is no conversion.</summary>
    public StoredObject In(ResourceType type)
    {
        if (!type.IsCustom || Content["apiVersion"]?.GetValue<string>() == type.ApiVersion)
            return this;
        var copy = Copy();
        copy["apiVersion"] = type.ApiVersion;
        return new(copy);
    }

    public JsonObject Copy() => content.DeepClone().AsObject();
}
