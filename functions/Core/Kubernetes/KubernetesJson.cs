using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace IoFog.Operator.Kubernetes;

/// <summary>JSON of Kubernetes objects that are handled without a type of their own.</summary>
[JsonSerializable(typeof(JsonObject))]
public sealed partial class KubernetesJson : JsonSerializerContext;
