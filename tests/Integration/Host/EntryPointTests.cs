using System.Collections.Concurrent;
using IoFog.Operator.Local;

namespace IoFog.Operator.Integration.Host;

/// <summary>The entry point of the apps' image, run by hand with a host that is played.</summary>
public sealed class EntryPointTests : IDisposable
{
    private const string Played = """
        #!/bin/sh
        trap 'echo asked to stop; exit 0' TERM
        echo "process $$ in $PWD with $*"
        while :; do sleep 0.05; done
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("iofog-entry-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("Microsoft.Azure.WebJobs.Script.WebHost", "process {0} in {1} with --flag")]
    [InlineData("dotnet", "process {0} in {1} with {1}/Microsoft.Azure.WebJobs.Script.WebHost.dll --flag")]
    public async Task The_host_takes_its_place_and_gets_its_signals(string executable, string says)
    {
        var file = Path.Combine(folder, executable);
        await File.WriteAllTextAsync(file, Played, TestContext.Current.CancellationToken);
        if (OperatingSystem.IsWindows())
            Assert.Skip("a script for sh");
        else
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var secrets = Path.Combine(folder, "tmp", "secrets");
        var lines = new ConcurrentQueue<string>();
        await using var process = LocalProcess.Start(
            "/bin/sh",
            [Path.Combine(Layout.Repository, "infra", "docker", "entrypoint.sh"), "--flag"],
            "/",
            new Dictionary<string, string> { ["FUNCTIONS_HOST_FOLDER"] = folder, ["FUNCTIONS_SECRETS_PATH"] = secrets, ["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}" },
            lines.Enqueue);
        await Eventually.HoldsAsync("the host runs", () => Task.FromResult(!lines.IsEmpty));
        Assert.Equal(string.Format(null, says, process.Id, folder), Assert.Single(lines));
        Assert.True(Directory.Exists(secrets));
        await process.StopAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(0, process.ExitCode);
        await Eventually.HoldsAsync("it was asked", () => Task.FromResult(lines.Contains("asked to stop")));
    }
}
