using System.Diagnostics;

namespace IoFog.Operator.Local;

/// <summary>A process that the stack has started, and ends.</summary>
public sealed class LocalProcess : IAsyncDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(12);

    private readonly Process process;

    private LocalProcess(Process process) => this.process = process;

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public int ExitCode => process.ExitCode;

    /// <param name="file">The executable.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Where it runs; null for here.</param>
    /// <param name="settings">Added to its environment.</param>
    /// <param name="log">Receives its lines.</param>
    public static LocalProcess Start(
        string file, IEnumerable<string> arguments, string? folder, IReadOnlyDictionary<string, string> settings, Action<string> log)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(log);
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "" };
        foreach (var (key, value) in settings)
            start.Environment[key] = value;
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Tell(line.Data);
        process.ErrorDataReceived += (_, line) => Tell(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new(process);

        void Tell(string? line)
        {
            if (line is not null)
                log(line);
        }
    }

    /// <summary>As kill -9.</summary>
    public void Kill() => process.Kill(entireProcessTree: true);

    /// <summary>Waits until it has ended.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => process.WaitForExitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await StopAsync(Grace);
        process.Dispose();
    }

    /// <summary>As a kubelet: asks it to end, and kills it after this time.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        if (!process.HasExited)
        {
            using (var term = Process.Start("kill", ["-TERM", $"{process.Id}"]))
                await term.WaitForExitAsync();
            using var limit = new CancellationTokenSource(grace, TimeProvider.System);
            try
            {
                await process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
