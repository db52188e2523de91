using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;

namespace IoFog.Operator.Cli;

/// <summary>Which commands and options there are.</summary>
internal static class CommandLine
{
    private const string Description = """
        Looks at an Edge Compute Network, and asks its operator to act. Works on the cluster directly, by your kubeconfig.

        Exit codes: 0 done, and all of it is Ready; 1 failed; 2 wrong use; 3 something is not Ready, or a poison queue is not empty.
        Colours are for terminals only, and not where NO_COLOR is set.
        """;

    /// <param name="run">What each command does; returns its exit code.</param>
    public static RootCommand Of(Func<Arguments, CancellationToken, Task<int>> run)
    {
        var @namespace = Text("--namespace", "NAME", "Default: the context's", "-n");
        var context = Text("--context", "NAME", "Default: the current one");
        var kubeconfig = Text("--kubeconfig", "PATH", "Default: KUBECONFIG, then ~/.kube/config");
        var output = Text("--output", "FORMAT", "For programs: json or yaml", "-o").AcceptOnlyFromAmong("json", "yaml");
        var graphOutput = Text("--output", "FORMAT", "For programs: json, yaml, or dot for Graphviz", "-o").AcceptOnlyFromAmong("json", "yaml", "dot");
        var all = new Option<bool>("--all") { Description = "Every object, or every one of the kinds" };
        var wait = new Option<bool>("--wait") { Description = "Until it was honoured" };
        var timeout = new Option<TimeSpan?>("--timeout")
        {
            HelpName = "SECONDS",
            Description = "How long --wait waits; default: 60",
            CustomParser = static given =>
            {
                if (double.TryParse(given.Tokens[0].Value, CultureInfo.InvariantCulture, out var seconds) && seconds > 0)
                    return TimeSpan.FromSeconds(seconds);
                given.AddError($"--timeout: '{given.Tokens[0].Value}' is no number of seconds above 0");
                return null;
            },
        };
        var storage = Text("--storage", "CONNECTION", "The storage account; default: AzureWebJobsStorage");
        var discard = Text("--discard", "ID", "Throws this message away");
        foreach (var everywhere in new[] { @namespace, context, kubeconfig })
            everywhere.Recursive = true;

        var root = new RootCommand(Description)
        {
            @namespace,
            context,
            kubeconfig,
            Command("status", "Every object, with its state", Operands("KIND"), output),
            Command("why", "The chain to what keeps an object from being Ready", Operands("KIND/NAME"), output),
            Command("graph", "What runs where", null, graphOutput),
            Command("reconcile", "Reconciles objects now", Operands("KIND/NAME"), all, wait, timeout),
            Command("pause", "Stops all work on objects", Operands("KIND/NAME")),
            Command("resume", "Goes on with paused objects", Operands("KIND/NAME")),
            Command("poison", "Messages that could not be handled", Operands("KIND"), storage, discard, output),
        };

        // As kubectl has it: the others would stand among what shells suggest.
        foreach (var alias in root.Options.OfType<HelpOption>().Single().Aliases.Where(static alias => alias != "-h").ToArray())
            root.Options.OfType<HelpOption>().Single().Aliases.Remove(alias);
        return root;

        Command Command(string name, string description, Argument<string[]>? operands, params ReadOnlySpan<Option> options)
        {
            var command = new Command(name, description);
            if (operands is not null)
                command.Arguments.Add(operands);
            foreach (var option in options)
                command.Options.Add(option);
            command.SetAction((parsed, cancellationToken) => run(
                new()
                {
                    Command = name,
                    Operands = operands is null ? [] : parsed.GetValue(operands) ?? [],
                    Namespace = parsed.GetValue(@namespace),
                    Context = parsed.GetValue(context),
                    Kubeconfig = parsed.GetValue(kubeconfig),
                    Output = parsed.GetValue(command.Options.Contains(graphOutput) ? graphOutput : output) ?? "",
                    Storage = parsed.GetValue(storage),
                    Discard = parsed.GetValue(discard),
                    All = parsed.GetValue(all),
                    Wait = parsed.GetValue(wait),
                    Timeout = parsed.GetValue(timeout) ?? TimeSpan.FromSeconds(60),
                },
                cancellationToken));
            return command;
        }
    }

    private static Option<string?> Text(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { HelpName = value, Description = description };

    private static Argument<string[]> Operands(string name)
    {
        var operands = new Argument<string[]>(name) { HelpName = name, Arity = ArgumentArity.ZeroOrMore };
        operands.Validators.Add(static given =>
        {
            foreach (var option in given.Tokens.Where(static token => token.Value.StartsWith('-')))
                given.AddError($"'{option}': there is no such option");
        });
        operands.CompletionSources.Add([.. Kinds.All.Select(static kind => kind.Name)]);
        return operands;
    }
}
