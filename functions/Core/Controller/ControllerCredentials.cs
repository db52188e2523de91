namespace IoFog.Operator.Controller;

/// <summary>A user of the Controller.</summary>
/// <param name="Email">Signs in.</param>
/// <param name="Password">As the REST API takes it: plain.</param>
public sealed record ControllerCredentials(string Email, string Password)
{
    /// <summary>Never the password.</summary>
    public override string ToString() => Email;
}
