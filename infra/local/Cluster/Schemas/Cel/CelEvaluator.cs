using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace IoFog.Operator.Local.Cluster.Schemas.Cel;

/// <summary>
/// Evaluates a checked expression. A value is null, a bool, long, double or string, a <see cref="JsonObject"/> with the schema that types it
/// (<see cref="Map"/>), or a list of values.
/// </summary>
internal sealed class CelEvaluator
{
    public const RegexOptions PatternOptions = RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;

    private readonly Dictionary<string, object?> variables = new(StringComparer.Ordinal);

    private CelEvaluator()
    {
    }

    /// <exception cref="CelEvaluationException">It has no value for these.</exception>
    public static bool Holds(CelExpression expression, params ReadOnlySpan<(string Name, JsonNode? Value, StructuralSchema Schema)> variables)
    {
        var evaluator = new CelEvaluator();
        foreach (var (name, value, schema) in variables)
            evaluator.variables[name] = Read(value, schema);
        return (bool)evaluator.Value(expression)!;
    }

    private sealed record Map(JsonObject Content, StructuralSchema Schema);

    private static object? Read(JsonNode? node, StructuralSchema? schema) => node switch
    {
        null => null,
        JsonObject map => new Map(map, schema ?? throw new CelEvaluationException("the value has no type")),
        JsonArray list => list.Select(item => Read(item, schema?.Items)).ToArray(),
        _ => node.GetValueKind() switch
        {
            System.Text.Json.JsonValueKind.True => true,
            System.Text.Json.JsonValueKind.False => false,
            System.Text.Json.JsonValueKind.String => node.GetValue<string>(),
            _ when schema?.Type == "number" => double.Parse(node.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture),
            _ => (long)decimal.Parse(node.ToJsonString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture),
        },
    };

    private object? Value(CelExpression expression) => expression switch
    {
        CelExpression.Literal literal => literal.Value,
        CelExpression.Variable variable => variables[variable.Name],
        CelExpression.ListOf list => list.Items.Select(Value).ToArray(),
        CelExpression.Member member => Member(Value(member.Of), member.Name),
        CelExpression.Has has => Value(has.Of) is Map map && map.Content[NameIn(map, has.Name)] is not null,
        CelExpression.Index index => At(Value(index.Of), Value(index.At)),
        CelExpression.Unary unary => Unary(Value(unary.Operand)),
        CelExpression.Binary { Operator: "&&" } both => Absorb(false, both.Left, both.Right),
        CelExpression.Binary { Operator: "||" } either => Absorb(true, either.Left, either.Right),
        CelExpression.Binary binary => Binary(binary.Operator, Value(binary.Left), Value(binary.Right)),
        CelExpression.Choice choice => (bool)Value(choice.If)! ? Value(choice.Then) : Value(choice.Else),
        CelExpression.Call call => Call(call.Function, [.. call.Arguments.Select(Value)]),
        CelExpression.Each each => Each(each),
        _ => throw new InvalidOperationException(expression.GetType().Name),
    };

    // Names of fields are escaped in expressions, keys of maps are not.
    private static string NameIn(Map map, string name) => map.Schema.Additional is null ? CelNames.Unescaped(name) : name;

    private static object? Member(object? of, string name) => of is Map map ? Entry(map, NameIn(map, name)) : throw new CelEvaluationException($"no such key: {name}");

    private static object? Entry(Map map, string name) =>
        map.Content[name] is { } value ? Read(value, map.Schema.Member(name)) : throw new CelEvaluationException($"no such key: {name}");

    private static object? At(object? of, object? at) => (of, at) switch
    {
        (object?[] list, long index) => index >= 0 && index < list.Length ? list[index] : throw new CelEvaluationException($"index out of bounds: {index}"),
        (Map map, string key) => Entry(map, key),
        _ => throw new CelEvaluationException("no such overload"),
    };

    private static object Unary(object? operand) => operand switch
    {
        bool value => !value,
        long value => -value,
        double value => -value,
        _ => throw new CelEvaluationException("no such overload"),
    };

    // One side that decides makes up for the other's error, whichever comes first.
    private bool Absorb(bool decides, params IEnumerable<CelExpression> operands) => Absorb(decides, operands, operand => (bool)Value(operand)!);

    private static bool Absorb<T>(bool decides, IEnumerable<T> operands, Func<T, bool> value)
    {
        CelEvaluationException? failed = null;
        foreach (var operand in operands)
        {
            try
            {
                if (value(operand) == decides)
                    return decides;
            }
            catch (CelEvaluationException e)
            {
                failed ??= e;
            }
        }

        return failed is null ? !decides : throw failed;
    }

    private static object? Binary(string name, object? left, object? right) => (name, left, right) switch
    {
        ("==", _, _) => AreEqual(left, right),
        ("!=", _, _) => !AreEqual(left, right),
        ("in", _, object?[] list) => list.Any(item => AreEqual(left, item)),
        ("in", string key, Map map) => map.Content[key] is not null,
        ("<", _, _) => Order(left, right) < 0,
        ("<=", _, _) => Order(left, right) <= 0,
        (">", _, _) => Order(left, right) > 0,
        (">=", _, _) => Order(left, right) >= 0,
        ("+", string a, string b) => a + b,
        ("+", object?[] a, object?[] b) => a.Concat(b).ToArray(),
        (_, long a, long b) => Whole(name, a, b),
        ("+", double a, double b) => a + b,
        ("-", double a, double b) => a - b,
        ("*", double a, double b) => a * b,
        ("/", double a, double b) => a / b,
        _ => throw new CelEvaluationException("no such overload"),
    };

    private static long Whole(string name, long a, long b)
    {
        if (name is "/" or "%" && b == 0)
            throw new CelEvaluationException("division by zero");
        try
        {
            return name switch
            {
                "+" => checked(a + b),
                "-" => checked(a - b),
                "*" => checked(a * b),
                "/" => a / b,
                _ => a % b,
            };
        }
        catch (OverflowException)
        {
            throw new CelEvaluationException("integer overflow");
        }
    }

    private static int Order(object? left, object? right) => (left, right) switch
    {
        (long a, long b) => a.CompareTo(b),
        (double a, double b) => a.CompareTo(b),
        (long a, double b) => ((double)a).CompareTo(b),
        (double a, long b) => a.CompareTo((double)b),
        (string a, string b) => string.CompareOrdinal(a, b),
        (bool a, bool b) => a.CompareTo(b),
        _ => throw new CelEvaluationException("no such overload"),
    };

    private static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (Map a, Map b) => JsonNode.DeepEquals(a.Content, b.Content),
        (object?[] a, object?[] b) => a.Length == b.Length && a.Zip(b).All(pair => AreEqual(pair.First, pair.Second)),
        (long or double, long or double) => Order(left, right) == 0,
        _ => Equals(left, right),
    };

    private static object Call(string function, object?[] arguments) => (function, arguments) switch
    {
        ("size", [string text]) => (long)text.EnumerateRunes().Count(),
        ("size", [object?[] list]) => (long)list.Length,
        ("size", [Map map]) => (long)map.Content.Count,
        ("startsWith", [string text, string part]) => text.StartsWith(part, StringComparison.Ordinal),
        ("endsWith", [string text, string part]) => text.EndsWith(part, StringComparison.Ordinal),
        ("contains", [string text, string part]) => text.Contains(part, StringComparison.Ordinal),
        ("matches", [string text, string pattern]) => Regex.IsMatch(text, pattern, PatternOptions),
        ("string", [bool value]) => value ? "true" : "false",
        ("string", [{ } value]) => value.ToString()!,
        _ => throw new CelEvaluationException("no such overload"),
    };

    private object Each(CelExpression.Each each)
    {
        object?[] items = Value(each.Over) switch
        {
            object?[] list => list,
            Map map => [.. map.Content.Select(member => member.Key)],
            _ => throw new CelEvaluationException("no such overload"),
        };
        return each.Macro switch
        {
            "all" => Absorb(false, items, item => (bool)Body(item)!),
            "exists" => Absorb(true, items, item => (bool)Body(item)!),
            "exists_one" => items.Count(item => (bool)Body(item)!) == 1,
            "filter" => items.Where(item => (bool)Body(item)!).ToArray(),
            _ => items.Select(Body).ToArray(),
        };

        object? Body(object? item)
        {
            variables[each.Item] = item;
            return Value(each.Body);
        }
    }
}
