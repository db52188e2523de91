using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure;
using IoFog.Operator.Changes;
using IoFog.Operator.Controller;
using IoFog.Operator.Insight;
using IoFog.Operator.Kubernetes;
using Microsoft.AspNetCore.Http;

namespace IoFog.Operator.Admin;

/// <summary>Reads what is shown.</summary>
internal sealed class Views(KubernetesApi api, Snapshot snapshot, ControllerConnection controller, AdminOptions options, TimeProvider time)
{
    private const string Watcher = "iofog-operator-watcher";
    private const string OurDeployments = "app.kubernetes.io/name=iofog-operator";
    private const int MostEvents = 50;
    private static readonly TimeSpan LeaseLasts = TimeSpan.FromSeconds(20);

    /// <param name="caller">Who looks.</param>
    /// <param name="seen">The kinds that they may list.</param>
    /// <param name="acted">Those that they may update.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<Overview> OverviewAsync(Caller caller, IReadOnlyCollection<Kind> seen, IReadOnlyCollection<Kind> acted, CancellationToken cancellationToken)
    {
        var network = (await snapshot.ReadAsync(cancellationToken)).Only(seen);
        var queues = await Task.WhenAll(Kinds.All.Select(kind => seen.Contains(kind) ? QueueAsync(kind, cancellationToken) : Task.FromResult<QueueOverview?>(null)));
        return new()
        {
            Namespace = options.Namespace,
            User = caller.Name,
            Kinds = Kinds.All.Select((kind, i) => (kind, view: seen.Contains(kind)
                    ? new KindOverview { Plural = kind.Plural, MayUpdate = acted.Contains(kind), Objects = Counts(network.Count(kind)), Queue = queues[i] }
                    : new KindOverview { Plural = kind.Plural, Forbidden = true }))
                .ToDictionary(pair => pair.kind.Name, pair => pair.view),
            Controller = network.ControlPlane is { } item
                ? new(item.Name, item.State, Text(item.Status["endpoint"]), Text(item.Status["controllerVersion"]), item.Summary.Reason, item.Summary.Message)
                : null,
            Watcher = await WatcherAsync(cancellationToken),
            Apps = await AppsAsync(cancellationToken),
        };
    }

    public async Task<ObjectView> ObjectAsync(Kind kind, string name, bool mayUpdate, CancellationToken cancellationToken)
    {
        var item = await ReadAsync(kind, name, cancellationToken);
        var events = await ListAsync(
            $"api/v1/namespaces/{options.Namespace}/events?fieldSelector=involvedObject.uid%3D{Uri.EscapeDataString(Text(item.Metadata["uid"]) ?? "")}", cancellationToken);
        return new()
        {
            Summary = item.Summary,
            MayUpdate = mayUpdate,
            Events = [.. events.Select(Event).OrderByDescending(read => read.Time, StringComparer.Ordinal).Take(MostEvents)],
            Changes = [.. (item.Metadata["managedFields"] as JsonArray ?? []).OfType<JsonObject>()
                .Select(fields => new ChangeView(Text(fields["manager"]) ?? "", Text(fields["operation"]) ?? "", Text(fields["subresource"]), Text(fields["time"])))
                .OrderByDescending(change => change.Time, StringComparer.Ordinal)],
            Object = Redaction.Of(item.Content),
        };
    }

    public async Task<ComparisonView> CompareAsync(Kind kind, string name, CancellationToken cancellationToken)
    {
        var item = await ReadAsync(kind, name, cancellationToken);
        if (kind == Kinds.ControlPlane)
            return await ComparePartsAsync(item, cancellationToken);
        try
        {
            var entry = await ObservedEntry.FindAsync(await controller.OpenAsync(options.Namespace, cancellationToken), item, cancellationToken);
            var agents = (await snapshot.ReadAsync(cancellationToken)).Objects.Where(other => other.Kind == Kinds.Agent && Text(other.Status["uuid"]) is not null)
                .GroupBy(agent => Text(agent.Status["uuid"])!).ToDictionary(group => group.Key, group => group.First().EntryName);
            return new(entry is not null, null, Comparison.Of(item, entry, uuid => agents.GetValueOrDefault(uuid, uuid)));
        }
        catch (Exception e) when (e is ControllerUnavailableException or ControllerException)
        {
            return new(null, e.Message, Comparison.Of(item, null, uuid => uuid));
        }
        catch (KubernetesException e) when (e.Code == HttpStatusCode.Forbidden)
        {
            return new(null, $"The admin functions may not read the Secret {ControllerConnection.CredentialsSecret}", Comparison.Of(item, null, uuid => uuid));
        }
    }

    private async Task<ComparisonView> ComparePartsAsync(NetworkObject item, CancellationToken cancellationToken)
    {
        JsonObject? parts = null;
        string? why = null;
        try
        {
            parts = await ControlPlaneParts.ReadAsync(api, options.Namespace, cancellationToken);
            await ControlPlaneParts.AddAsync(parts, await controller.OpenAsync(options.Namespace, cancellationToken), cancellationToken);
        }
        catch (Exception e) when (e is ControllerUnavailableException or ControllerException)
        {
            why = e.Message;
        }
        catch (KubernetesException e) when (e.Code == HttpStatusCode.Forbidden)
        {
            why = $"The admin functions may not read everything that is compared: {e.Message}";
        }

        return new(parts is null ? null : parts["deployments"]?["controller"] is not null, why, Comparison.Of(item, parts, uuid => uuid));
    }

    public async Task<IReadOnlyList<PoisonMessage>> PoisonAsync(IEnumerable<Kind> kinds, CancellationToken cancellationToken) =>
        [.. (await Task.WhenAll(kinds.Select(kind => PoisonOf(kind).ListAsync(cancellationToken)))).SelectMany(messages => messages)];

    /// <summary>True when cluster and storage answer.</summary>
    public async Task<(bool Cluster, bool Storage)> AnswersAsync(CancellationToken cancellationToken)
    {
        return (await TryAsync(() => api.FindAsync($"{Kinds.ControlPlane.PathOf(options.Namespace)}?limit=1", cancellationToken)),
            await TryAsync(() => PoisonOf(Kinds.ControlPlane).CountAsync(cancellationToken)));

        static async Task<bool> TryAsync<T>(Func<Task<T>> ask)
        {
            try
            {
                await ask();
                return true;
            }
            catch (Exception e) when (e is KubernetesException or HttpRequestException or RequestFailedException or AggregateException or Problem)
            {
                return false;
            }
        }
    }

    public async Task<IReadOnlyList<JsonObject>> EventsAsync(CancellationToken cancellationToken) =>
        [.. await ListAsync($"api/v1/namespaces/{options.Namespace}/events?limit=500", cancellationToken)];

    public PoisonQueue PoisonOf(Kind kind) => new(Storage, kind, options.Namespace);

    public bool HasStorage => options.Storage.Length > 0;

    /// <exception cref="Problem">503 where the setting is missing.</exception>
    public string Storage => HasStorage
        ? options.Storage
        : throw new Problem(StatusCodes.Status503ServiceUnavailable, "AzureWebJobsStorage: missing; the queues can't be looked at");

    private async Task<NetworkObject> ReadAsync(Kind kind, string name, CancellationToken cancellationToken) =>
        NetworkObject.Read(kind, await api.FindAsync(kind.PathOf(new ResourceKey(options.Namespace, name)), KubernetesJson.Default.JsonObject, cancellationToken)
            ?? throw new Problem(StatusCodes.Status404NotFound, $"There is no {kind} {name}"));

    private async Task<QueueOverview?> QueueAsync(Kind kind, CancellationToken cancellationToken)
    {
        if (!HasStorage)
            return null;
        var queue = ChangeQueue.Open(Storage, kind);
        try
        {
            var (depth, oldest, poison) = (queue.CountAsync(cancellationToken), queue.PeekOldestAsync(cancellationToken), PoisonOf(kind).CountAsync(cancellationToken));
            return new(await depth, await oldest, await poison);
        }
        catch (RequestFailedException e) when (e.Status == StatusCodes.Status404NotFound)
        {
            return new(0, null, 0);
        }
    }

    private async Task<WatcherOverview?> WatcherAsync(CancellationToken cancellationToken)
    {
        try
        {
            var lease = await api.FindAsync($"apis/coordination.k8s.io/v1/namespaces/{options.Namespace}/leases/{Watcher}", KubernetesJson.Default.JsonObject, cancellationToken);
            var alive = DateTimeOffset.TryParse(Text(lease?["spec"]?["renewTime"]), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var renewed)
                && time.GetUtcNow() - renewed < LeaseLasts;
            return Text(lease?["spec"]?["holderIdentity"]) is { Length: > 0 } holder ? new(holder, alive) : null;
        }
        catch (KubernetesException e) when (e.Code == HttpStatusCode.Forbidden)
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<AppOverview>?> AppsAsync(CancellationToken cancellationToken)
    {
        try
        {
            var list = await ListAsync($"apis/apps/v1/namespaces/{options.Namespace}/deployments?labelSelector={Uri.EscapeDataString(OurDeployments)}", cancellationToken);
            return [.. list.Select(item => new AppOverview(
                Text(item["metadata"]?["name"]) ?? "", item["spec"]?["replicas"]?.GetValue<int>() ?? 1, item["status"]?["readyReplicas"]?.GetValue<int>() ?? 0))];
        }
        catch (KubernetesException e) when (e.Code == HttpStatusCode.Forbidden)
        {
            return null;
        }
    }

    private async Task<IEnumerable<JsonObject>> ListAsync(string path, CancellationToken cancellationToken) =>
        ((await api.FindAsync(path, KubernetesJson.Default.JsonObject, cancellationToken))?["items"] as JsonArray ?? []).OfType<JsonObject>();

    private static EventView Event(JsonObject content) => new(
        Text(content["type"]) ?? "Normal",
        Text(content["reason"]) ?? "",
        Redaction.Mask(Text(content["message"])) ?? "",
        content["series"]?["count"]?.GetValue<int>() ?? content["count"]?.GetValue<int>() ?? 1,
        Text(content["series"]?["lastObservedTime"]) ?? Text(content["lastTimestamp"]) ?? Text(content["eventTime"]),
        Text(content["reportingComponent"]) ?? Text(content["source"]?["component"]));

    private static Dictionary<string, int> Counts(IReadOnlyDictionary<ObjectState, int> counted) =>
        Enum.GetValues<ObjectState>().Where(state => state is not (ObjectState.Missing or ObjectState.Unknown))
            .ToDictionary(state => JsonNamingPolicy.CamelCase.ConvertName(state.ToString()), state => counted.GetValueOrDefault(state));

    private static string? Text(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;
}
