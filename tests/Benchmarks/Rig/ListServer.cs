using System.Net;
using System.Text;
using IoFog.Operator.Local.Cluster;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IoFog.Operator.Benchmarks.Rig;

/// <summary>An API server that holds one long list of Agents as bytes, so that its own work does not count. Watches stay open and silent.</summary>
internal sealed class ListServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ClusterIdentity identity = ClusterIdentity.Create(TimeProvider.System);
    private readonly byte[][] agents;

    private ListServer(int count, bool settled)
    {
        agents = [.. Enumerable.Range(0, count).Select(i => Agent(i, settled))];
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(identity.Server);
        }));
        app = builder.Build();
        app.Run(AnswerAsync);
        KubeconfigPath = Path.Combine(Directory.CreateTempSubdirectory("iofog-bench-").FullName, "kubeconfig");
    }

    public string KubeconfigPath { get; }

    /// <param name="count">How many agents, of 3 KB each.</param>
    /// <param name="settled">True when none of them is due.</param>
    public static async Task<ListServer> StartAsync(int count, bool settled, CancellationToken cancellationToken)
    {
        var server = new ListServer(count, settled);
        await server.app.StartAsync(cancellationToken);
        var address = server.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var authority = Convert.ToBase64String(Encoding.UTF8.GetBytes(server.identity.Authority.ExportCertificatePem()));
        await File.WriteAllTextAsync(server.KubeconfigPath, $"""
            apiVersion: v1
            kind: Config
            clusters: [{"{"}name: bench, cluster: {"{"}server: "{address}", certificate-authority-data: {authority}{"}}"}]
            users: [{"{"}name: bench, user: {"{"}token: bench{"}}"}]
            contexts: [{"{"}name: bench, context: {"{"}cluster: bench, user: bench{"}}"}]
            current-context: bench
            """, cancellationToken);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using var at = new CancellationTokenSource();
        await at.CancelAsync();
        try
        {
            await app.StopAsync(at.Token);
        }
        catch (OperationCanceledException)
        {
            // no grace: what is open is dropped
        }

        await app.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(KubeconfigPath)!, recursive: true);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (query.ContainsKey("watch"))
        {
            await context.Response.Body.FlushAsync(context.RequestAborted); // a watch is open when its head is there
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        var isAgents = context.Request.Path.Value!.EndsWith("/agents", StringComparison.Ordinal);
        if (!context.Request.Path.Value.Contains("/namespaces/default/", StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var limit = int.TryParse(query["limit"], out var asked) ? asked : int.MaxValue;
        var from = int.TryParse(query["continue"], out var start) ? start : 0;
        var page = isAgents ? agents.Skip(from).Take(limit).ToArray() : [];
        var more = isAgents && from + page.Length < agents.Length ? $"{from + page.Length}" : "";
        context.Response.ContentType = "application/json";
        var body = context.Response.BodyWriter;
        await body.WriteAsync(Encoding.UTF8.GetBytes($$$"""{"kind":"List","apiVersion":"iofog.org/v3","metadata":{"resourceVersion":"1000000","continue":"{{{more}}}"},"items":["""));
        for (var i = 0; i < page.Length; i++)
        {
            if (i > 0)
                await body.WriteAsync(","u8.ToArray());
            await body.WriteAsync(page[i]);
        }

        await body.WriteAsync("]}"u8.ToArray());
    }

    private static byte[] Agent(int i, bool settled)
    {
        // There is no control plane here, and what is settled has been told so.
        var status = settled
            ? $$"""{"observedGeneration":3,"turn":7,"seen":{"controller":"{{Seen.NoControlPlane:x16}}"},"conditions":[{"type":"Synced","status":"True","reason":"Synced","message":"","observedGeneration":3,"lastTransitionTime":"2026-11-22T10:00:00Z"},{"type":"Ready","status":"True","reason":"AgentRunning","message":"Version 3.0.1 at 10.0.0.1","observedGeneration":3,"lastTransitionTime":"2026-11-22T10:00:00Z"}]}"""
            : "{}";
        var padding = new string('x', 1900);
        return Encoding.UTF8.GetBytes($$$"""
            {"apiVersion":"iofog.org/v3","kind":"Agent","metadata":{"name":"agent-{{{i:D6}}}","namespace":"default","uid":"{{{new Guid(i, 7, 7, 1, 2, 3, 4, 5, 6, 7, 8)}}}","resourceVersion":"{{{i + 1}}}","generation":3,"creationTimestamp":"2026-11-22T10:00:00Z","finalizers":["iofog.org/operator"],"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{{{padding}}}"}},"spec":{"host":"10.0.0.{{{i % 250}}}","description":"an agent","config":{"memoryLimit":2048,"diskLimit":50},"upstreamRouters":[]},"status":{{{status}}}}
            """);
    }
}
