using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace IoFog.Operator.Local.Host;

/// <summary>The custom handler's process: started, watched, and started again as the real host does it.</summary>
internal sealed class Handler(AppFolder app, FunctionsHostOptions options) : IDisposable
{
    private const int DeathsThatStop = 3;
    private const int RestartOnPurpose = 200;
    private static readonly TimeSpan DeathWindow = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan ReadyPoll = TimeSpan.FromMilliseconds(25);

    private readonly HttpClient probe = new() { Timeout = TimeSpan.FromSeconds(2) };
    private readonly List<DateTimeOffset> deaths = [];
    private Process? process;

    public int Port { get; } = FreePort();

    /// <summary>Answers once the handler listens.</summary>
    public TaskCompletionSource Ready { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The handler's process, for tests that end it.</summary>
    public int? ProcessId => process?.Id;

    /// <summary>Keeps the handler running.</summary>
    /// <returns>When it died too often: the host must stop.</returns>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            process = Start();
            var exited = process.WaitForExitAsync(cancellationToken);
            var started = WaitUntilReadyAsync(cancellationToken);
            if (await Task.WhenAny(exited, started) == started)
                await started;
            else if (process is { HasExited: true, ExitCode: 0 })
                await started; // an exit with 0 is noticed by nobody; the start-up times out
            await exited;
            Ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
            var code = process.ExitCode;
            options.Log($"handler exited with {code}");
            if (code == 0)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, options.Time, cancellationToken); // not started again
            }

            if (code != RestartOnPurpose && IsTooOften())
            {
                options.Log("Exceeded http worker restart retry count. Shutting down Functions Host");
                return;
            }
        }
    }

    /// <summary>Ends the handler at once.</summary>
    public void Kill()
    {
        if (process is { HasExited: false })
            process.Kill(entireProcessTree: true);
    }

    public void Dispose()
    {
        Kill();
        process?.Dispose();
        probe.Dispose();
    }

    private bool IsTooOften()
    {
        var now = options.Time.GetUtcNow();
        if (deaths.Count > 0 && now - deaths[^1] > DeathWindow)
            deaths.Clear();
        deaths.Add(now);
        return deaths.Count >= DeathsThatStop;
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        var limit = app.Time("customHandler.initializationTimeout", TimeSpan.FromSeconds(30));
        var began = options.Time.GetTimestamp();
        while (options.Time.GetElapsedTime(began) < limit)
        {
            try
            {
                using var response = await probe.GetAsync(new Uri($"http://127.0.0.1:{Port}/"), cancellationToken);
                Ready.TrySetResult();
                return;
            }
            catch (HttpRequestException e) when (e.InnerException is SocketException)
            {
                await Task.Delay(ReadyPoll, options.Time, cancellationToken);
            }
        }

        options.Log("Initializing HttpWorker timed out.");
        Kill();
    }

    private Process Start()
    {
        var name = app.Text("customHandler.description.defaultExecutablePath", "");
        var inFolder = Path.Combine(app.Path, name);
        var start = new ProcessStartInfo(File.Exists(inFolder) ? inFolder : name)
        {
            WorkingDirectory = app.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (key, value) in options.Settings)
            start.Environment[key] = value;
        var id = Guid.NewGuid().ToString();
        foreach (var (key, value) in new[]
        {
            ("FUNCTIONS_CUSTOMHANDLER_PORT", $"{Port}"), ("FUNCTIONS_HTTPWORKER_PORT", $"{Port}"),
            ("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", id), ("FUNCTIONS_HTTPWORKER_ID", id), ("FUNCTIONS_APP_ROOT_PATH", app.Path),
        })
        {
            start.Environment[key] = value;
        }

        var started = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        started.OutputDataReceived += (_, line) => Log(line.Data);
        started.ErrorDataReceived += (_, line) => Log(line.Data);
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        return started;

        void Log(string? line)
        {
            if (line is not null)
                options.Log(line);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
