using IoFog.Operator.Local;

namespace IoFog.Operator.EndToEnd;

/// <summary>What <c>infra/samples/ecn.yaml</c> has.</summary>
internal static class EcnSample
{
    /// <summary>The objects of our kinds.</summary>
    public static IReadOnlyList<(Kind Kind, string Name)> Objects { get; } =
    [
        .. Yaml.ParseAll(File.ReadAllText(Path.Combine(Layout.Samples, "ecn.yaml"))).Where(item => Kinds.Find(item["kind"]!.GetValue<string>()) is not null)
            .Select(item => (Kinds.Find(item["kind"]!.GetValue<string>())!, item["metadata"]!["name"]!.GetValue<string>())),
    ];
}
