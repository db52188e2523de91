namespace IoFog.Operator.Reconciling;

/// <summary>How a turn of a reconciler ended. An exception is none of these: it means back off and try again.</summary>
public abstract record Outcome
{
    private Outcome()
    {
    }

    /// <summary>The outside is as the spec says; of a deletion: the outside is clean.</summary>
    /// <param name="ready">Whether it also works.</param>
    /// <param name="checkAgain">Only where something expires: when to look again though nothing changed.</param>
    public static Outcome Settled(Readiness ready, TimeSpan? checkAgain = null) => new SettledOutcome(ready, checkAgain);

    /// <summary>A deletion is done.</summary>
    public static Outcome Gone { get; } = new SettledOutcome(Readiness.False(Reasons.Deleting, "Deleted"), null);

    /// <summary>There is more to do, at once, in another turn: the budget of this one is spent.</summary>
    /// <param name="message">How far it is, for people: <c>120 of 300 microservices</c>.</param>
    public static Outcome Continue(string message) => new ContinueOutcome(message);

    /// <summary>Not now.</summary>
    /// <param name="reason">One CamelCase word.</param>
    /// <param name="message">What is missing and what would help.</param>
    /// <param name="delay">When to try again; null for the object's back-off.</param>
    public static Outcome Later(string reason, string message, TimeSpan? delay = null) => new LaterOutcome(reason, message, delay, null);

    /// <summary>Something else must be there first; the watcher says when it is.</summary>
    /// <param name="waitingFor"><c>Agent/zebra-1</c>: an object in the same namespace, or <see cref="WaitingFor.Controller"/>.</param>
    /// <param name="message">What is missing, for people.</param>
    /// <param name="reason">One CamelCase word.</param>
    public static Outcome Wait(string waitingFor, string message, string reason = Reasons.WaitingForDependency) => new LaterOutcome(reason, message, null, waitingFor);

    /// <summary>The spec can't work as it is written: nothing more happens until it changes. Never the outcome of a deletion.</summary>
    /// <param name="reason">One CamelCase word.</param>
    /// <param name="message">Names the field.</param>
    /// <param name="waitingFor">An object whose change could help as well, as in <see cref="Wait"/>.</param>
    public static Outcome Refused(string reason, string message, string? waitingFor = null) => new RefusedOutcome(reason, message, waitingFor);

    internal sealed record SettledOutcome(Readiness Ready, TimeSpan? CheckAgain) : Outcome;

    internal sealed record ContinueOutcome(string Message) : Outcome;

    internal sealed record LaterOutcome(string Reason, string Message, TimeSpan? Delay, string? WaitingFor) : Outcome;

    internal sealed record RefusedOutcome(string Reason, string Message, string? WaitingFor) : Outcome;
}
