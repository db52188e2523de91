using System.Collections.Frozen;

namespace IoFog.Operator.Local.Cluster.Schemas;

/// <summary>
/// The fields of all built-ins that are served, as Kubernetes 1.35 has them: <c>built-ins.txt</c>, a line per message. A field there is its
/// number in protobuf, its name (^ for the message whose fields stand in this one, ! for one that is required) and its form.
/// </summary>
internal static class BuiltIns
{
    private static readonly FrozenDictionary<string, Message> Messages = Read();

    /// <summary>Of all objects.</summary>
    public static Message Metadata { get; } = Messages["ObjectMeta"];

    /// <returns>Null for a message that no built-in holds.</returns>
    public static Message? Find(string name) => Messages.GetValueOrDefault(name);

    /// <summary>A kind, as its objects are kept.</summary>
    public static Message Of(ResourceType type) => Messages[NameOf(type.Group, type.Kind)];

    /// <summary>Two groups have an Event.</summary>
    public static string NameOf(string group, string kind) => group == "events.k8s.io" ? $"events.{kind}" : kind;

    private static FrozenDictionary<string, Message> Read()
    {
        using var reader = new StreamReader(typeof(BuiltIns).Assembly.GetManifestResourceStream("built-ins.txt")!);
        var messages = new Dictionary<string, Message>(StringComparer.Ordinal);
        while (reader.ReadLine()?.Split(' ', 2) is [var name, var fields])
            messages[name] = new(name, [.. fields.Split("; ").Select(Field.Parse)]);
        return messages.ToFrozenDictionary(StringComparer.Ordinal);
    }
}

/// <summary>One message of the built-ins.</summary>
/// <param name="Name">As in Go, with its group where two have the name.</param>
/// <param name="Fields">As they are on the wire.</param>
internal sealed record Message(string Name, IReadOnlyList<Field> Fields)
{
    private readonly Lazy<FrozenDictionary<string, Field>> members = new(() => Fields
        .SelectMany(field => field.IsInline ? field.Message!.Members.Values : [field])
        .ToFrozenDictionary(field => field.Name, StringComparer.Ordinal));

    /// <summary>By their names in JSON.</summary>
    public FrozenDictionary<string, Field> Members => members.Value;
}

/// <summary>How a field holds its values.</summary>
internal enum Shape
{
    One,
    List,
    Map,
}

/// <summary>One field of a message.</summary>
internal sealed record Field(int Number, string Name)
{
    private static readonly FrozenSet<string> Scalars =
        new[] { "string", "bool", "int", "float", "bytes", "time", "micro", "quantity", "intstr", "any" }.ToFrozenSet(StringComparer.Ordinal);

    public bool IsRequired { get; private init; }

    /// <summary>Its fields stand in the message that it is in.</summary>
    public bool IsInline => Name == "^";

    public Shape Shape { get; private init; }

    /// <summary>A scalar, or the name of a message.</summary>
    public string Type { get; private init; } = "";

    /// <summary>Of its value, or of each of them; null for scalars.</summary>
    public Message? Message => Scalars.Contains(Type) ? null : BuiltIns.Find(Type);

    /// <summary>It is written where it is set only, so that an empty value means something.</summary>
    public bool IsPointer { get; private init; }

    /// <summary>An apply replaces it whole.</summary>
    public bool IsAtomic { get; private init; }

    /// <summary>What tells the items of a list apart for an apply; empty for a set, null for a list that is replaced whole.</summary>
    public IReadOnlyList<string>? ListKeys { get; private init; }

    /// <summary>The same for a strategic merge patch, which knows one key at most.</summary>
    public IReadOnlyList<string>? PatchKeys { get; private init; }

    /// <summary>As <c>2 containers! []Container/name+</c>: keys of an apply stand after a slash; a plus is for strategic patches too, with another key behind it.</summary>
    public static Field Parse(string text)
    {
        var parts = text.Split(' ');
        var form = parts[2];
        var isPointer = form.EndsWith('&');
        form = form.TrimEnd('&');
        var isAtomic = form.EndsWith('*');
        form = form.TrimEnd('*');
        var (plus, slash) = (form.IndexOf('+', StringComparison.Ordinal), form.IndexOf('/', StringComparison.Ordinal));
        var patchKey = plus < 0 ? null : form[(plus + 1)..];
        var keys = slash < 0 ? null : form[(slash + 1)..(plus < 0 ? form.Length : plus)];
        var type = form.Split('/', '+')[0];
        string[]? listKeys = keys is null ? null : keys.Split(',', StringSplitOptions.RemoveEmptyEntries);
        return new(int.Parse(parts[0]), parts[1].TrimEnd('!'))
        {
            IsRequired = parts[1].EndsWith('!'),
            IsPointer = isPointer,
            IsAtomic = isAtomic,
            Shape = type.StartsWith("[]", StringComparison.Ordinal) ? Shape.List : type.StartsWith("{}", StringComparison.Ordinal) ? Shape.Map : Shape.One,
            Type = type[(type.StartsWith("[]", StringComparison.Ordinal) || type.StartsWith("{}", StringComparison.Ordinal) ? 2 : 0)..],
            ListKeys = listKeys,
            PatchKeys = patchKey is null ? null : patchKey.Length > 0 ? [patchKey] : [.. (listKeys ?? []).Take(1)],
        };
    }
}
