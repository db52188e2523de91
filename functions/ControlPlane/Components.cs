using IoFog.Operator.Reconciling;

namespace IoFog.Operator.ControlPlanes;

/// <summary>The list of parts in a control plane's status, as this turn finds them.</summary>
internal sealed class Components
{
    private static readonly string[] All = ["Controller", "Router", "PortManager", "Address", "User", "DefaultRouter"];

    private readonly Turn<ControlPlaneSpec, ControlPlaneStatus> turn;

    public Components(Turn<ControlPlaneSpec, ControlPlaneStatus> turn)
    {
        this.turn = turn;
        turn.Status = turn.Status with { Components = [.. All.Select(name => new ControlPlaneComponent(name, false, "Not looked at yet: something before it is missing"))] };
    }

    /// <param name="name">Of the part.</param>
    /// <param name="missing">What it lacks; null when it works.</param>
    public void Of(string name, string? missing) => turn.Status = turn.Status with
    {
        Components = [.. turn.Status.Components!.Select(component => component.Name == name ? new(name, missing is null, missing) : component)],
    };

    /// <returns>Null when the part works.</returns>
    public string? Missing(string name) => turn.Status.Components!.First(component => component.Name == name) is { Ready: false } found ? found.Message : null;
}
