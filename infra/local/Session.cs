using Spectre.Console;

namespace IoFog.Operator.Local;

/// <summary>One run of the local stack in front of somebody.</summary>
internal sealed class Session(Arguments arguments, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var options = arguments.Stack with { Say = Console.WriteLine, Log = arguments.Verbose ? Console.WriteLine : static _ => { } };
        var began = time.GetTimestamp();
        LocalStack? stack = null;
        try
        {
            stack = await LocalStack.StartAsync(options, cancellationToken);
            await stack.ApplyAsync(Layout.Crds, cancellationToken);
            Console.WriteLine("Applied infra/crds");
            await stack.RunAsync(cancellationToken);
            await stack.ApplyAsync(Path.Combine(Layout.Samples, "ecn.yaml"), cancellationToken);
            Console.WriteLine("Applied infra/samples/ecn.yaml");
            Console.WriteLine($"\n  kubectl --kubeconfig {stack.KubeconfigPath} get iofog -w\n  Controller: {stack.ControllerUrl}");
            if (stack is { AdminUrl: { } address, Cluster: { } cluster })
                Console.WriteLine($"  Page: {address}api/ui#token={cluster.Identity.AdminToken}\n  curl -H 'Authorization: Bearer {cluster.Identity.AdminToken}' {address}api/overview");
            Console.WriteLine();
            return Screen.IsTerminal ? await ShowAsync(stack, began, cancellationToken) : await PrintAsync(stack, began, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
        finally
        {
            if (stack is not null)
            {
                Console.WriteLine("Stopping …");
                await stack.DisposeAsync();
            }
        }
    }

    private async Task<int> ShowAsync(LocalStack stack, long began, CancellationToken cancellationToken)
    {
        var screen = new Screen(time);
        var code = 0;
        await AnsiConsole.Live(screen.Draw([], [])).StartAsync(async live =>
        {
            while (true)
            {
                var rows = await Overview.ReadAsync(stack.Api, arguments.Stack.Namespace, cancellationToken);
                live.UpdateTarget(screen.Draw(rows, stack.Apps));
                if (IsOver(stack, rows, began) is { } ended)
                {
                    code = ended;
                    return;
                }

                await Task.Delay(Interval, time, cancellationToken);
            }
        });
        return code;
    }

    private async Task<int> PrintAsync(LocalStack stack, long began, CancellationToken cancellationToken)
    {
        var screen = new Screen(time);
        while (true)
        {
            var rows = await Overview.ReadAsync(stack.Api, arguments.Stack.Namespace, cancellationToken);
            screen.Print(rows);
            if (IsOver(stack, rows, began) is { } ended)
                return ended;
            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    private int? IsOver(LocalStack stack, IReadOnlyList<ObjectRow> rows, long began)
    {
        if (stack.Watcher.HasExited)
        {
            Console.WriteLine($"The watcher ended with exit code {stack.Watcher.ExitCode}; --verbose shows why");
            return 1;
        }

        if (!arguments.ExitWhenReady)
            return null;
        var took = time.GetElapsedTime(began);
        if (rows.Count > 0 && rows.All(row => row.IsReady))
        {
            Console.WriteLine($"All {rows.Count} objects are Ready after {took.TotalSeconds:F1} s");
            return 0;
        }

        if (took < arguments.Timeout)
            return null;
        Console.WriteLine($"Not Ready after {took.TotalSeconds:F0} s:");
        foreach (var row in rows.Where(row => !row.IsReady))
            Console.WriteLine($"  {row.Kind} {row.Name}: {row.Reason} {row.Message}");
        return 1;
    }
}
