using System.Text;

namespace IoFog.Operator.Local.Cluster.Schemas.Cel;

/// <summary>Cuts an expression into tokens. Raw, byte and triple-quoted literals are not in the subset.</summary>
internal sealed class CelLexer(string text)
{
    private static readonly string[] Symbols =
        ["&&", "||", "==", "!=", "<=", ">=", "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", "<", ">", "!", "+", "-", "*", "/", "%"];

    private int at;

    public static IReadOnlyList<CelToken> Read(string text)
    {
        var lexer = new CelLexer(text);
        List<CelToken> tokens = [];
        do
            tokens.Add(lexer.Next());
        while (tokens[^1].Kind != CelTokenKind.End);
        return tokens;
    }

    private CelToken Next()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        if (at == text.Length)
            return new(CelTokenKind.End, "", at);
        var c = text[at];
        if (char.IsAsciiLetter(c) || c == '_')
            return Name();
        if (char.IsAsciiDigit(c))
            return Number();
        if (c is '\'' or '"')
            return Literal(c);
        if (Array.Find(Symbols, symbol => text.AsSpan(at).StartsWith(symbol, StringComparison.Ordinal)) is not { } found)
            throw new CelSyntaxException($"unexpected '{c}' at {at}");
        at += found.Length;
        return new(CelTokenKind.Symbol, found, at - found.Length);
    }

    private CelToken Name()
    {
        var from = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
            at++;
        if (at < text.Length && text[at] is '\'' or '"')
            throw new CelSyntaxException($"a literal with the prefix '{text[from..at]}' is not in the subset");
        return new(CelTokenKind.Name, text[from..at], from);
    }

    private CelToken Number()
    {
        var from = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        var isWhole = !(at + 1 < text.Length && text[at] == '.' && char.IsAsciiDigit(text[at + 1]));
        if (!isWhole)
        {
            at++;
            while (at < text.Length && char.IsAsciiDigit(text[at]))
                at++;
        }

        if (at < text.Length && (char.IsAsciiLetter(text[at]) || text[at] == '_'))
            throw new CelSyntaxException($"the number at {from} is not in the subset");
        return new(isWhole ? CelTokenKind.Integer : CelTokenKind.Number, text[from..at], from);
    }

    private CelToken Literal(char quote)
    {
        var from = at++;
        if (at + 1 < text.Length && text[at] == quote && text[at + 1] == quote)
            throw new CelSyntaxException($"the literal with three quotes at {from} is not in the subset");
        var content = new StringBuilder();
        for (; at < text.Length && text[at] != quote; at++)
        {
            if (text[at] is '\n' or '\r')
                throw new CelSyntaxException($"the literal at {from} does not end on its line");
            content.Append(text[at] == '\\' ? Escaped() : text[at]);
        }

        if (at == text.Length)
            throw new CelSyntaxException($"the literal at {from} does not end");
        at++;
        return new(CelTokenKind.Text, content.ToString(), from);
    }

    private char Escaped() => ++at == text.Length ? throw new CelSyntaxException("the expression ends in an escape") : text[at] switch
    {
        '\\' or '\'' or '"' or '`' or '?' => text[at],
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        var other => throw new CelSyntaxException($"the escape \\{other} at {at} is not in the subset"),
    };
}
