using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace IoFog.Operator.Local.Host;

/// <summary>
/// The part of the Azure Functions host 4 that a custom handler with queue and HTTP triggers meets. It behaves as the real one was seen to
/// behave; the README beside this file lists what it has.
/// </summary>
public sealed class FunctionsHost : IAsyncDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource killed = new();
    private readonly Handler handler;
    private readonly HttpClient http;
    private readonly WebApplication web;
    private readonly TimeProvider time;
    private readonly Task[] triggers;
    private readonly Task handlerRuns;

    private FunctionsHost(AppFolder app, FunctionsHostOptions options, Handler handler, HttpClient http, WebApplication web)
    {
        (this.handler, this.http, this.web, time) = (handler, http, web, options.Time);
        Address = new(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        handlerRuns = app.Functions.Count == 0 ? Task.CompletedTask : RunHandlerAsync();
        triggers = [.. app.Functions.Where(function => function.Trigger == "queueTrigger")
            .Select(function => new QueueTrigger(function, app, handler, http, options).RunAsync(stopping.Token, killed.Token))];
    }

    /// <summary>Where HTTP triggers answer.</summary>
    public Uri Address { get; }

    /// <summary>The handler's process; null while none runs.</summary>
    public int? HandlerProcessId => handler.ProcessId;

    /// <summary>Completes when the host stopped by itself: its handler died too often.</summary>
    public Task Stopped => handlerRuns;

    /// <exception cref="InvalidOperationException">There is no usable app in the folder.</exception>
    public static async Task<FunctionsHost> StartAsync(FunctionsHostOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var app = AppFolder.Read(options.AppFolder, options.Settings);
        if (app.Functions.FirstOrDefault(function => function.Trigger == "queueTrigger" && !options.Settings.ContainsKey(function.Connection)) is { } unconnected)
            throw new InvalidOperationException($"{unconnected.Connection}: missing; the function {unconnected.Name} needs it");
        var handler = new Handler(app, options);
        var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, options.HttpPort));
        var web = builder.Build();
        web.Run(new HttpTriggers(app, handler, http, options).HandleAsync);
        await web.StartAsync(cancellationToken);
        return new(app, options, handler, http, web);
    }

    /// <summary>As on SIGTERM: listeners stop, what runs gets ten seconds, requests over HTTP too, then the handler is killed.</summary>
    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAny(Task.WhenAll([web.StopAsync(killed.Token), .. triggers]), Task.Delay(Grace, time, killed.Token));
        await KillAsync();
    }

    /// <summary>As on kill -9 of host and handler: messages in work stay hidden.</summary>
    public async Task KillAsync()
    {
        await killed.CancelAsync();
        await stopping.CancelAsync();
        handler.Kill();
        await Task.WhenAll([.. triggers, handlerRuns]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await web.DisposeAsync();
        handler.Dispose();
        http.Dispose();
        stopping.Dispose();
        killed.Dispose();
    }

    private async Task RunHandlerAsync()
    {
        try
        {
            await handler.RunAsync(killed.Token);
            await stopping.CancelAsync();
        }
        catch (OperationCanceledException)
        {
        }
    }
}
