using IoFog.Operator.Local;

namespace IoFog.Operator.Unit.Local;

public sealed class CommandLineTests
{
    [Fact]
    public void What_is_not_said_is_emulated_and_as_it_was_built()
    {
        var given = Given();
        Assert.Equal(new StackOptions().Watcher, given.Stack.Watcher);
        Assert.Equal((null, null, null), (given.Stack.Kubeconfig, given.Stack.Controller, given.Stack.FunctionsHost));
        Assert.Equal((false, 150, null, 0), (given.ExitWhenReady, given.Timeout.TotalSeconds, given.Only, given.Port));
    }

    [Fact]
    public void What_is_said_counts()
    {
        var given = Given(
            "--exit-when-ready", "--timeout=0.5", "--controller", "http://127.0.0.1:51121/", "--functions-host", "func", "--app", Layout.Repository,
            "--kubeconfig", Path.Combine(Layout.Repository, "README.md"), "--only", "cluster", "--port", "8080", "--bare", "--verbose");
        Assert.Equal((true, 0.5, "cluster", 8080, true, true), (given.ExitWhenReady, given.Timeout.TotalSeconds, given.Only, given.Port, given.Bare, given.Verbose));
        Assert.Equal(
            ("http://127.0.0.1:51121", "func", Layout.Repository.TrimEnd('/'), Path.Combine(Layout.Repository, "README.md")),
            (given.Stack.Controller, given.Stack.FunctionsHost, given.Stack.App.TrimEnd('/'), given.Stack.Kubeconfig));
    }

    [Theory]
    [InlineData("--kubeconfig: 'nowhere' does not exist", "--kubeconfig", "nowhere")]
    [InlineData("--app: 'nowhere' does not exist", "--app", "nowhere")]
    [InlineData("--timeout: 'soon' is no number of seconds above 0", "--timeout", "soon")]
    [InlineData("--timeout: '-1' is no number of seconds above 0", "--timeout=-1")]
    [InlineData("'azurite'", "--only", "azurite")]
    [InlineData("'--port'", "--port", "70000")]
    [InlineData("'--watcher'", "--watcher")]
    [InlineData("'--nonsense'", "--nonsense")]
    [InlineData("'word'", "word")]
    public void What_is_wrong_is_named(string said, params string[] args) =>
        Assert.Contains(CommandLine.Of((_, _) => throw new InvalidOperationException("ran")).Parse(args).Errors, error => error.Message.Contains(said, StringComparison.Ordinal));

    private static Arguments Given(params string[] args)
    {
        Arguments? given = null;
        var line = CommandLine.Of((arguments, _) =>
        {
            given = arguments;
            return Task.FromResult(0);
        });
        Assert.Equal(0, line.Parse(args).Invoke());
        return given!;
    }
}
