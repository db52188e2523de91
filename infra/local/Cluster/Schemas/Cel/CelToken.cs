namespace IoFog.Operator.Local.Cluster.Schemas.Cel;

internal enum CelTokenKind
{
    End,
    Name,
    Text,
    Integer,
    Number,
    Symbol,
}

/// <param name="Kind">What it is.</param>
/// <param name="Text">A text literal without its quotes; all else as it is written.</param>
/// <param name="At">Where it begins.</param>
internal readonly record struct CelToken(CelTokenKind Kind, string Text, int At);
