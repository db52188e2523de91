using System.Text.Json.Nodes;

namespace IoFog.Operator;

/// <summary>What names an entry in the Controller, as one text: <c>name</c>, <c>application/name</c> or <c>name/version</c>.</summary>
public static class EntryName
{
    /// <summary>The text, or null when a field that belongs to it is absent.</summary>
    public static string? Of(EntryFields fields, string? name, string? application, string? version)
    {
        if (name is null
            || (fields.HasFlag(EntryFields.Application) && application is null)
            || (fields.HasFlag(EntryFields.Version) && version is null))
            return null;
        var text = fields.HasFlag(EntryFields.Application) ? $"{application}/{name}" : name;
        return fields.HasFlag(EntryFields.Version) ? $"{text}/{version}" : text;
    }

    /// <summary>What an object's entry is called: <c>spec.name</c>, or as the object.</summary>
    public static string Of(JsonObject resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return (resource["spec"]?["name"] ?? resource["metadata"]!["name"])!.GetValue<string>();
    }

    /// <summary>A stable hash of the kind and <see cref="Of"/>; 0 when there is no name.</summary>
    public static ulong Hash(Kind kind, EntryFields fields, string? name, string? application, string? version)
    {
        ArgumentNullException.ThrowIfNull(kind);
        return Of(fields, name, application, version) is { } text ? Seen.Hash($"{kind.Name}/{text}") : 0;
    }
}
