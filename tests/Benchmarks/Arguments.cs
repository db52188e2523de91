using System.Globalization;
using IoFog.Operator.Local;

namespace IoFog.Operator.Benchmarks;

/// <summary>The command line.</summary>
internal sealed record Arguments
{
    public static string Usage => $"""
        Measures the operator and prints a table; the limit of what is measured stands beside it.

        dotnet run -c Release --project tests/Benchmarks -- all | hot | NAME... [options]

          --runs N           runs of each (default 5)
          --json FILE        append every figure as a line of JSON
          --watcher PATH     the watcher's executable: a published one, for NativeAOT figures
          --app FOLDER       the function app's folder: a published one
          --kubeconfig PATH  a real cluster instead of the emulator
          --controller URL   a real ioFog Controller instead of the emulator

        all  every figure below     hot  the hot pieces, by BenchmarkDotNet

        {string.Join("\n", Catalogue.All.Select(benchmark => $"{benchmark.Name,-18} {benchmark.What}"))}
        """;

    public bool Help { get; private init; }

    public bool Hot { get; private init; }

    /// <summary>Which; empty for all.</summary>
    public IReadOnlyList<string> Names { get; private init; } = [];

    public int Runs { get; private init; } = 5;

    public string? Json { get; private init; }

    public StackOptions Stack { get; init; } = new();

    /// <exception cref="InvalidOperationException">An argument is unknown or lacks its value; the message names it.</exception>
    public static Arguments Parse(IReadOnlyList<string> args)
    {
        var parsed = new Arguments { Help = args.Count == 0 };
        for (var i = 0; i < args.Count; i++)
        {
            var name = args[i];
            parsed = name switch
            {
                "--help" or "-h" => parsed with { Help = true },
                "all" => parsed,
                "hot" => parsed with { Hot = true },
                "--runs" => parsed with { Runs = int.TryParse(Value(), CultureInfo.InvariantCulture, out var runs) && runs > 0 ? runs : throw new InvalidOperationException("--runs: give a number above 0") },
                "--json" => parsed with { Json = Value() },
                "--watcher" => parsed with { Stack = parsed.Stack with { Watcher = Existing(Value()) } },
                "--app" => parsed with { Stack = parsed.Stack with { App = Folder(Value()) } },
                "--kubeconfig" => parsed with { Stack = parsed.Stack with { Kubeconfig = Existing(Value()) } },
                "--controller" => parsed with { Stack = parsed.Stack with { Controller = Value().TrimEnd('/') } },
                _ when Catalogue.All.Any(benchmark => benchmark.Name == name) => parsed with { Names = [.. parsed.Names, name] },
                _ => throw new InvalidOperationException($"{name}: no such benchmark or option; --help lists them"),
            };

            string Value() => ++i < args.Count ? args[i] : throw new InvalidOperationException($"{name}: its value is missing");

            string Folder(string path) => Directory.Exists(path) ? Path.GetFullPath(path) : throw new InvalidOperationException($"{name}: {path} is no folder");

            string Existing(string path) => Path.Exists(path) ? Path.GetFullPath(path) : throw new InvalidOperationException($"{name}: {path} does not exist");
        }

        return parsed;
    }
}
