using System.CommandLine;
using System.Globalization;
using IoFog.Operator.Local;

namespace IoFog.Operator.Benchmarks;

/// <summary>Which figures and options there are.</summary>
internal static class MeasureCommand
{
    private const string All = "all";
    private const string Hot = "hot";

    private static readonly string Description = $"""
        Measures the operator and prints a table; the limit of what is measured stands beside it.

        {All,-18}every figure below
        {string.Join('\n', Catalogue.All.Select(static benchmark => $"{benchmark.Name,-18}{benchmark.What}"))}
        {Hot,-18}the hot pieces, by BenchmarkDotNet
        """;

    /// <param name="run">Measures.</param>
    /// <param name="runHot">Measures the hot pieces.</param>
    public static RootCommand Of(Func<Arguments, CancellationToken, Task> run, Action runHot)
    {
        var names = new Argument<string[]>("NAME")
        {
            HelpName = "NAME",
            Arity = ArgumentArity.OneOrMore,
            Description = "Which to measure",
        };
        names.AcceptOnlyFromAmong([All, Hot, .. Catalogue.All.Select(static benchmark => benchmark.Name)]);
        var runs = new Option<int>("--runs")
        {
            HelpName = "N",
            Description = "Runs of each",
            DefaultValueFactory = static _ => 5,
            CustomParser = static given =>
            {
                if (int.TryParse(given.Tokens[0].Value, CultureInfo.InvariantCulture, out var number) && number > 0)
                    return number;
                given.AddError($"--runs: '{given.Tokens[0].Value}' is no number above 0");
                return default;
            },
        };
        var json = new Option<string?>("--json") { HelpName = "FILE", Description = "Append every figure as a line of JSON" };
        var stack = new StackCommandLine();
        var root = new RootCommand(Description) { names, runs, json };
        foreach (var option in stack.Options)
            root.Options.Add(option);
        root.SetAction(async (parsed, cancellationToken) =>
        {
            var asked = parsed.GetRequiredValue(names);
            if (asked.Contains(Hot))
                runHot();
            Benchmark[] benchmarks = [.. Catalogue.All.Where(benchmark => asked.Contains(All) || asked.Contains(benchmark.Name))];
            if (benchmarks.Length > 0)
                await run(new() { Benchmarks = benchmarks, Runs = parsed.GetValue(runs), Json = parsed.GetValue(json), Stack = stack.Of(parsed) }, cancellationToken);
        });
        return root;
    }
}
