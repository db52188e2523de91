namespace IoFog.Operator.Cli;

/// <summary>The command line can't be understood; the message says what of it.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>The command line.</summary>
internal sealed record Arguments
{
    public const string Usage = """
        Looks at an Edge Compute Network, and asks its operator to act. Works on the cluster directly, by your kubeconfig.

          kubectl iofog status [KIND]               every object, with its state
          kubectl iofog why KIND/NAME               the chain to what keeps it from being Ready
          kubectl iofog graph                       what runs where (-o dot for Graphviz)
          kubectl iofog reconcile KIND/NAME …       reconcile now; KIND --all for a kind, --all for everything; --wait until it was honoured
          kubectl iofog pause KIND/NAME …           stop all work on it
          kubectl iofog resume KIND/NAME …          go on with it
          kubectl iofog poison [KIND]               messages that could not be handled; --discard ID throws one away

          -n, --namespace NAME    default: the context's
          --context NAME          default: the current one
          --kubeconfig PATH       default: KUBECONFIG, then ~/.kube/config
          -o, --output FORMAT     json or yaml; graph: dot, too
          --storage CONNECTION    poison: the storage account; default: AzureWebJobsStorage
          --timeout SECONDS       reconcile --wait: how long; default 60

        Exit codes: 0 done, and all of it is Ready; 1 failed; 2 wrong use; 3 something is not Ready, or a poison queue is not empty.
        Colours are for terminals only, and not where NO_COLOR is set.
        """;

    public bool Help { get; private init; }

    public string Command { get; private init; } = "";

    /// <summary>What stands behind the command.</summary>
    public IReadOnlyList<string> Operands { get; private init; } = [];

    public string? Namespace { get; private init; }

    public string? Context { get; private init; }

    public string? Kubeconfig { get; private init; }

    /// <summary><c>json</c>, <c>yaml</c>, <c>dot</c>; empty for people.</summary>
    public string Output { get; private init; } = "";

    public string? Storage { get; private init; }

    public string? Discard { get; private init; }

    public bool All { get; private init; }

    public bool Wait { get; private init; }

    public TimeSpan Timeout { get; private init; } = TimeSpan.FromSeconds(60);

    /// <exception cref="UsageException">An option is unknown or lacks its value.</exception>
    public static Arguments Parse(IReadOnlyList<string> args)
    {
        var parsed = new Arguments { Help = args.Count == 0 };
        var words = new List<string>();
        for (var i = 0; i < args.Count; i++)
        {
            var name = args[i];
            string? given = null;
            if (name.StartsWith("--", StringComparison.Ordinal) && name.Split('=', 2) is [var before, var after])
                (name, given) = (before, after);
            parsed = name switch
            {
                "-h" or "--help" or "help" => parsed with { Help = true },
                "-n" or "--namespace" => parsed with { Namespace = Value() },
                "--context" => parsed with { Context = Value() },
                "--kubeconfig" => parsed with { Kubeconfig = Value() },
                "-o" or "--output" => parsed with { Output = Value() },
                "-ojson" or "-oyaml" or "-odot" => parsed with { Output = name[2..] },
                "--storage" => parsed with { Storage = Value() },
                "--discard" => parsed with { Discard = Value() },
                "--timeout" => parsed with { Timeout = double.TryParse(Value(), out var seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds) : throw new UsageException("--timeout: give a number of seconds") },
                "--all" => parsed with { All = true },
                "--wait" => parsed with { Wait = true },
                ['-', ..] => throw new UsageException($"{name}: there is no such option"),
                _ => Word(parsed, name),
            };

            string Value() => given ?? (++i < args.Count ? args[i] : throw new UsageException($"{name}: its value is missing"));
        }

        if (parsed.Output is not ("" or "json" or "yaml") && !(parsed.Output == "dot" && words is ["graph", ..]))
            throw new UsageException($"-o: '{parsed.Output}' is neither json nor yaml");
        return words is [var command, .. var operands] ? parsed with { Command = command, Operands = operands } : parsed with { Help = true };

        Arguments Word(Arguments unchanged, string word)
        {
            words.Add(word);
            return unchanged;
        }
    }

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
