using System.Text.Json.Nodes;
using IoFog.Operator.Local.Cluster.Schemas;

namespace IoFog.Operator.Local.Cluster;

/// <summary>One kind of object that the emulator serves, in one version.</summary>
internal sealed record ResourceType(string Group, string Version, string Plural, string Kind)
{
    public bool Namespaced { get; init; } = true;

    public bool HasStatus { get; init; }

    public bool HasScale { get; init; }

    /// <summary>There is none, and nobody makes one: clients ask for them, and the emulator would not do what they stand for.</summary>
    public bool IsAlwaysEmpty { get; init; }

    public string Singular { get; init; } = Kind.ToLowerInvariant();

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Of a custom resource; null for built-ins.</summary>
    public StructuralSchema? Schema { get; init; }

    /// <summary>Of a custom resource: <c>additionalPrinterColumns</c>.</summary>
    public JsonArray? Columns { get; init; }

    public bool IsCustom => Schema is not null;

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>As in messages: <c>deployments.apps</c>.</summary>
    public string Qualified => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    public MergeRules Merge => IsCustom ? MergeRules.ForCustom(Schema!) : MergeRules.ForBuiltIn(BuiltIns.Of(this));
}
