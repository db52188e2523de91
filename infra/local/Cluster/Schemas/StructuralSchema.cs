using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace IoFog.Operator.Local.Cluster.Schemas;

/// <summary>
/// The schema of one version of a custom resource: what of OpenAPI v3 a structural schema may hold. A keyword that the emulator does not
/// know refuses the definition, so that nothing is accepted here that a real API server would refuse.
/// </summary>
public sealed class StructuralSchema
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "type", "description", "properties", "additionalProperties", "items", "required", "enum", "default", "nullable", "format", "pattern",
        "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "title", "example",
        "x-kubernetes-preserve-unknown-fields", "x-kubernetes-int-or-string", "x-kubernetes-list-type", "x-kubernetes-list-map-keys",
        "x-kubernetes-map-type",
    };

    private readonly JsonObject node;
    private readonly Dictionary<string, StructuralSchema> properties = [];
    private readonly StructuralSchema? items;
    private readonly StructuralSchema? additional;
    private readonly Regex? pattern;

    private StructuralSchema(JsonObject node, string path, List<FieldError> errors)
    {
        this.node = node;
        foreach (var (keyword, _) in node)
        {
            if (!Known.Contains(keyword))
                errors.Add(new("FieldValueNotSupported", $"{path}.{keyword}", $"Unsupported value: \"{keyword}\": this emulator knows no such keyword"));
        }

        if (Type is null && !PreservesUnknown && !IsIntOrString)
            errors.Add(FieldError.Required($"{path}.type"));
        foreach (var (name, property) in node["properties"]?.AsObject() ?? [])
            properties[name] = new(property!.AsObject(), $"{path}.properties[{name}]", errors);
        if (node["items"] is JsonObject itemSchema)
            items = new(itemSchema, $"{path}.items", errors);
        else if (Type == "array")
            errors.Add(FieldError.Required($"{path}.items"));
        if (node["additionalProperties"] is JsonObject additionalSchema)
            additional = new(additionalSchema, $"{path}.additionalProperties", errors);
        if (additional is not null && properties.Count > 0)
            errors.Add(new("FieldValueForbidden", $"{path}.additionalProperties", "Forbidden: additionalProperties and properties are mutual exclusive"));
        if (ListType == "map" && MapKeys.Count == 0)
            errors.Add(FieldError.Required($"{path}.x-kubernetes-list-map-keys"));
        foreach (var key in MapKeys.Where(key => items?.properties.ContainsKey(key) != true))
            errors.Add(FieldError.Invalid($"{path}.x-kubernetes-list-map-keys", $"\"{key}\"", "entries must all be names of item properties"));
        if (node["pattern"] is { } expression)
            pattern = new(expression.GetValue<string>(), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        if (node["default"] is { } value)
        {
            var wrong = new List<FieldError>();
            Check(value, $"{path}.default", wrong);
            errors.AddRange(wrong);
        }
    }

    public string? Type => node["type"]?.GetValue<string>();

    public string? ListType => node["x-kubernetes-list-type"]?.GetValue<string>();

    public IReadOnlyList<string> MapKeys => [.. (node["x-kubernetes-list-map-keys"]?.AsArray() ?? []).Select(key => key!.GetValue<string>())];

    public bool IsAtomicMap => node["x-kubernetes-map-type"]?.GetValue<string>() == "atomic";

    /// <summary>The definition, for OpenAPI documents.</summary>
    public JsonObject Definition => node;

    private bool PreservesUnknown => node["x-kubernetes-preserve-unknown-fields"]?.GetValue<bool>() == true;

    private bool IsIntOrString => node["x-kubernetes-int-or-string"]?.GetValue<bool>() == true;

    /// <exception cref="SchemaRefusedException">It is not structural, or needs a keyword that the emulator does not have.</exception>
    public static StructuralSchema Parse(JsonObject openAPIV3Schema)
    {
        var errors = new List<FieldError>();
        var schema = new StructuralSchema(openAPIV3Schema, "spec.validation.openAPIV3Schema", errors);
        if (schema.Type != "object")
            errors.Add(FieldError.Invalid("spec.validation.openAPIV3Schema.type", $"\"{schema.Type}\"", "must be object at the root"));
        return errors.Count == 0 ? schema : throw new SchemaRefusedException(errors);
    }

    /// <summary>The schema of a member, or of a map's values; null where none says anything.</summary>
    public StructuralSchema? Member(string name) => properties.GetValueOrDefault(name) ?? additional;

    /// <summary>The schema of a list's items.</summary>
    public StructuralSchema? Items => items;

    /// <summary>Drops what the schema does not know.</summary>
    /// <param name="unknown">Receives the paths of what was dropped.</param>
    public void Prune(JsonObject value, ICollection<string> unknown) => Prune(value, "", unknown, isRoot: true);

    /// <summary>Fills in defaults.</summary>
    public void ApplyDefaults(JsonObject value)
    {
        foreach (var (name, property) in properties)
        {
            if (value[name] is null && property.node["default"] is { } preset && !(value.ContainsKey(name) && property.IsNullable))
                value[name] = preset.DeepClone();
        }

        foreach (var (name, member) in value)
        {
            if (Member(name) is not { } schema)
                continue;
            if (member is JsonObject inner)
                schema.ApplyDefaults(inner);
            foreach (var item in member is JsonArray array ? array.OfType<JsonObject>() : [])
                schema.items?.ApplyDefaults(item);
        }
    }

    /// <summary>All that is wrong with an object.</summary>
    public IReadOnlyList<FieldError> Validate(JsonObject value)
    {
        var errors = new List<FieldError>();
        Check(value, "", errors);
        return errors;
    }

    private bool IsNullable => node["nullable"]?.GetValue<bool>() == true;

    private void Prune(JsonObject value, string path, ICollection<string> unknown, bool isRoot)
    {
        foreach (var (name, member) in value.ToArray())
        {
            if (isRoot && name is "apiVersion" or "kind" or "metadata")
                continue;
            var schema = Member(name);
            if (schema is null)
            {
                if (PreservesUnknown)
                    continue;
                unknown.Add(Join(path, name));
                value.Remove(name);
                continue;
            }

            if (member is JsonObject inner)
                schema.Prune(inner, Join(path, name), unknown, isRoot: false);
            if (member is not JsonArray array || schema.items is null)
                continue;
            for (var i = 0; i < array.Count; i++)
            {
                if (array[i] is JsonObject item)
                    schema.items.Prune(item, $"{Join(path, name)}[{i}]", unknown, isRoot: false);
            }
        }
    }

    private void Check(JsonNode? value, string path, List<FieldError> errors)
    {
        if (value is null)
        {
            if (!IsNullable)
                errors.Add(FieldError.WrongType(path, "null", Type ?? "object", "null"));
            return;
        }

        if (!CheckType(value, path, errors))
            return;
        if (node["enum"] is JsonArray allowed && !allowed.Any(option => JsonNode.DeepEquals(option, value)))
        {
            errors.Add(new("FieldValueNotSupported", path,
                $"Unsupported value: {value.ToJsonString()}: supported values: {string.Join(", ", allowed.Select(option => option!.ToJsonString()))}"));
        }

        switch (value)
        {
            case JsonObject map:
                CheckObject(map, path, errors);
                break;
            case JsonArray list:
                CheckArray(list, path, errors);
                break;
            default:
                CheckScalar(value, path, errors);
                break;
        }
    }

    private bool CheckType(JsonNode value, string path, List<FieldError> errors)
    {
        var actual = value.GetValueKind() switch
        {
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.String => "string",
            JsonValueKind.True or JsonValueKind.False => "boolean",
            _ => decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && decimal.Truncate(number) == number ? "integer" : "number",
        };
        var fits = IsIntOrString ? actual is "integer" or "string"
            : Type is null || Type == actual || (Type == "number" && actual == "integer");
        if (!fits)
            errors.Add(FieldError.WrongType(path, actual is "object" or "array" ? actual : value.ToString(), IsIntOrString ? "integer,string" : Type!, actual));
        return fits;
    }

    private void CheckObject(JsonObject map, string path, List<FieldError> errors)
    {
        foreach (var required in node["required"]?.AsArray() ?? [])
        {
            if (!map.ContainsKey(required!.GetValue<string>()))
                errors.Add(FieldError.Required(Join(path, required.GetValue<string>())));
        }

        if (node["maxProperties"]?.GetValue<int>() is { } most && map.Count > most)
            errors.Add(new("FieldValueTooMany", path, $"Too many: {map.Count}: must have at most {most} items"));
        if (node["minProperties"]?.GetValue<int>() is { } least && map.Count < least)
            errors.Add(FieldError.Invalid(path, $"{map.Count}", $"{path} in body should have at least {least} properties"));
        foreach (var (name, member) in map)
        {
            if (path.Length == 0 && name is "apiVersion" or "kind" or "metadata")
                continue;
            Member(name)?.Check(member, Join(path, name), errors);
        }
    }

    private void CheckArray(JsonArray list, string path, List<FieldError> errors)
    {
        if (node["maxItems"]?.GetValue<int>() is { } most && list.Count > most)
            errors.Add(new("FieldValueTooMany", path, $"Too many: {list.Count}: must have at most {most} items"));
        if (node["minItems"]?.GetValue<int>() is { } least && list.Count < least)
            errors.Add(FieldError.Invalid(path, $"{list.Count}", $"{path} in body should have at least {least} items"));
        var seen = new HashSet<string>();
        for (var i = 0; i < list.Count; i++)
        {
            items?.Check(list[i], $"{path}[{i}]", errors);
            var identity = ListType switch
            {
                "set" => list[i]?.ToJsonString(),
                "map" => string.Join(',', MapKeys.Select(key => (list[i] as JsonObject)?[key]?.ToJsonString())),
                _ => null,
            };
            if (identity is not null && !seen.Add(identity))
                errors.Add(new("FieldValueDuplicate", $"{path}[{i}]", $"Duplicate value: {list[i]!.ToJsonString()}"));
        }
    }

    private void CheckScalar(JsonNode value, string path, List<FieldError> errors)
    {
        if (value.GetValueKind() == JsonValueKind.String)
        {
            var text = value.GetValue<string>();
            var length = text.EnumerateRunes().Count();
            if (node["maxLength"]?.GetValue<int>() is { } most && length > most)
                errors.Add(new("FieldValueTooLong", path, $"Too long: may not be more than {most} bytes"));
            if (node["minLength"]?.GetValue<int>() is { } least && length < least)
                errors.Add(FieldError.Invalid(path, $"\"{text}\"", $"{path} in body should be at least {least} chars long"));
            if (pattern?.IsMatch(text) == false)
                errors.Add(FieldError.Invalid(path, $"\"{text}\"", $"{path} in body should match '{node["pattern"]}'"));
            if (node["format"]?.GetValue<string>() == "date-time" && !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _))
                errors.Add(FieldError.Invalid(path, $"\"{text}\"", $"{path} in body must be of type date-time: \"{text}\""));
        }
        else if (value.GetValueKind() == JsonValueKind.Number)
        {
            var number = decimal.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);
            if (Bound("minimum") is { } least && number < least)
                errors.Add(FieldError.Invalid(path, value.ToJsonString(), $"{path} in body should be greater than or equal to {least}"));
            if (Bound("maximum") is { } most && number > most)
                errors.Add(FieldError.Invalid(path, value.ToJsonString(), $"{path} in body should be less than or equal to {most}"));
        }
    }

    private decimal? Bound(string name) =>
        node[name] is { } bound ? decimal.Parse(bound.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture) : null;

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
