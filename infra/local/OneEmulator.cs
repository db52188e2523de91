using IoFog.Operator.Local.Cluster;
using IoFog.Operator.Local.Controller;

namespace IoFog.Operator.Local;

/// <summary>One emulator by itself, for whoever wants to talk to it from another process.</summary>
internal static class OneEmulator
{
    /// <summary>Says where it is, and runs it until it is stopped.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(Arguments arguments, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            if (arguments.Only == "controller")
            {
                await using var controller = await ControllerEmulator.StartAsync(new() { Port = arguments.Port, SimulateAgents = !arguments.Bare, Time = time }, null, cancellationToken);
                Console.WriteLine($"Controller emulator is up ({controller.Endpoint.ToString().TrimEnd('/')})");
                await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
            }
            else
            {
                await using var cluster = await ClusterEmulator.StartAsync(new() { Port = arguments.Port, Time = time, RunControllers = !arguments.Bare }, null, cancellationToken);
                var folder = Directory.CreateTempSubdirectory("iofog-local-");
                try
                {
                    var kubeconfig = Path.Combine(folder.FullName, "kubeconfig");
                    await File.WriteAllTextAsync(kubeconfig, cluster.Kubeconfig, cancellationToken);
                    Console.WriteLine($"Cluster emulator is up ({cluster.Endpoint})\n\n  kubectl --kubeconfig {kubeconfig} get iofog");
                    await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
                }
                finally
                {
                    folder.Delete(recursive: true);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // asked to stop
        }

        return 0;
    }
}
