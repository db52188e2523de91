using System.Globalization;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster;

internal static class Numbers
{
    /// <summary>A number, whether it was parsed or put there by code; the JSON nodes of the two convert differently.</summary>
    public static long Long(JsonNode node) => long.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);
}
