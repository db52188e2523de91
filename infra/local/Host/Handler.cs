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

    private readonly HttpClient probe = new() { Timeout = Timeout.InfiniteTimeSpan };
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
            process?.Dispose();
            process = Start();
            using var exit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var started = WaitUntilReadyAsync(exit.Token);
            await process.WaitForExitAsync(cancellationToken);
            var code = process.ExitCode;
            if (code == 0)
            {
                // Nobody notices: calls are refused, and a start-up that ended so runs into its time-out, which counts as a death.
                if (await started)
                    await Task.Delay(Timeout.InfiniteTimeSpan, options.Time, cancellationToken);
            }
            else
            {
                await exit.CancelAsync();
                await ((Task)started).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            options.Log($"handler exited with {code}");
            if (Ready.Task.IsCompleted)
                Ready = new(TaskCreationOptions.RunContinuationsAsynchronously); // else who waits already goes on waiting for the next one
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

    /// <summary>Any answer will do; only a refused connection means "not yet".</summary>
    private async Task<bool> WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        var limit = app.Time("customHandler.initializationTimeout", TimeSpan.FromSeconds(30));
        using var timeout = new CancellationTokenSource(limit, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            while (!await AnswersAsync(either.Token))
                await Task.Delay(ReadyPoll, options.Time, either.Token);
            Ready.TrySetResult();
            return true;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            options.Log("Initializing HttpWorker timed out.");
            Kill();
            return false;
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await probe.GetAsync(new Uri($"http://127.0.0.1:{Port}/"), cancellationToken);
            return true;
        }
        catch (HttpRequestException e)
        {
            return e.InnerException is not SocketException;
        }
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
        start.Environment["ASPNETCORE_CONTENTROOT"] = Path.Combine(AppContext.BaseDirectory, "Host", "Image"); // the real one's image sets it for all that it starts
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
