using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace IoFog.Operator.Local.Controller;

/// <summary>
/// The REST API of the ioFog Controller 3.0, with simulated agents, for development and tests. It answers as the real one was seen to
/// answer, odd codes included; the README beside this file says what it covers.
/// </summary>
public sealed class ControllerEmulator : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly CancellationTokenSource stopping;
    private readonly Task agents;

    private ControllerEmulator(WebApplication app, ControllerState state, ConcurrentQueue<JournalEntry> journal, Task agents, CancellationTokenSource stopping)
    {
        (this.app, State, this.agents, this.stopping, Journal) = (app, state, agents, stopping, journal);
        Endpoint = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public Uri Endpoint { get; }

    public ControllerState State { get; }

    /// <summary>Runs once a request, as <c>POST application</c>, was carried out and before its answer is complete: what others do at the same moment.</summary>
    public Action<string, ControllerState>? Answering { get; set; }

    /// <summary>Every request, oldest first.</summary>
    public IReadOnlyCollection<JournalEntry> Journal { get; }

    /// <param name="options">How it is to be.</param>
    /// <param name="state">What it holds from the start; empty when null.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<ControllerEmulator> StartAsync(ControllerOptions options, ControllerState? state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        state ??= new(options.Time);
        var stopping = new CancellationTokenSource();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(5);
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
            kestrel.Listen(IPAddress.Loopback, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        var journal = new ConcurrentQueue<JournalEntry>();
        var users = new Users(state, options);
        var devices = new AgentApi(state, options);
        Endpoint[] endpoints = [.. users.Endpoints, .. new Agents(state).Endpoints, .. devices.Endpoints, .. ApplicationEndpoints(state), .. new EdgeResources(state).Endpoints];
        var router = new Router(state, users, devices, endpoints);
        ControllerEmulator? emulator = null;
        app.Run(async context =>
        {
            var began = options.Time.GetUtcNow();
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var name = NameIn(body.ToArray());
            body.Position = 0;
            context.Request.Body = body;
            try
            {
                await router.HandleAsync(context);
                emulator?.Answering?.Invoke($"{context.Request.Method} {context.Request.Path.Value!["/api/v3/".Length..]}", state);
            }
            finally
            {
                // Also of those who did not wait for the answer.
                journal.Enqueue(new(options.Time.GetUtcNow(), context.Request.Method, context.Request.Path.Value!, context.Response.StatusCode)
                {
                    Began = began,
                    Caller = context.Request.Headers.UserAgent.ToString(),
                    Name = name,
                });
            }
        });
        await app.StartAsync(cancellationToken);
        var agents = Task.WhenAll(
            new SilentAgents(state, options).RunAsync(stopping.Token),
            options.SimulateAgents ? new SimulatedAgents(state, options).RunAsync(stopping.Token) : Task.CompletedTask);
        return emulator = new(app, state, journal, agents, stopping);
    }

    private static IEnumerable<Endpoint> ApplicationEndpoints(ControllerState state)
    {
        if (state.Registries.Count == 0)
            Catalog.Seed(state);
        var (routes, templates) = (new Routes(state), new Templates(state));
        var microservices = new Microservices(state, routes);
        return [.. new Applications(state, microservices, routes, templates).Endpoints, .. microservices.Endpoints, .. routes.Endpoints, .. templates.Endpoints, .. new Catalog(state).Endpoints];
    }

    private static string? NameIn(byte[] body)
    {
        try
        {
            return body.Length > 0 && JsonNode.Parse(body) is JsonObject said ? (said["name"] ?? said["url"])?.ToString() : null;
        }
        catch (JsonException)
        {
            return null; // whatever it is, the router answers it
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        using var at = new CancellationTokenSource();
        await at.CancelAsync();
        try
        {
            await app.StopAsync(at.Token);
        }
        catch (OperationCanceledException)
        {
        }

        await app.DisposeAsync();
        await agents;
        stopping.Dispose();
    }
}

/// <summary>One request that was answered.</summary>
public sealed record JournalEntry(DateTimeOffset Time, string Method, string Path, int Status)
{
    /// <summary>When the request came; <see cref="Time"/> is when it was answered.</summary>
    public DateTimeOffset Began { get; init; }

    /// <summary>Who it was, by its User-Agent.</summary>
    public string Caller { get; init; } = "";

    /// <summary>What the body is about: its member <c>name</c>, of a registry <c>url</c>; null when it says neither.</summary>
    public string? Name { get; init; }
}

/// <summary>One call of the API.</summary>
/// <param name="Method">GET, POST, …</param>
/// <param name="Pattern">Below /api/v3, with <c>*</c> for a segment that is a parameter.</param>
/// <param name="Success">The code of an answer that is no error.</param>
/// <param name="Answer">Runs with the state locked; the answer's body, or null for an empty one.</param>
internal sealed record Endpoint(string Method, string Pattern, int Success, Func<Call, JsonNode?> Answer)
{
    /// <summary>Needs no token.</summary>
    public bool IsPublic { get; init; }

    /// <summary>Needs the token of a device, not of a user.</summary>
    public bool IsForDevices { get; init; }

    /// <summary>The body and all strings in it are templates.</summary>
    public bool IsRendered { get; init; } = true;

    /// <summary>The file from which the body is made; null where the request brings the body itself.</summary>
    public YamlUpload? Upload { get; init; }
}

/// <summary>One request, read.</summary>
internal sealed record Call(IReadOnlyList<string> Parameters, JsonObject Body, IQueryCollection Query, ControllerState.User? User, JsonObject? Agent)
{
    public string this[int index] => Parameters[index];
}
