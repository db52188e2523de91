using System.Runtime.CompilerServices;

namespace IoFog.Operator;

/// <summary>A custom resource that this operator reconciles.</summary>
/// <param name="Name">As in YAML: <c>Agent</c>.</param>
/// <param name="Plural">As in paths: <c>agents</c>.</param>
/// <param name="DependsOn">Kinds whose objects must be there before one of this kind can work.</param>
public sealed record Kind(string Name, string Plural, IReadOnlyList<Kind> DependsOn)
{
    /// <summary>The API group of all kinds.</summary>
    public const string Group = "iofog.org";

    /// <summary>The served version of all kinds.</summary>
    public const string Version = "v3";

    /// <summary>How the ioFog Controller lists the entries that objects of this kind describe; null where it holds none.</summary>
    public ControllerEntry? Entry { get; init; }

    /// <summary>Specs name Secrets, and an object is due when one of the watched ones changes.</summary>
    public bool RefersToSecrets { get; init; }

    /// <summary>Another plural under which a CRD of somebody else may serve this kind; only one of the two can exist.</summary>
    public string? OtherPlural { get; init; }

    /// <summary>The <c>apiVersion</c> in YAML.</summary>
    public static string ApiVersion => $"{Group}/{Version}";

    /// <summary>The queue that carries due changes of this kind.</summary>
    public string Queue => $"iofog-{Plural}";

    /// <summary>What controller-runtime would call the kind's controller: <c>agent</c>.</summary>
    public string Lower { get; } = Name.ToLowerInvariant();

    /// <summary>The path of all objects of this kind in a namespace, without a leading slash.</summary>
    public string PathOf(string @namespace) => $"apis/{Group}/{Version}/namespaces/{@namespace}/{Plural}";

    /// <summary>The path of one object, without a leading slash.</summary>
    public string PathOf(ResourceKey key) => $"{PathOf(key.Namespace)}/{key.Name}";

    /// <summary>There is one instance of each kind, and the watcher looks kinds up with every event.</summary>
    public bool Equals(Kind? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>Where the ioFog Controller shows the entries of a kind.</summary>
/// <param name="List">The path below <c>/api/v3/</c> of the list; null for what is read one application at a time.</param>
/// <param name="Items">The array of entries in the answer; empty where the answer itself is the entry.</param>
/// <param name="Fields">What names an entry.</param>
public sealed record ControllerEntry(string? List, string Items, EntryFields Fields)
{
    /// <summary>The field of the spec, and of the Controller's answer, that is the name.</summary>
    public string NamedBy { get; init; } = "name";
}

/// <summary>The fields that together name an entry in the ioFog Controller.</summary>
[Flags]
public enum EntryFields
{
    None = 0,

    /// <summary><c>spec.name</c> (<see cref="ControllerEntry.NamedBy"/>), or else <c>metadata.name</c>.</summary>
    Name = 1,

    /// <summary><c>spec.application</c>; in the Controller's answer the name of the application around.</summary>
    Application = 2,

    /// <summary><c>spec.version</c>.</summary>
    Version = 4,
}
