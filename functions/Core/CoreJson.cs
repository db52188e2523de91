using System.Text.Json.Serialization;

namespace IoFog.Operator;

/// <summary>The wire types that no kind has for itself.</summary>
[JsonSerializable(typeof(Condition))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class CoreJson : JsonSerializerContext;
