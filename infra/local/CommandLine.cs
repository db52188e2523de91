using System.CommandLine;
using System.Globalization;

namespace IoFog.Operator.Local;

/// <summary>Which options there are.</summary>
internal static class CommandLine
{
    /// <param name="run">What is to be done; returns the exit code.</param>
    public static RootCommand Of(Func<Arguments, CancellationToken, Task<int>> run)
    {
        var exitWhenReady = new Option<bool>("--exit-when-ready") { Description = "End with 0 when every object is Ready, with 1 and the reasons otherwise" };
        var timeout = new Option<TimeSpan?>("--timeout")
        {
            HelpName = "SECONDS",
            Description = "How long --exit-when-ready waits; default: 150",
            CustomParser = static given =>
            {
                if (double.TryParse(given.Tokens[0].Value, CultureInfo.InvariantCulture, out var seconds) && seconds > 0)
                    return TimeSpan.FromSeconds(seconds);
                given.AddError($"--timeout: '{given.Tokens[0].Value}' is no number of seconds above 0");
                return null;
            },
        };
        var stack = new StackCommandLine();
        var functionsHost = new Option<string?>("--functions-host")
        {
            HelpName = "COMMAND",
            Description = "Run the apps with this host instead of the emulator; func for the Azure Functions Core Tools",
        };
        var verbose = new Option<bool>("--verbose") { Description = "Print what the processes log" };
        var only = new Option<string?>("--only") { HelpName = "EMULATOR", Description = "Run nothing but this one, controller or cluster, until it is stopped" };
        only.AcceptOnlyFromAmong("controller", "cluster");
        var port = new Option<ushort>("--port") { HelpName = "NUMBER", Description = "Where that one is to answer; 0 lets the system choose" };
        var bare = new Option<bool>("--bare") { Description = "That one without simulated devices, without kubelet and load balancer: somebody else plays them" };
        var root = new RootCommand("Runs the whole operator on this machine and shows it working on infra/samples/ecn.yaml.") { exitWhenReady, timeout };
        foreach (var option in (Option[])[.. stack.Options, functionsHost, verbose, only, port, bare])
            root.Options.Add(option);
        root.SetAction((parsed, cancellationToken) => run(
            new()
            {
                ExitWhenReady = parsed.GetValue(exitWhenReady),
                Timeout = parsed.GetValue(timeout) ?? TimeSpan.FromSeconds(150),
                Verbose = parsed.GetValue(verbose),
                Only = parsed.GetValue(only),
                Port = parsed.GetValue(port),
                Bare = parsed.GetValue(bare),
                Stack = stack.Of(parsed) with { FunctionsHost = parsed.GetValue(functionsHost) },
            },
            cancellationToken));
        return root;
    }
}
