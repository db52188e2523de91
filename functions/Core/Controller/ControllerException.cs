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
    public bool IsNotFound => Name == "NotFoundError";

    /// <summary>A name or a port is taken: perhaps by an earlier try of ours that was answered too late, perhaps not for long.</summary>
    public bool IsTaken => Name is "DuplicatePropertyError" or "SequelizeUniqueConstraintError"
        || (Name == "ValidationError" && (Message.Contains("Duplicate name", StringComparison.Ordinal) || Message.Contains("is not available", StringComparison.Ordinal)));

    /// <summary>What was to go is what something else is made of.</summary>
    public bool IsInUse => Name == "SequelizeForeignKeyConstraintError";

    /// <summary>
    /// What was sent is at fault, and sending it again is useless. What is missing (<see cref="IsNotFound"/>) can come,
    /// and what is taken (<see cref="IsTaken"/>) can be free, or found with the next look.
    /// </summary>
    public bool IsFinal => !IsTaken && (Name is "ValidationError" or "InvalidArgumentError" || Code == HttpStatusCode.RequestEntityTooLarge);
}
