using System.Text.Json.Nodes;

namespace IoFog.Operator.ControlPlanes;

/// <summary>A Kubernetes object that a control plane needs.</summary>
/// <param name="Path">Of the object, without a leading slash.</param>
/// <param name="Content">What it is to hold; all else in it is left to others.</param>
internal sealed record OwnedObject(string Path, JsonObject Content)
{
    /// <summary>As in messages: <c>Deployment controller</c>.</summary>
    public string Display => $"{Content["kind"]} {Content["metadata"]!["name"]}";

    /// <summary>True when the object has all that it is to hold, with the same values.</summary>
    public bool IsHeldBy(JsonObject observed) => Holds(Content, observed);

    private static bool Holds(JsonNode? wanted, JsonNode? has) => (wanted, has) switch
    {
        (JsonObject map, JsonObject other) => map.All(member => Holds(member.Value, other[member.Key])),
        (JsonArray list, JsonArray other) => list.Count == other.Count && list.Zip(other).All(pair => Holds(pair.First, pair.Second)),
        _ => JsonNode.DeepEquals(wanted, has),
    };
}
