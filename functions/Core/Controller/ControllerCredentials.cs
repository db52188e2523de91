namespace IoFog.Operator.Controller;

/// <summary>A user of the Controller.</summary>
/// <param name="Email">Signs in.</param>
/// <param name="Password">As the REST API takes it: plain.</param>
public sealed record ControllerCredentials(string Email, string Password)
{
    /// <summary>PEM of the authorities that have signed the Controller's certificate; null where the system knows them.</summary>
    public string? Authority { get; init; }

    /// <summary>Never the password.</summary>
    public override string ToString() => Email;
}
