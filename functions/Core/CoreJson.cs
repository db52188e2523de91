using System.Text.Json.Serialization;
using IoFog.Operator.Microservices;

namespace IoFog.Operator;

/// <summary>The wire types that no kind has for itself.</summary>
[JsonSerializable(typeof(Condition))]
[JsonSerializable(typeof(Seen))]
[JsonSerializable(typeof(MicroserviceSpec))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class CoreJson : JsonSerializerContext;
