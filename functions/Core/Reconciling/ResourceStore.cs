using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Reconciling;

/// <summary>Reads and writes the objects of one kind. Every write carries the resourceVersion that it follows.</summary>
internal sealed class ResourceStore<TSpec, TStatus>(KubernetesApi api, Kind kind, JsonTypeInfo<Resource<TSpec, TStatus>> type)
    where TSpec : class
    where TStatus : Status, new()
{
    public Kind Kind => kind;

    /// <summary>Reads an object from the API server itself, not from a cache.</summary>
    /// <returns>Null when it is not there.</returns>
    public async Task<Held<TSpec, TStatus>?> FindAsync(ResourceKey key, CancellationToken cancellationToken) =>
        await api.FindAsync(kind.PathOf(key), cancellationToken) is { } json ? ReadOrRefuse(json) : null;

    /// <summary>Sets or takes away our finalizer, and no one else's.</summary>
    /// <returns>The object after it; of the last finalizer of a deletion, the object as it was.</returns>
    public async Task<Held<TSpec, TStatus>> SetFinalizerAsync(Held<TSpec, TStatus> held, bool present, CancellationToken cancellationToken)
    {
        var path = kind.PathOf(held.Resource.Key);
        if (!present)
            return Read(await api.MergePatchAsync(path, Utf8(FinalizerPatch.Without(held.Resource.Metadata.Finalizers ?? [], held.Resource.Metadata.ResourceVersion)), cancellationToken));
        var metadata = new JsonObject
        {
            ["name"] = held.Resource.Metadata.Name,
            ["namespace"] = held.Resource.Metadata.Namespace,
            ["uid"] = held.Resource.Metadata.Uid,
            ["resourceVersion"] = held.Resource.Metadata.ResourceVersion,
            ["finalizers"] = new JsonArray(Names.Finalizer),
        };
        var body = new JsonObject { ["apiVersion"] = Kind.ApiVersion, ["kind"] = kind.Name, ["metadata"] = metadata };
        return Read(await api.ApplyAsync(path, Utf8(body), Names.FinalizerManager, cancellationToken));
    }

    /// <summary>Writes a status, as a merge patch of what differs.</summary>
    public async Task<Held<TSpec, TStatus>> WriteStatusAsync(
        Held<TSpec, TStatus> held, TStatus status, CancellationToken cancellationToken)
    {
        var after = JsonSerializer.SerializeToNode(held.Resource with { Status = status }, type)!["status"]!.AsObject();
        return await PatchStatusAsync(held, MergePatch.Between(held.RawStatus, after), cancellationToken);
    }

    /// <summary>Writes the least that stops an object from being due, for a status that the API server rejects.</summary>
    public Task<Held<TSpec, TStatus>> WriteMinimalStatusAsync(
        Held<TSpec, TStatus> held, Status status, Condition ready, CancellationToken cancellationToken) =>
        PatchStatusAsync(
            held,
            new JsonObject
            {
                ["turn"] = status.Turn,
                ["observedGeneration"] = status.ObservedGeneration,
                ["claim"] = null,
                ["requests"] = new JsonObject((status.Requests ?? new Dictionary<string, string>()).Select(
                    request => KeyValuePair.Create(request.Key, (JsonNode?)JsonValue.Create(request.Value)))),
                ["nextReconcileTime"] = status.NextReconcileTime?.UtcDateTime.ToString("O"),
                ["attempts"] = status.Attempts,
                ["seen"] = status.Seen is { } seen ? JsonSerializer.SerializeToNode(seen, CoreJson.Default.Seen) : null,
                ["waitingFor"] = status.WaitingFor,
                ["paused"] = status.Paused,
                ["deferred"] = status.Deferred is { } deferred ? new JsonArray([.. deferred.Select(static name => (JsonNode?)name)]) : null,
                ["conditions"] = new JsonArray(JsonSerializer.SerializeToNode(ready, CoreJson.Default.Condition)),
            },
            cancellationToken);

    /// <summary>Says of an object that can't be read why nothing is done for it; one that is being deleted is let go.</summary>
    public async Task RefuseAsync(UnreadableException unreadable, Seen seen, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var watched = unreadable.Watched;
        if (watched.Deleting)
        {
            await api.MergePatchAsync(kind.PathOf(watched.Key), Utf8(FinalizerPatch.Without(unreadable.Finalizers, unreadable.ResourceVersion)), cancellationToken);
            return;
        }

        Condition Make(string type, string status) => new()
        {
            Type = type,
            Status = status,
            Reason = Reasons.Unreadable,
            Message = unreadable.Message,
            ObservedGeneration = watched.Generation,
            LastTransitionTime = now,
        };
        var conditions = new[] { Make(Names.Synced, "False"), Make(Names.Ready, "False"), Make(Names.Stalled, "True") };
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = unreadable.ResourceVersion },
            ["status"] = new JsonObject
            {
                ["turn"] = watched.Turn + 1,
                ["observedGeneration"] = watched.Generation,
                ["seen"] = JsonSerializer.SerializeToNode(seen.Over(watched.Seen), CoreJson.Default.Seen),
                ["claim"] = null,
                ["requests"] = new JsonObject(unreadable.Requests.Select(request => KeyValuePair.Create(request.Key, (JsonNode?)request.Value))),
                ["paused"] = watched.Paused ? true : null,
                ["nextReconcileTime"] = null,
                ["attempts"] = null,
                ["waitingFor"] = null,
                ["conditions"] = new JsonArray([.. conditions.Select(condition => JsonSerializer.SerializeToNode(condition, CoreJson.Default.Condition))]),
            },
        };
        await api.MergePatchAsync($"{kind.PathOf(watched.Key)}/status", Utf8(patch), cancellationToken);
    }

    /// <summary>The name of the object of this kind whose uid has this hash, for people; null when it has gone.</summary>
    public async Task<string?> FindNameAsync(string @namespace, ulong uidHash, CancellationToken cancellationToken)
    {
        if (await api.FindAsync(kind.PathOf(@namespace), cancellationToken) is not { } json)
            return null;
        using var list = JsonDocument.Parse(json);
        foreach (var item in list.RootElement.GetProperty("items").EnumerateArray())
        {
            var metadata = item.GetProperty("metadata");
            if (Seen.Hash(metadata.GetProperty("uid").GetString()!) == uidHash)
                return metadata.GetProperty("name").GetString();
        }

        return null;
    }

    private async Task<Held<TSpec, TStatus>> PatchStatusAsync(
        Held<TSpec, TStatus> held, JsonObject status, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = held.Resource.Metadata.ResourceVersion },
            ["status"] = status,
        };
        return Read(await api.MergePatchAsync($"{kind.PathOf(held.Resource.Key)}/status", Utf8(patch), cancellationToken));
    }

    private Held<TSpec, TStatus> ReadOrRefuse(byte[] json)
    {
        try
        {
            return Read(json);
        }
        catch (JsonException e)
        {
            throw new UnreadableException(new WatchedReader(kind).Read(json), JsonText.VersionOf(json) ?? "", RequestsIn(json), FinalizersIn(json), e.Path ?? "$");
        }
    }

    private static Dictionary<string, string> RequestsIn(byte[] json)
    {
        using var document = JsonDocument.Parse(json, new() { MaxDepth = JsonText.Reading.MaxDepth });
        return document.RootElement.GetProperty("metadata").TryGetProperty("annotations", out var annotations) && annotations.ValueKind == JsonValueKind.Object
            ? annotations.EnumerateObject().Where(annotation => annotation.Name.StartsWith(Names.RequestPrefix, StringComparison.Ordinal))
                .ToDictionary(annotation => annotation.Name[Names.RequestPrefix.Length..], annotation => annotation.Value.ToString())
            : [];
    }

    private static string[] FinalizersIn(byte[] json)
    {
        using var document = JsonDocument.Parse(json, new() { MaxDepth = JsonText.Reading.MaxDepth });
        return document.RootElement.GetProperty("metadata").TryGetProperty("finalizers", out var finalizers) && finalizers.ValueKind == JsonValueKind.Array
            ? [.. finalizers.EnumerateArray().Select(finalizer => finalizer.ToString())]
            : [];
    }

    private Held<TSpec, TStatus> Read(byte[] json)
    {
        var resource = JsonSerializer.Deserialize(json, type) ?? throw new JsonException("the API server answered null for an object");
        var rawStatus = JsonNode.Parse(json)!["status"]?.AsObject() ?? [];
        return new(resource, new WatchedReader(kind).Read(json), rawStatus);
    }

    private static byte[] Utf8(JsonObject body)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
            body.WriteTo(writer);
        return buffer.ToArray();
    }
}
