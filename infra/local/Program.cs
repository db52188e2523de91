using IoFog.Operator.Local;
using Spectre.Console;

try
{
    var arguments = Arguments.Parse(args);
    if (arguments.Help)
    {
        Console.WriteLine(Arguments.Usage);
        return 0;
    }

    using var stopping = new CancellationTokenSource();
    Console.CancelKeyPress += (_, pressed) =>
    {
        pressed.Cancel = true;
        stopping.Cancel();
    };
    using var terminated = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, signal =>
    {
        signal.Cancel = true;
        stopping.Cancel();
    });
    return arguments.Only is null
        ? await new Session(arguments, TimeProvider.System).RunAsync(stopping.Token)
        : await OneEmulator.RunAsync(arguments, TimeProvider.System, stopping.Token);
}
catch (Exception e) when (e is InvalidOperationException or IOException) // a setting, or a port that is in use: one sentence says which
{
    AnsiConsole.WriteLine(e.Message);
    return 1;
}
