using System.Runtime.InteropServices;
using Azure;
using IoFog.Operator;
using IoFog.Operator.Cli;
using IoFog.Operator.Insight;
using IoFog.Operator.Kubernetes;

try
{
    var arguments = Arguments.Parse(args);
    if (arguments.Help)
    {
        Console.WriteLine(Arguments.Usage);
        return ExitCodes.Done;
    }

    using var stopping = new CancellationTokenSource();

    // Not Console.CancelKeyPress: that sets up the terminal, which stops a process in its background.
    using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
    {
        signal.Cancel = true;
        stopping.Cancel();
    });
    var api = KubernetesConnection.Open(arguments.Kubeconfig, arguments.Context);
    var @namespace = arguments.Namespace ?? KubernetesConnection.NamespaceOf(arguments.Kubeconfig, arguments.Context);
    var commands = new Commands(api, @namespace, arguments, new(Console.Out, arguments.Output, Output.IsColoured), TimeProvider.System);
    return await commands.RunAsync(stopping.Token);
}
catch (UsageException e)
{
    await Console.Error.WriteLineAsync($"{e.Message}\n'kubectl iofog --help' lists what there is");
    return ExitCodes.WrongUse;
}
catch (Exception e) when (e is InvalidOperationException or KubernetesException or HttpRequestException or RequestFailedException or AggregateException or FormatException)
{
    await Console.Error.WriteLineAsync(e is AggregateException all ? all.GetBaseException().Message : e.Message);
    return ExitCodes.Failed;
}
catch (OperationCanceledException)
{
    return ExitCodes.Failed;
}
