namespace IoFog.Operator.Local.Cluster.Schemas.Cel;

/// <summary>The type of an expression. Sizes are for the estimate of costs only.</summary>
internal abstract record CelType
{
    public static readonly CelType Bool = new Plain("bool");
    public static readonly CelType Int = new Plain("int");
    public static readonly CelType Double = new Plain("double");
    public static readonly CelType Null = new Plain("null_type");

    /// <summary>Known only when evaluated: <c>x-kubernetes-int-or-string</c>.</summary>
    public static readonly CelType Dyn = new Plain("dyn");

    /// <summary>What a request may hold at most; stands in for what the schema does not bound.</summary>
    public const long Unbounded = 3 * 1024 * 1024;

    public abstract string Display { get; }

    /// <summary>True when values of both may be compared.</summary>
    public bool Fits(CelType other) => this == Dyn || other == Dyn || (this, other) switch
    {
        (ListOf list, ListOf another) => list.Item.Fits(another.Item),
        (MapOf map, MapOf another) => map.Value.Fits(another.Value),
        (ObjectOf one, ObjectOf another) => ReferenceEquals(one.Schema, another.Schema),
        _ => Display == other.Display,
    };

    public static CelType Of(StructuralSchema schema) => schema switch
    {
        { IsIntOrString: true } => Dyn,
        { Type: "boolean" } => Bool,
        { Type: "integer" } => Int,
        { Type: "number" } => Double,
        { Type: "string" } => new Text(schema.Longest),
        { Type: "array", Items: { } items } => new ListOf(Of(items), schema.Most),
        { Type: "object", Additional: { } values } => new MapOf(Of(values), schema.Most),
        { Type: "object" } => new ObjectOf(schema),
        _ => Dyn,
    };

    public sealed record Plain(string Name) : CelType
    {
        public override string Display => Name;
    }

    public sealed record Text(long Longest) : CelType
    {
        public override string Display => "string";
    }

    public sealed record ListOf(CelType Item, long Most) : CelType
    {
        public override string Display => $"list({Item.Display})";
    }

    public sealed record MapOf(CelType Value, long Most) : CelType
    {
        public override string Display => $"map(string, {Value.Display})";
    }

    public sealed record ObjectOf(StructuralSchema Schema) : CelType
    {
        public override string Display => "object";

        /// <summary>The type of a field, by its name as expressions write it; null when the schema has none.</summary>
        public CelType? Field(string name) => Schema.Properties.TryGetValue(CelNames.Unescaped(name), out var field) && (field.Type is not null || field.IsIntOrString) ? Of(field) : null;
    }
}
