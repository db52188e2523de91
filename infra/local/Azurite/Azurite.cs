using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Azure;
using Azure.Storage.Queues;

namespace IoFog.Operator.Local;

/// <summary>Azurite, the real one from npm, on ports of its own, in memory.</summary>
public sealed class Azurite : IAsyncDisposable
{
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="; // public: every Azurite has it
    private const int OldestNode = 18;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly string folder;
    private readonly int[] ports;
    private Process process;

    private Azurite(string folder, int[] ports, Process process)
    {
        (this.folder, this.ports, this.process) = (folder, ports, process);
        ConnectionString = $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};"
            + $"BlobEndpoint=http://127.0.0.1:{ports[0]}/{Account};QueueEndpoint=http://127.0.0.1:{ports[1]}/{Account};TableEndpoint=http://127.0.0.1:{ports[2]}/{Account};";
    }

    public string ConnectionString { get; }

    public int ProcessId => process.Id;

    /// <summary>Starts Azurite; installs it on first use.</summary>
    /// <param name="folder">With package.json and its lock file.</param>
    /// <param name="say">Receives what takes long.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="InvalidOperationException">Node.js is missing or too old, or npm failed; one sentence says so.</exception>
    public static async Task<Azurite> StartAsync(string folder, Action<string> say, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(say);
        await CheckNodeAsync(cancellationToken);
        if (!File.Exists(Path.Combine(folder, "node_modules", "azurite", "package.json")))
        {
            say("Installing Azurite (npm ci, once) …");
            await RunAsync("npm", "ci --no-audit --no-fund", folder, "npm ci failed; is the npm registry reachable?", cancellationToken);
        }

        var ports = FreePorts(3);
        var azurite = new Azurite(folder, ports, Launch(folder, ports));
        try
        {
            await azurite.WaitAsync(cancellationToken);
            return azurite;
        }
        catch
        {
            await azurite.DisposeAsync();
            throw;
        }
    }

    /// <summary>As on kill -9; with what it held gone.</summary>
    public void Kill() => process.Kill(entireProcessTree: true);

    /// <summary>Starts it again on the same ports, empty.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await DisposeAsync(); // else the ports are still held
        process = Launch(folder, ports);
        await WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var options = new QueueClientOptions { Retry = { MaxRetries = 0 } };
        var service = new QueueServiceClient(ConnectionString, options);
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (process.HasExited)
                throw new InvalidOperationException($"Azurite ended with exit code {process.ExitCode}; one of the ports {string.Join(", ", ports)} may be in use");
            try
            {
                await service.GetPropertiesAsync(cancellationToken);
                return;
            }
            catch (RequestFailedException) when (TimeProvider.System.GetElapsedTime(began) < StartLimit)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
            }
        }
    }

    private static Process Launch(string folder, int[] ports)
    {
        var start = new ProcessStartInfo("node") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[]
        {
            "node_modules/azurite/dist/src/azurite.js", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableProductStyleUrl", "--disableTelemetry", "--silent",
            "--blobHost", "127.0.0.1", "--queueHost", "127.0.0.1", "--tableHost", "127.0.0.1",
            "--blobPort", $"{ports[0]}", "--queuePort", $"{ports[1]}", "--tablePort", $"{ports[2]}",
        })
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task CheckNodeAsync(CancellationToken cancellationToken)
    {
        var version = await RunAsync("node", "--version", ".", "Node.js is not usable", cancellationToken);
        if (!int.TryParse(version.Trim().TrimStart('v').Split('.')[0], out var major) || major < OldestNode)
            throw new InvalidOperationException($"Azurite needs Node.js {OldestNode} or newer; here is {version.Trim()}");
    }

    private static async Task<string> RunAsync(string command, string arguments, string folder, string failure, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{failure}\n{await errors}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new InvalidOperationException($"{command} was not found; install Node.js 20 (it brings npm) and try again");
        }
    }

    /// <summary>Held all at once, so that they differ.</summary>
    private static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (var listener in listeners)
            listener.Start();
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (var listener in listeners)
            listener.Dispose();
        return ports;
    }
}
