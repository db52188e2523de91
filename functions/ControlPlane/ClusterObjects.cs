using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.ControlPlanes;

/// <summary>Reads and writes the Kubernetes objects of a control plane.</summary>
internal sealed class ClusterObjects(KubernetesApi api)
{
    /// <summary>How often a hand-over meets another write before the turn ends.</summary>
    private const int MostTries = 5;

    /// <summary>The Services of the port manager's proxies.</summary>
    private static readonly string[] Proxies = ["http-proxy", "tcp-proxy"];

    public async Task<ObservedObjects> ReadAsync(string @namespace, CancellationToken cancellationToken)
    {
        var found = new ConcurrentDictionary<string, JsonObject>(StringComparer.Ordinal);
        var paths = ObjectPaths.All(@namespace).Concat(Proxies.Select(name => ObjectPaths.Service(@namespace, name)));
        await Parallel.ForEachAsync(paths, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken }, async (path, token) =>
        {
            if (await api.FindAsync(path, KubernetesJson.Default.JsonObject, token) is { } content)
                found[path] = content;
        });
        return new(found);
    }

    public async Task<JsonObject?> FindSecretAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        await api.FindAsync(ObjectPaths.Secret(@namespace, name), KubernetesJson.Default.JsonObject, cancellationToken);

    /// <summary>
    /// Whether an apply would change nothing. The API server is asked, by a dry run: it alone knows its defaults, how it writes quantities, and
    /// which fields are ours to take away.
    /// </summary>
    public async Task<bool> IsHeldAsync(OwnedObject wanted, JsonObject observed, CancellationToken cancellationToken)
    {
        if (!Adoption.IsApplied(observed))
            return false;
        var path = $"{wanted.Path}?fieldManager={Names.FieldManager}&force=true&dryRun=All";
        using var request = new HttpRequestMessage(HttpMethod.Patch, path)
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(wanted.Content, KubernetesJson.Default.JsonObject))
            { Headers = { ContentType = new("application/apply-patch+yaml") } },
        };
        using var response = await api.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        if (response.StatusCode == HttpStatusCode.UnprocessableEntity)
            return false; // the write itself says what is wrong
        await KubernetesApi.ThrowUnlessSuccessAsync(response, cancellationToken);
        var result = JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellationToken), KubernetesJson.Default.JsonObject);
        return JsonNode.DeepEquals(Comparable(result!), Comparable(observed));
    }

    /// <summary>Hands over the fields of the Go operator, then makes the object hold what is wanted.</summary>
    /// <returns>The object after it.</returns>
    public async Task<JsonObject> AdoptAsync(OwnedObject wanted, JsonObject observed, CancellationToken cancellationToken)
    {
        for (var (now, tries) = ((JsonObject?)observed, 1); now is not null && Adoption.IsNeeded(now); tries++)
        {
            try
            {
                await api.MergePatchAsync(wanted.Path, HandOver(now), cancellationToken);
                break;
            }
            catch (KubernetesException e) when (e.IsConflict && tries < MostTries)
            {
                // Whoever keeps the object's status writes it at any time.
                now = await api.FindAsync(wanted.Path, KubernetesJson.Default.JsonObject, cancellationToken);
            }
        }

        return await ApplyAsync(wanted, cancellationToken);
    }

    /// <inheritdoc cref="AdoptAsync"/>
    public Task<JsonObject> ApplyAsync(OwnedObject wanted, CancellationToken cancellationToken) =>
        api.ApplyAsync(wanted.Path, wanted.Content, KubernetesJson.Default.JsonObject, Names.FieldManager, cancellationToken);

    public Task DeleteAsync(string path, CancellationToken cancellationToken) => api.DeleteAsync(path, cancellationToken);

    /// <summary>What the spec says of the Services that the port manager has made; they are its own, only their shape is ours.</summary>
    public static IEnumerable<OwnedObject> ProxiesOf(ControlPlaneSpec spec, ObservedObjects observed, string @namespace)
    {
        if (spec.Services?.Proxy is not { } shape)
            yield break;
        foreach (var name in Proxies)
        {
            if (observed.Find(ObjectPaths.Service(@namespace, name)) is { } service)
                yield return ProxyPlan.Of(name, spec, shape, service);
        }
    }

    /// <summary>The earliest other control plane of the namespace, if it was there before this one.</summary>
    public async Task<string?> FindEarlierAsync(Metadata metadata, CancellationToken cancellationToken)
    {
        var list = await api.FindAsync(Kinds.ControlPlane.PathOf(metadata.Namespace!), KubernetesJson.Default.JsonObject, cancellationToken);
        var first = (list?["items"]?.AsArray() ?? [])
            .Select(item => item!["metadata"]!)
            .OrderBy(other => other["creationTimestamp"]?.GetValue<string>(), StringComparer.Ordinal)
            .ThenBy(other => other["uid"]?.GetValue<string>(), StringComparer.Ordinal)
            .FirstOrDefault();
        return first is null || first["uid"]!.GetValue<string>() == metadata.Uid ? null : first["name"]!.GetValue<string>();
    }

    private static byte[] HandOver(JsonObject observed)
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["resourceVersion"] = observed["metadata"]!["resourceVersion"]!.DeepClone(),
                ["managedFields"] = Adoption.ManagersAfter(observed),
            },
        };
        return JsonSerializer.SerializeToUtf8Bytes(patch, KubernetesJson.Default.JsonObject);
    }

    private static JsonObject Comparable(JsonObject content)
    {
        var copy = content.DeepClone().AsObject();
        copy["metadata"]!.AsObject().Remove("managedFields");
        copy["metadata"]!.AsObject().Remove("resourceVersion");
        return copy;
    }
}
