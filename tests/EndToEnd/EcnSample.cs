using System.Text.Json.Nodes;
using IoFog.Operator.Local;

namespace IoFog.Operator.EndToEnd;

/// <summary>What <c>infra/samples/ecn.yaml</c> has.</summary>
internal static class EcnSample
{
    private static readonly (Kind Kind, JsonObject Content)[] All =
    [
        .. Yaml.ParseAll(File.ReadAllText(Path.Combine(Layout.Samples, "ecn.yaml"))).Where(item => Kinds.Find(item["kind"]!.GetValue<string>()) is not null)
            .Select(item => (Kinds.Find(item["kind"]!.GetValue<string>())!, item.AsObject())),
    ];

    /// <summary>The objects of our kinds.</summary>
    public static IReadOnlyList<(Kind Kind, string Name)> Objects { get; } = [.. All.Select(item => (item.Kind, NameOf(item.Content)))];

    /// <summary>One object of each kind that stands for what an object of the sample has already.</summary>
    public static IReadOnlyList<JsonObject> Rivals { get; } = [.. All.DistinctBy(item => item.Kind).Select(item => RivalOf(item.Kind, item.Content))];

    private static JsonObject RivalOf(Kind kind, JsonObject content)
    {
        var rival = content.DeepClone().AsObject();
        rival["metadata"]!["name"] = $"second-{NameOf(content)}";
        if (kind.Entry?.NamedBy == "name")
            rival["spec"]!["name"] ??= NameOf(content);
        return rival;
    }

    private static string NameOf(JsonObject content) => content["metadata"]!["name"]!.GetValue<string>();
}
