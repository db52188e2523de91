using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster.Schemas;

/// <summary>Schemas as <c>/openapi/v3</c> shows them, for <c>kubectl explain</c> and for clients that validate. Built-ins have no descriptions here.</summary>
internal static class OpenApi
{
    private const string Prefix = "io.k8s.";

    private static readonly Dictionary<string, Func<JsonObject>> Scalars = new(StringComparer.Ordinal)
    {
        ["Time"] = () => new() { ["type"] = "string", ["format"] = "date-time" },
        ["MicroTime"] = () => new() { ["type"] = "string", ["format"] = "date-time" },
        ["Quantity"] = () => new() { ["oneOf"] = new JsonArray(Type("string"), Type("number")) },
        ["IntOrString"] = () => new() { ["format"] = "int-or-string", ["oneOf"] = new JsonArray(Type("integer"), Type("string")) },
    };

    /// <summary>Puts a kind's schema, and those that it names, among others.</summary>
    public static void Add(JsonObject schemas, ResourceType type)
    {
        var schema = type.Schema?.Definition.DeepClone().AsObject() ?? Of(schemas, BuiltIns.Of(type));
        if (schema["properties"] is not JsonObject properties)
            schema["properties"] = properties = [];
        properties["apiVersion"] ??= Type("string");
        properties["kind"] ??= Type("string");
        properties["metadata"] = Reference(schemas, BuiltIns.Metadata);
        schema["x-kubernetes-group-version-kind"] = new JsonArray(new JsonObject { ["group"] = type.Group, ["version"] = type.Version, ["kind"] = type.Kind });
        schemas[$"{string.Join('.', type.Group.Split('.').Reverse())}.{type.Version}.{type.Kind}"] = schema;
    }

    private static JsonObject Of(JsonObject schemas, Message message)
    {
        var properties = new JsonObject();
        foreach (var (name, field) in message.Members.OrderBy(member => member.Key, StringComparer.Ordinal))
            properties[name] = Of(schemas, field);
        var schema = Type("object");
        schema["properties"] = properties;
        if (message.Members.Values.Where(field => field.IsRequired).Select(field => (JsonNode)field.Name).ToArray() is { Length: > 0 } required)
            schema["required"] = new JsonArray(required);
        return schema;
    }

    private static JsonObject Of(JsonObject schemas, Field field)
    {
        var one = One(schemas, field);
        if (field.Shape == Shape.Map)
            return new() { ["type"] = "object", ["additionalProperties"] = one };
        if (field.Shape == Shape.One)
            return one;
        var list = new JsonObject { ["type"] = "array", ["items"] = one, ["x-kubernetes-list-type"] = field.ListKeys switch { null => "atomic", [] => "set", _ => "map" } };
        if (field.ListKeys is { Count: > 0 } keys)
            list["x-kubernetes-list-map-keys"] = new JsonArray([.. keys.Select(key => (JsonNode)key)]);
        if (field.PatchKeys is { } patchKeys)
            list["x-kubernetes-patch-strategy"] = "merge";
        if (field.PatchKeys is [var patchKey])
            list["x-kubernetes-patch-merge-key"] = patchKey;
        return list;
    }

    private static JsonObject One(JsonObject schemas, Field field) => field.Type switch
    {
        "int" => new() { ["type"] = "integer", ["format"] = "int32" },
        "bool" => Type("boolean"),
        "float" => new() { ["type"] = "number", ["format"] = "double" },
        "bytes" => new() { ["type"] = "string", ["format"] = "byte" },
        "time" => Reference(schemas, "Time"),
        "micro" => Reference(schemas, "MicroTime"),
        "quantity" => Reference(schemas, "Quantity"),
        "intstr" => Reference(schemas, "IntOrString"),
        "any" => Type("object"),
        "[]string" => new() { ["type"] = "array", ["items"] = Type("string") },
        _ => field.Message is { } message ? Reference(schemas, message) : Type("string"),
    };

    private static JsonObject Reference(JsonObject schemas, string scalar)
    {
        schemas[Prefix + scalar] ??= Scalars[scalar]();
        return Reference(scalar);
    }

    private static JsonObject Reference(JsonObject schemas, Message message)
    {
        if (!schemas.ContainsKey(Prefix + message.Name))
        {
            schemas[Prefix + message.Name] = null; // a message may hold itself
            schemas[Prefix + message.Name] = Of(schemas, message);
        }

        return Reference(message.Name);
    }

    private static JsonObject Reference(string name) => new() { ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = $"#/components/schemas/{Prefix}{name}" }) };

    private static JsonObject Type(string name) => new() { ["type"] = name };
}
