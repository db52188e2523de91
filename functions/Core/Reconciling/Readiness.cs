namespace IoFog.Operator.Reconciling;

/// <summary>What the Ready condition is to say.</summary>
/// <param name="Status"><c>True</c>, <c>False</c> or <c>Unknown</c>.</param>
/// <param name="Reason">One CamelCase word.</param>
/// <param name="Message">For people; never a secret.</param>
public sealed record Readiness(string Status, string Reason, string Message)
{
    public static Readiness True(string reason, string message) => new("True", reason, message);

    public static Readiness False(string reason, string message) => new("False", reason, message);

    public static Readiness Unknown(string reason, string message) => new("Unknown", reason, message);
}
