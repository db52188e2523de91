using IoFog.Operator.Local;

namespace IoFog.Operator.Benchmarks;

/// <summary>What was asked for.</summary>
internal sealed record Arguments
{
    public required IReadOnlyList<Benchmark> Benchmarks { get; init; }

    /// <summary>Of each.</summary>
    public required int Runs { get; init; }

    /// <summary>The file that every figure is appended to.</summary>
    public required string? Json { get; init; }

    public required StackOptions Stack { get; init; }
}
