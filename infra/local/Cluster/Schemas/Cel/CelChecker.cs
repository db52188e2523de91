using System.Text.RegularExpressions;

namespace IoFog.Operator.Local.Cluster.Schemas.Cel;

/// <summary>
/// Finds the type of an expression, as the API server does before it accepts a definition, and estimates what it costs at most.
/// The estimate is coarser than the real one, on the strict side.
/// </summary>
internal sealed class CelChecker
{
    private readonly Dictionary<string, CelType> variables;
    private double times;

    private CelChecker(Dictionary<string, CelType> variables, long places) => (this.variables, times) = (variables, places);

    public double Cost { get; private set; }

    /// <param name="expression">The rule.</param>
    /// <param name="variables">The types of <c>self</c> and <c>oldSelf</c>.</param>
    /// <param name="places">How often the rule can apply in one object.</param>
    /// <exception cref="CelSyntaxException">It has no type.</exception>
    public static (CelType Type, double Cost) Check(CelExpression expression, IReadOnlyDictionary<string, CelType> variables, long places)
    {
        var checker = new CelChecker(new(variables, StringComparer.Ordinal), places);
        return (checker.TypeOf(expression), checker.Cost);
    }

    private CelType TypeOf(CelExpression expression)
    {
        Cost += times;
        return expression switch
        {
            CelExpression.Literal literal => TypeOfLiteral(literal.Value),
            CelExpression.Variable variable => variables.GetValueOrDefault(variable.Name)
                ?? throw new CelSyntaxException($"undeclared reference to '{variable.Name}'"),
            CelExpression.ListOf list => TypeOfList(list),
            CelExpression.Member member => TypeOfMember(TypeOf(member.Of), member.Name),
            CelExpression.Has has => HasType(has),
            CelExpression.Index index => TypeOfIndex(TypeOf(index.Of), TypeOf(index.At)),
            CelExpression.Unary unary => TypeOfUnary(unary),
            CelExpression.Binary binary => TypeOfBinary(binary.Operator, TypeOf(binary.Left), TypeOf(binary.Right)),
            CelExpression.Choice choice => TypeOfChoice(choice),
            CelExpression.Call call => TypeOfCall(call),
            CelExpression.Each each => TypeOfEach(each),
            _ => throw new InvalidOperationException(expression.GetType().Name),
        };
    }

    private static CelType TypeOfLiteral(object? value) => value switch
    {
        null => CelType.Null,
        bool => CelType.Bool,
        long => CelType.Int,
        double => CelType.Double,
        string text => new CelType.Text(text.Length),
        _ => throw new InvalidOperationException(value.GetType().Name),
    };

    private CelType.ListOf TypeOfList(CelExpression.ListOf list)
    {
        var types = list.Items.Select(TypeOf).ToArray();
        var item = types.FirstOrDefault() ?? CelType.Dyn;
        return types.All(item.Fits) ? new(item, types.Length) : throw new CelSyntaxException("the items of a list must be of one type");
    }

    private static CelType TypeOfMember(CelType of, string name) => of switch
    {
        CelType.ObjectOf type => type.Field(name) ?? throw new CelSyntaxException($"undefined field '{name}'"),
        CelType.MapOf map => map.Value,
        _ when of == CelType.Dyn => CelType.Dyn,
        _ => throw new CelSyntaxException($"type '{of.Display}' does not support field selection"),
    };

    private CelType HasType(CelExpression.Has has)
    {
        TypeOfMember(TypeOf(has.Of), has.Name);
        return CelType.Bool;
    }

    private static CelType TypeOfIndex(CelType of, CelType at) => of switch
    {
        CelType.ListOf list when at == CelType.Int => list.Item,
        CelType.MapOf map when at is CelType.Text => map.Value,
        _ => throw NoOverload("_[_]", of, at),
    };

    private CelType TypeOfUnary(CelExpression.Unary unary)
    {
        var type = TypeOf(unary.Operand);
        var fits = unary.Operator == "!" ? type == CelType.Bool : type == CelType.Int || type == CelType.Double;
        return fits ? type : throw NoOverload($"{unary.Operator}_", type);
    }

    private CelType TypeOfBinary(string name, CelType left, CelType right)
    {
        switch (name)
        {
            case "&&" or "||" when left == CelType.Bool && right == CelType.Bool:
                return CelType.Bool;
            case "==" or "!=" when left.Fits(right):
                AddForTexts(left, right);
                return CelType.Bool;
            case "<" or "<=" or ">" or ">=" when left.Fits(right) && IsOrdered(left):
                AddForTexts(left, right);
                return CelType.Bool;
            case "in" when right is CelType.ListOf list && left.Fits(list.Item):
                Cost += times * list.Most;
                return CelType.Bool;
            case "in" when right is CelType.MapOf && left is CelType.Text:
                return CelType.Bool;
            case "+" when left is CelType.Text first && right is CelType.Text second:
                AddForTexts(left, right);
                return new CelType.Text(first.Longest + second.Longest);
            case "+" when left is CelType.ListOf first && right is CelType.ListOf second && first.Fits(second):
                return first with { Most = first.Most + second.Most };
            case "+" or "-" or "*" or "/" when left == right && (left == CelType.Int || left == CelType.Double):
            case "%" when left == CelType.Int && right == CelType.Int:
                return left;
            default:
                throw NoOverload($"_{name}_", left, right);
        }
    }

    private CelType TypeOfChoice(CelExpression.Choice choice)
    {
        var (condition, then, otherwise) = (TypeOf(choice.If), TypeOf(choice.Then), TypeOf(choice.Else));
        return condition == CelType.Bool && then.Fits(otherwise) ? then : throw NoOverload("_?_:_", condition, then, otherwise);
    }

    private CelType TypeOfCall(CelExpression.Call call)
    {
        var types = call.Arguments.Select(TypeOf).ToArray();
        switch (call.Function)
        {
            case "size" when types is [CelType.Text or CelType.ListOf or CelType.MapOf]:
                return CelType.Int;
            case "startsWith" or "endsWith" or "contains" when call.IsMethod && types is [CelType.Text text, CelType.Text part]:
                Cost += times * 0.1 * Math.Max(text.Longest, call.Function == "contains" ? text.Longest * part.Longest * 0.1 : 0);
                return CelType.Bool;
            case "matches" when call.IsMethod && types is [CelType.Text text, CelType.Text]:
                Cost += times * 0.1 * text.Longest * Math.Max(1, CheckPattern(call.Arguments[1]).Length * 0.25);
                return CelType.Bool;
            case "string" when !call.IsMethod && types is [var type] && (type == CelType.Int || type == CelType.Bool || type is CelType.Text):
                return new CelType.Text(type is CelType.Text known ? known.Longest : 20);
            default:
                throw NoOverload(call.Function, types);
        }
    }

    private static string CheckPattern(CelExpression expression)
    {
        if (expression is not CelExpression.Literal { Value: string pattern })
            throw new CelSyntaxException("matches takes a literal in this subset");
        try
        {
            _ = new Regex(pattern, CelEvaluator.PatternOptions);
            return pattern;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new CelSyntaxException($"'{pattern}' is no pattern of the subset: {e.Message}");
        }
    }

    private CelType TypeOfEach(CelExpression.Each each)
    {
        var (item, most) = TypeOf(each.Over) switch
        {
            CelType.ListOf list => (list.Item, list.Most),
            CelType.MapOf map => (new CelType.Text(CelType.Unbounded), map.Most),
            var type => throw new CelSyntaxException($"expression of type '{type.Display}' cannot be range of a comprehension"),
        };
        if (variables.ContainsKey(each.Item))
            throw new CelSyntaxException($"'{each.Item}' is declared twice");
        var outside = times;
        times *= most;
        variables[each.Item] = item;
        var body = TypeOf(each.Body);
        variables.Remove(each.Item);
        times = outside;
        if (each.Macro == "map")
            return new CelType.ListOf(body, most);
        if (body != CelType.Bool)
            throw NoOverload(each.Macro, body);
        return each.Macro == "filter" ? new CelType.ListOf(item, most) : CelType.Bool;
    }

    private void AddForTexts(CelType left, CelType right)
    {
        if (left is CelType.Text one && right is CelType.Text other)
            Cost += times * 0.1 * Math.Min(one.Longest, other.Longest);
    }

    private static bool IsOrdered(CelType type) => type == CelType.Int || type == CelType.Double || type == CelType.Bool || type is CelType.Text;

    private static CelSyntaxException NoOverload(string function, params IEnumerable<CelType> types) =>
        new($"found no matching overload for '{function}' applied to '({string.Join(", ", types.Select(type => type.Display))})'");
}
