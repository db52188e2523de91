using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster.Schemas;

/// <summary>How two versions of a value become one: which lists are sets or maps, and which values are replaced whole.</summary>
public sealed class MergeRules
{
    private readonly StructuralSchema? schema; // of what is a custom resource's own
    private readonly Message? message; // of an object that is a built-in's, or any object's metadata
    private readonly Field? place; // where a value is one
    private readonly bool isRoot;

    private MergeRules(StructuralSchema? schema, Message? message, Field? place, bool isRoot = false) =>
        (this.schema, this.message, this.place, this.isRoot) = (schema, message, place, isRoot);

    /// <summary>Keys by which the items of this list are told apart; empty for a set; null when the list is replaced whole.</summary>
    public IReadOnlyList<string>? ListKeys => place is not null ? place.ListKeys : schema?.ListType switch { "map" => schema.MapKeys, "set" => [], _ => null };

    /// <summary>The same for a strategic merge patch.</summary>
    public IReadOnlyList<string>? PatchKeys => place?.PatchKeys;

    /// <summary>True for an object that is replaced whole.</summary>
    public bool IsAtomic => place is { IsAtomic: true } || schema is { IsAtomicMap: true };

    public static MergeRules ForCustom(StructuralSchema schema) => new(schema, null, null, isRoot: true);

    internal static MergeRules ForBuiltIn(Message message) => new(null, message, null);

    public MergeRules Member(string name)
    {
        if (schema is not null)
            return name == "metadata" && isRoot ? new(null, BuiltIns.Metadata, null) : new(schema.Member(name), null, null);
        if (place is { Shape: Shape.Map })
            return new(null, place.Message, null);
        return message?.Members.GetValueOrDefault(name) is { } member ? new(null, member.Message, member) : new(null, null, null);
    }

    public MergeRules Item() => new(schema?.Items, message, null);

    /// <summary>The keys of an item, as FieldsV1 writes them after <c>k:</c>; defaults of protocol stand in where it is absent.</summary>
    public static JsonObject KeyOf(JsonObject item, IReadOnlyList<string> keys)
    {
        var key = new JsonObject();
        foreach (var name in keys)
            key[name] = item[name]?.DeepClone() ?? (name == "protocol" ? "TCP" : null);
        return key;
    }
}
