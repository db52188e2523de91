using IoFog.Operator.Local;
using Spectre.Console;

try
{
    var parsed = CommandLine.Of(static (arguments, stopping) => arguments.Only is null
        ? new Session(arguments, TimeProvider.System).RunAsync(stopping)
        : OneEmulator.RunAsync(arguments, TimeProvider.System, stopping)).Parse(args);
    return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
}
catch (Exception e) when (e is InvalidOperationException or IOException) // a setting, or a port that is in use: one sentence says which
{
    AnsiConsole.WriteLine(e.Message);
    return 1;
}
