namespace IoFog.Operator.Local.Cluster.Schemas.Cel;

/// <summary>A part of an expression.</summary>
internal abstract record CelExpression
{
    /// <param name="Value">A bool, long, double, string, or null.</param>
    public sealed record Literal(object? Value) : CelExpression;

    public sealed record Variable(string Name) : CelExpression;

    public sealed record ListOf(IReadOnlyList<CelExpression> Items) : CelExpression;

    /// <summary><c>a.b</c></summary>
    public sealed record Member(CelExpression Of, string Name) : CelExpression;

    /// <summary><c>has(a.b)</c></summary>
    public sealed record Has(CelExpression Of, string Name) : CelExpression;

    /// <summary><c>a[b]</c></summary>
    public sealed record Index(CelExpression Of, CelExpression At) : CelExpression;

    /// <summary><c>!a</c>, <c>-a</c></summary>
    public sealed record Unary(string Operator, CelExpression Operand) : CelExpression;

    public sealed record Binary(string Operator, CelExpression Left, CelExpression Right) : CelExpression;

    /// <summary><c>a ? b : c</c></summary>
    public sealed record Choice(CelExpression If, CelExpression Then, CelExpression Else) : CelExpression;

    /// <summary><c>f(a)</c> or <c>a.f(b)</c>: the receiver is the first argument.</summary>
    public sealed record Call(string Function, IReadOnlyList<CelExpression> Arguments, bool IsMethod) : CelExpression;

    /// <summary><c>a.all(x, f(x))</c> and its like.</summary>
    public sealed record Each(string Macro, CelExpression Over, string Item, CelExpression Body) : CelExpression;
}
