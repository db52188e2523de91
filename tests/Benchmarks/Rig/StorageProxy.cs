using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IoFog.Operator.Benchmarks.Rig;

/// <summary>Stands in front of a queue service and notes what passes, and when it was answered.</summary>
internal sealed class StorageProxy : IAsyncDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None });
    private readonly WebApplication app;
    private readonly Uri target;
    private int calls;

    private StorageProxy(Uri target)
    {
        this.target = target;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        app = builder.Build();
        app.Run(PassAsync);
    }

    /// <summary>The service behind, through this.</summary>
    public string ConnectionString { get; private set; } = "";

    public int Calls => calls;

    /// <summary>When the first message of each object (namespace/name) was in the queue, as a timestamp.</summary>
    public ConcurrentDictionary<string, long> Puts { get; } = [];

    public static async Task<StorageProxy> StartAsync(string connectionString, CancellationToken cancellationToken)
    {
        var endpoint = connectionString.Split(';').First(part => part.StartsWith("QueueEndpoint=", StringComparison.Ordinal))["QueueEndpoint=".Length..];
        var target = new Uri(endpoint);
        var proxy = new StorageProxy(target);
        await proxy.app.StartAsync(cancellationToken);
        var address = proxy.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        proxy.ConnectionString = connectionString.Replace(endpoint, $"{address}{target.AbsolutePath}", StringComparison.Ordinal);
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        http.Dispose();
    }

    private async Task PassAsync(HttpContext context)
    {
        Interlocked.Increment(ref calls);
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        using var request = new HttpRequestMessage(new(context.Request.Method), new Uri(target, context.Request.Path + context.Request.QueryString.ToString()))
        {
            Content = new ByteArrayContent(body.ToArray()),
        };
        foreach (var (name, values) in context.Request.Headers.Where(header => header.Key is not ("Host" or "Content-Length" or "Expect")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
                request.Content.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }

        using var response = await http.SendAsync(request, context.RequestAborted);
        if (context.Request.Method == "POST" && response.IsSuccessStatusCode)
            Note(body);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(header => header.Key is not ("Transfer-Encoding" or "Connection" or "Keep-Alive")))
            context.Response.Headers.TryAdd(name, values.ToArray());
        await context.Response.Body.WriteAsync(await response.Content.ReadAsByteArrayAsync(context.RequestAborted), context.RequestAborted);
    }

    private void Note(MemoryStream body)
    {
        var at = TimeProvider.System.GetTimestamp();
        body.Position = 0;
        var text = XDocument.Load(body).Root!.Element("MessageText")!.Value;
        if (JsonNode.Parse(Convert.FromBase64String(text))?["subject"]?.GetValue<string>() is { } subject)
            Puts.TryAdd(subject, at);
    }
}
