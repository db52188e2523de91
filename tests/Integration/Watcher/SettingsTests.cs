using System.Collections.Concurrent;
using IoFog.Operator.Local;

namespace IoFog.Operator.Integration.Watcher;

/// <summary>A wrong setting ends the process at once, with one line that names it.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("AzureWebJobsStorage", "")]
    [InlineData("Watcher__ControllerPollSeconds", "soon")]
    [InlineData("Watcher__LeaderElection", "perhaps")]
    [InlineData("Watcher__PodAddress", "here")]
    [InlineData("Health__Port", "http")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317")]
    [InlineData("Scaler__Port", "70000")]
    [InlineData("Scaler__Address", "everywhere")]
    [InlineData("Scaler__ClientCaFile", "/nowhere/ca.crt")]
    [InlineData("Scaler__KeyFile", "/nowhere/tls.key")]
    [InlineData("Controller__Url", "controller:51121x")]
    [InlineData("KUBECONFIG", "/nowhere/kubeconfig")]
    public async Task The_watcher_names_the_setting_that_is_wrong(string name, string value)
    {
        var kubeconfig = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(kubeconfig, """
                apiVersion: v1
                kind: Config
                clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]
                users: [{name: u, user: {token: t}}]
                contexts: [{name: x, context: {cluster: c, user: u}}]
                current-context: x
                """, TestContext.Current.CancellationToken);
            var settings = new Dictionary<string, string> { ["AzureWebJobsStorage"] = "UseDevelopmentStorage=true", ["KUBECONFIG"] = kubeconfig, ["Watcher__Service"] = "watcher", ["Watcher__PodAddress"] = "127.0.0.1", [name] = value };
            Assert.Contains(name, await RunAsync(Layout.Watcher, settings), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(kubeconfig);
        }
    }

    [Theory]
    [InlineData("FUNCTIONS_CUSTOMHANDLER_PORT", "")]
    [InlineData("FUNCTIONS_CUSTOMHANDLER_PORT", "eighty")]
    [InlineData("Controller__Url", "ftp://controller")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector")]
    public async Task The_app_names_the_setting_that_is_wrong(string name, string value)
    {
        var settings = new Dictionary<string, string> { ["FUNCTIONS_CUSTOMHANDLER_PORT"] = "1", [name] = value };
        Assert.Contains(name, await RunAsync(Path.Combine(Layout.App, "app"), settings), StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(string file, Dictionary<string, string> settings)
    {
        var lines = new ConcurrentQueue<string>();
        await using var process = LocalProcess.Start(file, [], null, settings, lines.Enqueue);
        await process.WaitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(1, process.ExitCode);
        return string.Join('\n', lines);
    }
}
