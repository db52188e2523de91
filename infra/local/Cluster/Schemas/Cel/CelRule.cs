using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster.Schemas.Cel;

/// <summary>One entry of <c>x-kubernetes-validations</c>.</summary>
internal sealed class CelRule
{
    /// <summary>What one rule may cost at most, by the API server's estimate.</summary>
    private const double Budget = 10_000_000;

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal) { "rule", "message", "reason", "fieldPath" };

    private static readonly HashSet<string> Reasons = new(StringComparer.Ordinal)
    { "FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired", "FieldValueDuplicate" };

    private readonly StructuralSchema schema;
    private readonly CelExpression expression;
    private readonly string message;
    private readonly string reason;
    private readonly string fieldPath;

    private CelRule(StructuralSchema schema, CelExpression expression, JsonObject entry)
    {
        (this.schema, this.expression) = (schema, expression);
        message = entry["message"]?.GetValue<string>() ?? $"failed rule: {entry["rule"]}";
        reason = entry["reason"]?.GetValue<string>() ?? "FieldValueInvalid";
        fieldPath = entry["fieldPath"]?.GetValue<string>() ?? "";
        IsTransition = Names(expression).Contains("oldSelf");
    }

    /// <summary>Compares with what was there before; says nothing of a new value.</summary>
    public bool IsTransition { get; }

    /// <param name="entry">As the definition has it.</param>
    /// <param name="schema">What it is about.</param>
    /// <param name="places">How often that can be in one object.</param>
    /// <param name="path">Of the entry, for errors.</param>
    /// <param name="errors">Receives what is wrong with it.</param>
    /// <returns>Null when it is refused.</returns>
    public static CelRule? Read(JsonObject entry, StructuralSchema schema, long places, string path, List<FieldError> errors)
    {
        var before = errors.Count;
        foreach (var (keyword, _) in entry.Where(member => !Known.Contains(member.Key)))
            errors.Add(new("FieldValueNotSupported", $"{path}.{keyword}", $"Unsupported value: \"{keyword}\": this emulator knows no such keyword"));
        if (entry["message"]?.GetValue<string>() is { } text && (text.Trim().Length == 0 || text.Contains('\n', StringComparison.Ordinal)))
            errors.Add(FieldError.Invalid($"{path}.message", $"\"{text}\"", "message must be one line that is not empty"));
        if (entry["reason"]?.GetValue<string>() is { } why && !Reasons.Contains(why))
            errors.Add(new("FieldValueNotSupported", $"{path}.reason", $"Unsupported value: \"{why}\": supported values: {string.Join(", ", Reasons.Order(StringComparer.Ordinal))}"));
        if (entry["fieldPath"]?.GetValue<string>() is { } field && !IsField(schema, field))
            errors.Add(FieldError.Invalid($"{path}.fieldPath", $"\"{field}\"", "fieldPath must be a valid path"));
        if (entry["rule"]?.GetValue<string>() is not { Length: > 0 } rule)
        {
            errors.Add(FieldError.Required($"{path}.rule"));
            return null;
        }

        try
        {
            var expression = CelParser.Parse(rule);
            var self = CelType.Of(schema);
            var (type, cost) = CelChecker.Check(expression, new Dictionary<string, CelType>(StringComparer.Ordinal) { ["self"] = self, ["oldSelf"] = self }, places);
            if (type != CelType.Bool)
                errors.Add(FieldError.Invalid($"{path}.rule", $"\"{rule}\"", $"compilation failed: must evaluate to a bool, not {type.Display}"));
            if (cost > Budget)
                errors.Add(new("FieldValueForbidden", $"{path}.rule", $"Forbidden: estimated rule cost exceeds budget by factor of {cost / Budget:F1}x (try setting maxItems, maxProperties and maxLength where arrays, maps and strings are unbounded)"));
            return errors.Count == before ? new(schema, expression, entry) : null;
        }
        catch (CelSyntaxException e)
        {
            errors.Add(FieldError.Invalid($"{path}.rule", $"\"{rule}\"", $"compilation failed: {e.Message}"));
            return null;
        }
    }

    /// <returns>What is wrong with the value; null when nothing is.</returns>
    public FieldError? Check(JsonNode value, JsonNode? old, string path)
    {
        if (IsTransition && old is null)
            return null;
        var at = path.Length == 0 ? fieldPath.TrimStart('.') : path + fieldPath;
        try
        {
            var holds = IsTransition
                ? CelEvaluator.Holds(expression, ("self", value, schema), ("oldSelf", old, schema))
                : CelEvaluator.Holds(expression, ("self", value, schema));
            return holds ? null : new(reason, at, reason switch
            {
                "FieldValueRequired" => $"Required value: {message}",
                "FieldValueForbidden" => $"Forbidden: {message}",
                "FieldValueDuplicate" => $"Duplicate value: \"{schema.Type}\"",
                _ => $"Invalid value: \"{schema.Type}\": {message}",
            });
        }
        catch (CelEvaluationException e)
        {
            return FieldError.Invalid(at, $"\"{schema.Type}\"", $"{e.Message} evaluating rule: {message}");
        }
    }

    private static bool IsField(StructuralSchema schema, string path) =>
        path.StartsWith('.') && path[1..].Split('.').Aggregate((StructuralSchema?)schema, static (at, name) => at?.Member(name)) is not null;

    private static IEnumerable<string> Names(CelExpression expression) => expression switch
    {
        CelExpression.Variable variable => [variable.Name],
        CelExpression.ListOf list => list.Items.SelectMany(Names),
        CelExpression.Member member => Names(member.Of),
        CelExpression.Has has => Names(has.Of),
        CelExpression.Index index => Names(index.Of).Concat(Names(index.At)),
        CelExpression.Unary unary => Names(unary.Operand),
        CelExpression.Binary binary => Names(binary.Left).Concat(Names(binary.Right)),
        CelExpression.Choice choice => Names(choice.If).Concat(Names(choice.Then)).Concat(Names(choice.Else)),
        CelExpression.Call call => call.Arguments.SelectMany(Names),
        CelExpression.Each each => Names(each.Over).Concat(Names(each.Body)),
        _ => [],
    };
}
