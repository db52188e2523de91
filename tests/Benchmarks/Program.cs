using IoFog.Operator.Benchmarks;
using IoFog.Operator.Benchmarks.Figures;

try
{
    var arguments = Arguments.Parse(args);
    if (arguments.Help)
    {
        Console.WriteLine(Arguments.Usage);
        return 0;
    }

    if (arguments.Hot)
    {
        Hot.Run();
        return 0;
    }

    var report = new Report(arguments);
    foreach (var benchmark in Catalogue.All.Where(benchmark => arguments.Names.Count == 0 || arguments.Names.Contains(benchmark.Name)))
        await report.RunAsync(benchmark, CancellationToken.None);
    report.Print();
    return 0;
}
catch (InvalidOperationException e) // a wrong argument, or a part that did not start: one sentence says which
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
