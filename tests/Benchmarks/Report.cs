using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace IoFog.Operator.Benchmarks;

/// <summary>Runs benchmarks, prints one table, and writes lines of JSON.</summary>
internal sealed class Report(Arguments arguments)
{
    private readonly List<(Benchmark Benchmark, Samples Samples)> done = [];

    public async Task RunAsync(Benchmark benchmark, CancellationToken cancellationToken)
    {
        var samples = new Samples();
        for (var run = 1; run <= arguments.Runs; run++)
        {
            AnsiConsole.MarkupLineInterpolated($"[grey]{benchmark.Name} {run}/{arguments.Runs}[/]");
            await benchmark.RunAsync(samples, arguments, cancellationToken);
        }

        done.Add((benchmark, samples));
        Write(benchmark, samples);
    }

    public void Print()
    {
        var table = new Table().Border(TableBorder.Markdown);
        table.AddColumns("figure", "median", "p90", "p99", "min–max", "n", "unit", "target");
        foreach (var (benchmark, samples) in done)
        {
            foreach (var figure in samples.Figures)
            {
                table.AddRow(
                    $"{benchmark.Name}: {figure.Name}".EscapeMarkup(), Text(figure.Quantile(0.5)), Text(figure.Quantile(0.9)), Text(figure.Quantile(0.99)),
                    $"{Text(figure.Values.Min())}–{Text(figure.Values.Max())}", $"{figure.Values.Count}", figure.Unit, figure.Target.EscapeMarkup());
            }
        }

        AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 160);
        AnsiConsole.Write(table);
        AnsiConsole.MarkupLineInterpolated($"[grey]{Machine()}[/]");
    }

    private void Write(Benchmark benchmark, Samples samples)
    {
        if (arguments.Json is not { } file)
            return;
        foreach (var figure in samples.Figures)
        {
            var line = new JsonObject
            {
                ["benchmark"] = benchmark.Name,
                ["figure"] = figure.Name,
                ["unit"] = figure.Unit,
                ["median"] = figure.Quantile(0.5),
                ["p90"] = figure.Quantile(0.9),
                ["p99"] = figure.Quantile(0.99),
                ["min"] = figure.Values.Min(),
                ["max"] = figure.Values.Max(),
                ["n"] = figure.Values.Count,
                ["machine"] = Machine(),
            };
            File.AppendAllText(file, line.ToJsonString() + "\n");
        }
    }

    private static string Machine() =>
        $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription.Trim()}, .NET {Environment.Version}, commit {Commit()}";

    private static string Commit()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["-C", Local.Layout.Repository, "rev-parse", "--short", "HEAD"]) { RedirectStandardOutput = true, RedirectStandardError = true });
        return git?.StandardOutput.ReadToEnd().Trim() is { Length: > 0 } commit ? commit : "unknown";
    }

    private static string Text(double value) => value.ToString(Math.Abs(value) >= 100 ? "N0" : "0.##", CultureInfo.InvariantCulture);
}
