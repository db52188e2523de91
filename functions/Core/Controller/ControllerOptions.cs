namespace IoFog.Operator.Controller;

/// <summary>Settings of the section <c>Controller</c>.</summary>
public sealed class ControllerOptions
{
    /// <summary><c>Controller__Url</c>: the Controller's address, as <c>http://controller:51121</c>; empty to take it from the ControlPlane.</summary>
    public string Url { get; set; } = "";
}
