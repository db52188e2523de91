using System.CommandLine;
using System.CommandLine.Invocation;
using Azure;
using IoFog.Operator;
using IoFog.Operator.Cli;
using IoFog.Operator.Insight;
using IoFog.Operator.Kubernetes;

try
{
    var parsed = CommandLine.Of(RunAsync).Parse(args.Length > 0 ? args : ["--help"]);
    return parsed.Action is ParseErrorAction
        ? throw new UsageException(string.Join('\n', parsed.Errors.Select(static error => error.Message)))
        : await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false });
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

static Task<int> RunAsync(Arguments arguments, CancellationToken cancellationToken)
{
    var api = KubernetesConnection.Open(arguments.Kubeconfig, arguments.Context);
    var @namespace = arguments.Namespace ?? KubernetesConnection.NamespaceOf(arguments.Kubeconfig, arguments.Context);
    return new Commands(api, @namespace, arguments, new(Console.Out, arguments.Output, Output.IsColoured), TimeProvider.System).RunAsync(cancellationToken);
}
