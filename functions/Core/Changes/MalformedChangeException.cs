namespace IoFog.Operator.Changes;

/// <summary>A queue message that is not a change. The only thing that fails an invocation.</summary>
public sealed class MalformedChangeException(string message, Exception? inner = null) : Exception(message, inner);
