using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using IoFog.Operator.Local.Controller;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IoFog.Operator.Integration;

/// <summary>
/// What a test's requests to a Controller go through, be it the emulated or a real one: it tells what was asked and answered, and it can be
/// shut while the Controller itself goes on.
/// </summary>
internal sealed class ControllerDoor : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly HttpClient http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(2) });
    private readonly Uri controller;
    private readonly ConcurrentQueue<JournalEntry> journal = [];
    private bool isShut;

    private ControllerDoor(Uri controller, X509Certificate2? certificate)
    {
        this.controller = controller;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        app = builder.Build();
        app.Run(PassAsync);
    }

    public Uri Endpoint => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Every request, oldest first.</summary>
    public IReadOnlyCollection<JournalEntry> Journal => journal;

    /// <param name="controller">What is behind it.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <param name="certificate">With it the door speaks TLS.</param>
    public static async Task<ControllerDoor> OpenAsync(Uri controller, CancellationToken cancellationToken, X509Certificate2? certificate = null)
    {
        var door = new ControllerDoor(controller, certificate);
        await door.app.StartAsync(cancellationToken);
        return door;
    }

    /// <summary>Nobody answers at the address from now on.</summary>
    public async Task ShutAsync()
    {
        if (isShut)
            return;
        isShut = true;
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        try
        {
            await app.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
            // requests that were under way are cut off
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ShutAsync();
        await app.DisposeAsync();
        http.Dispose();
    }

    private async Task PassAsync(HttpContext context)
    {
        var began = TimeProvider.System.GetUtcNow();
        using var request = new HttpRequestMessage(new(context.Request.Method), new Uri(controller, context.Features.Get<IHttpRequestFeature>()!.RawTarget));
        foreach (var header in context.Request.Headers.Where(header => header.Key is "Authorization" or "User-Agent"))
            request.Headers.TryAddWithoutValidation(header.Key, header.Value.ToString());
        if (context.Request.ContentType is { } type)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            request.Content = new ByteArrayContent(body.ToArray());
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        using var response = await http.SendAsync(request, context.RequestAborted);
        var answer = await response.Content.ReadAsByteArrayAsync(context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        journal.Enqueue(new(TimeProvider.System.GetUtcNow(), context.Request.Method, context.Request.Path.Value!, context.Response.StatusCode) { Began = began });
        if (answer.Length == 0)
            return;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }
}
