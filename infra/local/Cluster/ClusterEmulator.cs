using System.Net;
using System.Text;
using IoFog.Operator.Local.Cluster.Controllers;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace IoFog.Operator.Local.Cluster;

/// <summary>
/// A Kubernetes API server for development and tests: in memory, honest about its edge, never for production.
/// The README beside this file says what it serves.
/// </summary>
public sealed class ClusterEmulator : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task controllers;
    private readonly ClusterState state;

    private ClusterEmulator(WebApplication app, ClusterIdentity identity, ClusterState state, Task controllers, CancellationTokenSource stopping)
    {
        (this.app, Identity, this.state, this.controllers, this.stopping) = (app, identity, state, controllers, stopping);
        Endpoint = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public Uri Endpoint { get; }

    public ClusterIdentity Identity { get; }

    /// <summary>Everything it holds; hand it to the next start to survive a restart.</summary>
    public ClusterState State => state;

    /// <summary>A kubeconfig for the administrator.</summary>
    public string Kubeconfig => $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: iofog-local
          cluster:
            server: {Endpoint.ToString().TrimEnd('/')}
            certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(Identity.Authority.ExportCertificatePem()))}
        users:
        - name: admin
          user:
            token: {Identity.AdminToken}
        contexts:
        - name: iofog-local
          context:
            cluster: iofog-local
            user: admin
            namespace: default
        current-context: iofog-local
        """;

    /// <summary>Starts it.</summary>
    /// <param name="options">How it is to be.</param>
    /// <param name="state">What it holds from the start; empty when null.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<ClusterEmulator> StartAsync(ClusterOptions options, ClusterState? state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var identity = options.Identity ?? ClusterIdentity.Create(options.Time);
        state ??= new(options.History, options.Time);
        var stopping = new CancellationTokenSource();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 3 * 1024 * 1024;
            kestrel.Listen(IPAddress.Loopback, options.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(identity.Server);
            });
        });
        var app = builder.Build();
        var server = new ApiServer(state, new(state, options.Audit), identity.AdminToken, options, stopping.Token);
        app.Run(server.HandleAsync);
        await app.StartAsync(cancellationToken);
        var controllers = ControllerLoop.RunAsync(state, identity.Authority.ExportCertificatePem(), options.RunControllers, options.Time, stopping.Token);
        return new(app, identity, state, controllers, stopping);
    }

    /// <summary>Stops it and drops every connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        using var at = new CancellationTokenSource();
        await at.CancelAsync(); // no grace: what is open is dropped
        try
        {
            await app.StopAsync(at.Token);
        }
        catch (OperationCanceledException)
        {
        }

        await app.DisposeAsync();
        await controllers;
        stopping.Dispose();
    }
}
