using IoFog.Operator.Benchmarks;
using IoFog.Operator.Benchmarks.Figures;

try
{
    return await MeasureCommand.Of(MeasureAsync, Hot.Run).Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false });
}
catch (InvalidOperationException e) // a part that did not start, or hot pieces that did not run: one sentence says which
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
catch (OperationCanceledException)
{
    return 130; // as shells say it of Ctrl-C
}

static async Task MeasureAsync(Arguments arguments, CancellationToken cancellationToken)
{
    var report = new Report(arguments);
    foreach (var benchmark in arguments.Benchmarks)
        await report.RunAsync(benchmark, cancellationToken);
    report.Print();
}
