using System.Globalization;

namespace IoFog.Operator.Local.Cluster.Schemas.Cel;

/// <summary>Reads an expression by CEL's grammar.</summary>
internal sealed class CelParser
{
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var",
        "void", "while",
    };

    private static readonly HashSet<string> Macros = new(StringComparer.Ordinal) { "all", "exists", "exists_one", "filter", "map" };

    private static readonly string[][] Levels = [["||"], ["&&"], ["==", "!=", "<", "<=", ">", ">=", "in"], ["+", "-"], ["*", "/", "%"]];

    private readonly IReadOnlyList<CelToken> tokens;
    private int at;

    private CelParser(IReadOnlyList<CelToken> tokens) => this.tokens = tokens;

    private CelToken Token => tokens[at];

    /// <exception cref="CelSyntaxException">It is none, or outside of the subset.</exception>
    public static CelExpression Parse(string text)
    {
        var parser = new CelParser(CelLexer.Read(text));
        var expression = parser.Choice();
        return parser.Token.Kind == CelTokenKind.End ? expression : throw parser.Unexpected();
    }

    private CelExpression Choice()
    {
        var condition = Level(0);
        if (!TryTake("?"))
            return condition;
        var then = Level(0);
        Take(":");
        return new CelExpression.Choice(condition, then, Choice());
    }

    private CelExpression Level(int level)
    {
        if (level == Levels.Length)
            return Unary();
        var left = Level(level + 1);
        while (Levels[level].Contains(Token.Text) && (Token.Kind == CelTokenKind.Symbol || Token is { Kind: CelTokenKind.Name, Text: "in" }))
        {
            var name = tokens[at++].Text;
            left = new CelExpression.Binary(name, left, Level(level + 1));
        }

        return left;
    }

    private CelExpression Unary()
    {
        foreach (var name in new[] { "!", "-" })
        {
            if (TryTake(name))
                return new CelExpression.Unary(name, Unary());
        }

        return Chain();
    }

    private CelExpression Chain()
    {
        var value = Primary();
        while (true)
        {
            if (TryTake("["))
            {
                value = new CelExpression.Index(value, Choice());
                Take("]");
            }
            else if (TryTake("."))
            {
                var name = Name();
                value = IsNext("(") ? Method(value, name) : new CelExpression.Member(value, name);
            }
            else
            {
                return value;
            }
        }
    }

    private CelExpression Method(CelExpression receiver, string name)
    {
        var arguments = Arguments();
        if (!Macros.Contains(name))
            return new CelExpression.Call(name, [receiver, .. arguments], IsMethod: true);
        return arguments is [CelExpression.Variable variable, var body]
            ? new CelExpression.Each(name, receiver, variable.Name, body)
            : throw new CelSyntaxException($"{name} takes a variable and an expression");
    }

    private CelExpression Primary()
    {
        var token = Token;
        at++;
        switch (token.Kind)
        {
            case CelTokenKind.Text:
                return new CelExpression.Literal(token.Text);
            case CelTokenKind.Integer when long.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var whole):
                return new CelExpression.Literal(whole);
            case CelTokenKind.Number:
                return new CelExpression.Literal(double.Parse(token.Text, CultureInfo.InvariantCulture));
            case CelTokenKind.Name when token.Text is "true" or "false":
                return new CelExpression.Literal(token.Text == "true");
            case CelTokenKind.Name when token.Text == "null":
                return new CelExpression.Literal(null);
            case CelTokenKind.Name when !Reserved.Contains(token.Text):
                return IsNext("(") ? Function(token.Text) : new CelExpression.Variable(token.Text);
            case CelTokenKind.Symbol when token.Text == "(":
                var inner = Choice();
                Take(")");
                return inner;
            case CelTokenKind.Symbol when token.Text == "[":
                return new CelExpression.ListOf(Items("]"));
            default:
                at--;
                throw Unexpected();
        }
    }

    private CelExpression Function(string name)
    {
        var arguments = Arguments();
        if (name != "has")
            return new CelExpression.Call(name, arguments, IsMethod: false);
        return arguments is [CelExpression.Member member]
            ? new CelExpression.Has(member.Of, member.Name)
            : throw new CelSyntaxException("has takes a field: has(self.name)");
    }

    private IReadOnlyList<CelExpression> Arguments()
    {
        Take("(");
        return Items(")");
    }

    private List<CelExpression> Items(string end)
    {
        List<CelExpression> items = [];
        while (!TryTake(end))
        {
            if (items.Count > 0)
                Take(",");
            items.Add(Choice());
        }

        return items;
    }

    private string Name()
    {
        if (Token.Kind != CelTokenKind.Name || Reserved.Contains(Token.Text))
            throw Unexpected();
        return tokens[at++].Text;
    }

    private bool IsNext(string symbol) => Token.Kind == CelTokenKind.Symbol && Token.Text == symbol;

    private bool TryTake(string symbol)
    {
        if (!IsNext(symbol))
            return false;
        at++;
        return true;
    }

    private void Take(string symbol)
    {
        if (!TryTake(symbol))
            throw Unexpected();
    }

    private CelSyntaxException Unexpected() =>
        new(Token.Kind == CelTokenKind.End ? "the expression ends too early" : $"unexpected '{Token.Text}' at {Token.At}");
}
