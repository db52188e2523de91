namespace IoFog.Operator.Cli;

/// <summary>A command can't be carried out as it was given; the message says why.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>One command, as it was given.</summary>
internal sealed record Arguments
{
    public required string Command { get; init; }

    /// <summary>What stands behind the command.</summary>
    public IReadOnlyList<string> Operands { get; init; } = [];

    public string? Namespace { get; init; }

    public string? Context { get; init; }

    public string? Kubeconfig { get; init; }

    /// <summary><c>json</c>, <c>yaml</c>, <c>dot</c>; empty for people.</summary>
    public string Output { get; init; } = "";

    public string? Storage { get; init; }

    public string? Discard { get; init; }

    public bool All { get; init; }

    public bool Wait { get; init; }

    /// <summary>How long <see cref="Wait"/> waits.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>The objects that are named, as <c>KIND/NAME</c> or as <c>KIND NAME</c>.</summary>
    /// <exception cref="UsageException">None is, or a kind is unknown.</exception>
    public IReadOnlyList<(Kind Kind, string Name)> Objects()
    {
        if (Operands is [var kind, var name] && !kind.Contains('/', StringComparison.Ordinal) && !name.Contains('/', StringComparison.Ordinal))
            return [(KindOf(kind), name)];
        return Operands.Count == 0
            ? throw new UsageException($"{Command}: name an object, as KIND/NAME")
            : [.. Operands.Select(text => text.Split('/') is [var first, { Length: > 0 } second] ? (KindOf(first), second) : throw new UsageException($"'{text}': name an object as KIND/NAME"))];
    }

    /// <summary>The kinds that are named, or all.</summary>
    public IReadOnlyList<Kind> KindsOrAll() => Operands.Count == 0 ? Kinds.All : [.. Operands.Select(KindOf)];

    private static Kind KindOf(string text) => Kinds.Match(text)
        ?? throw new UsageException($"'{text}': there is no such kind; there are {string.Join(", ", Kinds.All)}");
}
