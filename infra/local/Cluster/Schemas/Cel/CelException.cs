namespace IoFog.Operator.Local.Cluster.Schemas.Cel;

/// <summary>An expression that can't be compiled: wrong, or outside of the subset that the emulator has.</summary>
internal sealed class CelSyntaxException(string message) : Exception(message);

/// <summary>An expression that could not be evaluated for this value: a key that is not there, an index out of range.</summary>
internal sealed class CelEvaluationException(string message) : Exception(message);
