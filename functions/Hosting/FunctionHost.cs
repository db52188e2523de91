using System.Globalization;
using System.Net;
using System.Text.Json;
using IoFog.Operator.Changes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Reconciling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IoFog.Operator.Hosting;

/// <summary>
/// A custom handler of the Azure Functions host: each kind that is registered is a queue function of its name. This project is the only
/// one that knows the host.
/// </summary>
public static class FunctionHost
{
    private const string PortSetting = "FUNCTIONS_CUSTOMHANDLER_PORT";
    private const string Binding = "change";

    /// <summary>Every answer has a body: an empty one would leave the invocation running until its time-out.</summary>
    private static readonly byte[] Answer = "{\"Outputs\":{},\"Logs\":[]}"u8.ToArray();

    /// <exception cref="InvalidOperationException">A setting is missing or wrong; the message names it.</exception>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        // The host's image names its own folder as the content root of everybody, and what its settings say of logs is not for us.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        var port = PortOf(builder.Configuration);
        builder.Logging.ClearProviders().AddJsonConsole(json =>
        {
            json.IncludeScopes = true;
            json.UseUtcTimestamp = true;
        });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddTelemetry(builder.Configuration, "iofog-operator-app", isScraped: false);
        builder.Services.AddSingleton(_ => KubernetesConnection.Open(builder.Configuration["KUBECONFIG"] is { Length: > 0 } path ? path : null));
        return builder;
    }

    /// <summary>Serves every registered kind as the queue function of its name.</summary>
    public static void MapFunctions(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        foreach (var loop in app.Services.GetServices<ReconcileLoop>())
            app.MapPost($"/{loop.Kind.Name}", (RequestDelegate)(context => InvokeAsync(context, loop)));
        app.MapGet("/", (RequestDelegate)(static context => WriteAsync(context, StatusCodes.Status200OK)));
    }

    private static async Task InvokeAsync(HttpContext context, ReconcileLoop loop)
    {
        var logger = context.RequestServices.GetRequiredService<ILogger<ReconcileLoop>>();
        try
        {
            // Read to the end before anything is answered: the host sends it in chunks.
            using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            await loop.HandleAsync(QueueMessage.Read(body, Binding), context.RequestAborted);
            await WriteAsync(context, StatusCodes.Status200OK);
        }
        catch (Exception e) when (e is MalformedChangeException or JsonException)
        {
            Log.MessageRefused(logger, loop.Kind.Queue, e.Message);
            await WriteAsync(context, StatusCodes.Status500InternalServerError);
        }
    }

    private static Task WriteAsync(HttpContext context, int code)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Answer.Length;
        return context.Response.Body.WriteAsync(Answer, context.RequestAborted).AsTask();
    }

    private static int PortOf(ConfigurationManager settings) => settings[PortSetting] switch
    {
        null or "" => throw new InvalidOperationException(
            $"{PortSetting}: missing. This is a custom handler; the Azure Functions host starts it: run 'func start' in this folder"),
        var text when int.TryParse(text, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535 => port,
        var text => throw new InvalidOperationException($"{PortSetting}: '{text}' is not a port"),
    };
}
