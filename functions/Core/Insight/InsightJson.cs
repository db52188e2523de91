using System.Text.Json.Serialization;

namespace IoFog.Operator.Insight;

/// <summary>What people and scripts read.</summary>
[JsonSerializable(typeof(Graph))]
[JsonSerializable(typeof(Why))]
[JsonSerializable(typeof(IReadOnlyList<ObjectSummary>))]
[JsonSerializable(typeof(IReadOnlyList<PoisonMessage>))]
[JsonSerializable(typeof(IReadOnlyList<FieldComparison>))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(ObjectStateConverter)])]
public sealed partial class InsightJson : JsonSerializerContext;
