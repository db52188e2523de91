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

    /// <summary>What was named does not exist. Some endpoints answer this with 500.</summary>
    public bool IsNotFound => Name == "NotFoundError" || (Code == HttpStatusCode.NotFound && Name == "NotFound");

    /// <summary>The same request can never work while nothing else changes.</summary>
    public bool IsFinal => Name is "ValidationError" or "NotFoundError" or "DuplicatePropertyError" or "InvalidArgumentError"
        or "SequelizeUniqueConstraintError";

    /// <summary>The name is taken.</summary>
    public bool IsDuplicate => Name is "DuplicatePropertyError" or "SequelizeUniqueConstraintError"
        || (Name == "ValidationError" && Message.Contains("Duplicate", StringComparison.Ordinal));
}
