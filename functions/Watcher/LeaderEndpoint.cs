using System.Net.Sockets;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Watcher.Scaling;

namespace IoFog.Operator.Watcher;

/// <summary>
/// Leads a Service without a selector to the leader, by an EndpointSlice of the Service's name. So a standby is Ready without being asked:
/// rollouts end, disruption budgets count it, and a leader whose node is lost is replaced as fast as its lease.
/// </summary>
internal sealed class LeaderEndpoint(KubernetesApi api, WatcherOptions options, Backlog backlog, TimeProvider time, ILogger<LeaderEndpoint> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    /// <summary>A server that hangs must not keep a standby from its lease.</summary>
    private static readonly TimeSpan WithdrawLimit = TimeSpan.FromSeconds(2);

    /// <summary>True once the Service leads here, and where there is none to lead.</summary>
    public bool IsPublished { get; private set; } = options.Published is null;

    /// <summary>Leads the Service here as soon as questions can be answered, and keeps it so.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (options.Published is not { } published)
            return;
        await backlog.Known.WaitAsync(cancellationToken);
        while (true)
        {
            try
            {
                if (await AddressAsync(published, cancellationToken) != published.Address.ToString())
                    await LeadAsync(published, published.Address.ToString(), cancellationToken);
                IsPublished = true;
            }
            catch (Exception e) when (e is HttpRequestException or KubernetesException)
            {
                Log.EndpointNotWritten(logger, published.Service, e);
            }

            await Task.Delay(IsPublished ? Interval : Retry, time, cancellationToken);
        }
    }

    /// <summary>Leads the Service nowhere: who asks is refused at once instead of waiting for a pod that is gone.</summary>
    public async Task WithdrawAsync(CancellationToken cancellationToken)
    {
        if (options.Published is not { } published || !IsPublished)
            return;
        using var tooLong = new CancellationTokenSource(WithdrawLimit, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tooLong.Token);
        try
        {
            if (await AddressAsync(published, limit.Token) == published.Address.ToString()) // else somebody leads already
                await LeadAsync(published, null, limit.Token);
        }
        catch (Exception e) when (e is HttpRequestException or KubernetesException or OperationCanceledException)
        {
            Log.EndpointNotWritten(logger, published.Service, e); // the next leader writes it
        }
    }

    private string PathOf(Published published) => $"apis/discovery.k8s.io/v1/namespaces/{options.Namespace}/endpointslices/{published.Service}";

    /// <returns>Where the Service leads now; null for nowhere, or to several.</returns>
    private async Task<string?> AddressAsync(Published published, CancellationToken cancellationToken)
    {
        var slice = await api.FindAsync(PathOf(published), KubernetesJson.Default.JsonObject, cancellationToken);
        return slice?["endpoints"] is JsonArray { Count: 1 } endpoints ? endpoints[0]!["addresses"]?[0]?.GetValue<string>() : null;
    }

    private async Task LeadAsync(Published published, string? address, CancellationToken cancellationToken)
    {
        var service = await api.GetAsync($"api/v1/namespaces/{options.Namespace}/services/{published.Service}", KubernetesJson.Default.JsonObject, cancellationToken);
        await api.ApplyAsync(PathOf(published), Slice(published, address, service["metadata"]!["uid"]!.GetValue<string>()), KubernetesJson.Default.JsonObject, Names.FieldManager, cancellationToken);
        Log.EndpointWritten(logger, published.Service, address ?? "nobody");
    }

    /// <summary>It goes with its Service.</summary>
    private JsonObject Slice(Published published, string? address, string service) => new()
    {
        ["apiVersion"] = "discovery.k8s.io/v1",
        ["kind"] = "EndpointSlice",
        ["metadata"] = new JsonObject
        {
            ["name"] = published.Service,
            ["namespace"] = options.Namespace,
            ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = published.Service, ["endpointslice.kubernetes.io/managed-by"] = Names.ManagedBy },
            ["ownerReferences"] = new JsonArray(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Service", ["name"] = published.Service, ["uid"] = service }),
        },
        ["addressType"] = published.Address.AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4",
        ["endpoints"] = address is null ? [] : new JsonArray(new JsonObject
        {
            ["addresses"] = new JsonArray(address),
            ["conditions"] = new JsonObject { ["ready"] = true, ["serving"] = true, ["terminating"] = false },
        }),
        ["ports"] = new JsonArray(
            new JsonObject { ["name"] = "http", ["port"] = published.HealthPort, ["protocol"] = "TCP" },
            new JsonObject { ["name"] = "scaler", ["port"] = published.ScalerPort, ["protocol"] = "TCP" }),
    };
}
