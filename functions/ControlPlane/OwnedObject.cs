using System.Text.Json.Nodes;

namespace IoFog.Operator.ControlPlanes;

/// <summary>A Kubernetes object that a control plane needs.</summary>
/// <param name="Path">Of the object, without a leading slash.</param>
/// <param name="Content">What it is to hold; all else in it is left to others.</param>
internal sealed record OwnedObject(string Path, JsonObject Content)
{
    public string Name => Content["metadata"]!["name"]!.GetValue<string>();

    /// <summary>As in messages: <c>Deployment controller</c>.</summary>
    public string Display => $"{Content["kind"]} {Name}";

    /// <summary>Never the content: it can be a Secret.</summary>
    public override string ToString() => Display;
}
