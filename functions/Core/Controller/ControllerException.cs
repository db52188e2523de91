using System.Net;

namespace IoFog.Operator.Controller;

/// <summary>The ioFog Controller refused a request.</summary>
/// <param name="code">The HTTP status; it says less than <paramref name="name"/>.</param>
/// <param name="name">The class of the error: <c>ValidationError</c>, <c>NotFoundError</c>, …</param>
/// <param name="message">What may be shown to people: never a value that could be secret.</param>
public sealed class ControllerException(HttpStatusCode code, string name, string message) : Exception(message)
{
    public HttpStatusCode Code { get; } = code;

    public string Name { get; } = name;
}
