namespace IoFog.Operator.Controller;

/// <summary>The ioFog Controller does not answer, or what is needed to reach it is not there yet. Nothing is wrong with the object at hand.</summary>
/// <param name="waitingFor">A value for <c>status.waitingFor</c>: <c>Controller</c>, or <c>ControlPlane/iofog</c>.</param>
/// <param name="message">For people: what is missing; never a secret.</param>
public sealed class ControllerUnavailableException(string waitingFor, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>A value for <c>status.waitingFor</c>.</summary>
    public string WaitingFor { get; } = waitingFor;

    /// <summary>True when there is no control plane at all.</summary>
    public bool IsGone { get; init; }
}
