using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IoFog.Operator.Local.Cluster.Schemas.Cel;

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
        "x-kubernetes-map-type", "x-kubernetes-validations",
    };

    private readonly JsonObject node;
    private readonly Dictionary<string, StructuralSchema> properties = [];
    private readonly StructuralSchema? items;
    private readonly StructuralSchema? additional;
    private readonly Regex? pattern;
    private readonly List<CelRule> rules = [];

    /// <param name="node">The definition.</param>
    /// <param name="path">Of it, for errors.</param>
    /// <param name="scope">Where it is.</param>
    /// <param name="errors">Receives what is wrong with it.</param>
    private StructuralSchema(JsonObject node, string path, Scope scope, List<FieldError> errors)
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
            properties[name] = new(property!.AsObject(), $"{path}.properties[{name}]", scope, errors);
        if (node["items"] is JsonObject itemSchema)
            items = new(itemSchema, $"{path}.items", scope.Below(Most, ListType == "map"), errors);
        else if (Type == "array")
            errors.Add(FieldError.Required($"{path}.items"));
        if (node["additionalProperties"] is JsonObject additionalSchema)
            additional = new(additionalSchema, $"{path}.additionalProperties", scope.Below(Most, true), errors);
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

        if (errors.Count == 0)
            ReadRules(path, scope, errors);
    }

    public string? Type => node["type"]?.GetValue<string>();

    public string? ListType => node["x-kubernetes-list-type"]?.GetValue<string>();

    public IReadOnlyList<string> MapKeys => [.. (node["x-kubernetes-list-map-keys"]?.AsArray() ?? []).Select(key => key!.GetValue<string>())];

    public bool IsAtomicMap => node["x-kubernetes-map-type"]?.GetValue<string>() == "atomic";

    internal IReadOnlyDictionary<string, StructuralSchema> Properties => properties;

    /// <summary>The schema of a map's values.</summary>
    internal StructuralSchema? Additional => additional;

    /// <summary>How many items or members it has at most.</summary>
    internal long Most => Size(Type == "array" ? "maxItems" : "maxProperties") ?? CelType.Unbounded;

    /// <summary>How long a text is at most.</summary>
    internal long Longest =>
        Size("maxLength") is { } longest ? longest
        : node["enum"] is JsonArray options ? options.Max(option => option?.ToString().Length ?? 0)
        : node["format"]?.GetValue<string>() == "date-time" ? 64
        : CelType.Unbounded;

    /// <summary>The definition, for OpenAPI documents.</summary>
    public JsonObject Definition => node;

    private bool PreservesUnknown => node["x-kubernetes-preserve-unknown-fields"]?.GetValue<bool>() == true;

    internal bool IsIntOrString => node["x-kubernetes-int-or-string"]?.GetValue<bool>() == true;

    /// <exception cref="SchemaRefusedException">It is not structural, or needs a keyword that the emulator does not have.</exception>
    public static StructuralSchema Parse(JsonObject openAPIV3Schema)
    {
        var errors = new List<FieldError>();
        var schema = new StructuralSchema(openAPIV3Schema, "spec.validation.openAPIV3Schema", new(1, true), errors);
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
    /// <param name="value">The object.</param>
    /// <param name="before">What was there; null for a new one.</param>
    public IReadOnlyList<FieldError> Validate(JsonObject value, JsonObject? before)
    {
        var errors = new List<FieldError>();
        Check(value, "", errors);
        if (errors.Count == 0)
            CheckRules(value, before, "", errors);
        return errors;
    }

    private void ReadRules(string path, Scope scope, List<FieldError> errors)
    {
        var entries = node["x-kubernetes-validations"]?.AsArray() ?? [];
        for (var i = 0; i < entries.Count; i++)
        {
            var at = $"{path}.x-kubernetes-validations[{i}]";
            if (CelRule.Read(entries[i]!.AsObject(), this, scope.Places, at, errors) is not { } rule)
                continue;
            if (rule.IsTransition && !scope.IsCorrelated)
                errors.Add(FieldError.Invalid($"{at}.rule", $"{entries[i]!["rule"]!.ToJsonString()}", "oldSelf cannot be used on the uncorrelatable portion of the schema"));
            rules.Add(rule);
        }
    }

    // What did not change stays acceptable, also where a rule came later.
    private void CheckRules(JsonNode? value, JsonNode? before, string path, List<FieldError> errors)
    {
        if (value is null || (before is not null && JsonNode.DeepEquals(value, before)))
            return;
        errors.AddRange(rules.Select(rule => rule.Check(value, before, path)).OfType<FieldError>());
        foreach (var (name, member) in value as JsonObject ?? [])
            Member(name)?.CheckRules(member, (before as JsonObject)?[name], Join(path, name), errors);
        var list = value as JsonArray ?? [];
        for (var i = 0; i < list.Count; i++)
            items?.CheckRules(list[i], Correlated(list[i], before as JsonArray), $"{path}[{i}]", errors);
    }

    private JsonNode? Correlated(JsonNode? item, JsonArray? before) => ListType != "map" ? null : before?.FirstOrDefault(old =>
        JsonNode.DeepEquals(MergeRules.KeyOf(old!.AsObject(), MapKeys), MergeRules.KeyOf(item!.AsObject(), MapKeys)));

    /// <summary>Where in an object a schema is.</summary>
    /// <param name="Places">How often its value can be there at most.</param>
    /// <param name="IsCorrelated">Whether it is known which value before is the same one.</param>
    private readonly record struct Scope(long Places, bool IsCorrelated)
    {
        public Scope Below(long most, bool isCorrelated) => new(Math.Min(Places * most, CelType.Unbounded), IsCorrelated && isCorrelated);
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

        if (Size("maxProperties") is { } most && map.Count > most)
            errors.Add(new("FieldValueTooMany", path, $"Too many: {map.Count}: must have at most {most} items"));
        if (Size("minProperties") is { } least && map.Count < least)
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
        if (Size("maxItems") is { } most && list.Count > most)
            errors.Add(new("FieldValueTooMany", path, $"Too many: {list.Count}: must have at most {most} items"));
        if (Size("minItems") is { } least && list.Count < least)
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
            if (Size("maxLength") is { } most && length > most)
                errors.Add(new("FieldValueTooLong", path, $"Too long: may not be more than {most} bytes"));
            if (Size("minLength") is { } least && length < least)
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

    private long? Size(string name) => node[name] is { } size ? Numbers.Long(size) : null;

    private decimal? Bound(string name) =>
        node[name] is { } bound ? decimal.Parse(bound.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture) : null;

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
