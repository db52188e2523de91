namespace IoFog.Operator.Reconciling;

/// <summary>Somebody else had a turn on the object, or it is another one or gone: this handler must not write anything more.</summary>
public sealed class TurnLostException(string message) : Exception(message);
