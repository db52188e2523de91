using System.Text;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Watcher;

/// <summary>Lets go of our finalizers in the namespace, however many there are: page by page, and several at once.</summary>
internal sealed class Finalizers(KubernetesApi api, string @namespace, ILogger<Finalizers> logger)
{
    private const int AtOnce = 16;
    private const int PageSize = 500;

    public string Namespace => @namespace;

    /// <summary>Lets go of every object, deleting or not.</summary>
    /// <returns>How many had our finalizer, and whether any is in work.</returns>
    public async Task<(int Held, bool InWork)> ReleaseAllAsync(string why, CancellationToken cancellationToken)
    {
        var (held, inWork) = (0, false);
        foreach (var kind in Kinds.All)
        {
            await foreach (var page in PagesAsync(kind, cancellationToken))
            {
                inWork |= page.Any(static item => item["status"]?["claim"] is not null);
                held += await ReleaseAsync(kind, page, why, cancellationToken);
            }
        }

        return (held, inWork);
    }

    /// <summary>Lets go of some objects; what fails is logged, and tried again with the next look.</summary>
    public async Task ReleaseAsync(IEnumerable<(Kind Kind, ResourceKey Key)> objects, string why, CancellationToken cancellationToken)
    {
        foreach (var some in objects.GroupBy(static one => one.Kind, static one => one.Key.Name))
        {
            var names = some.ToHashSet(StringComparer.Ordinal);
            try
            {
                await foreach (var page in PagesAsync(some.Key, cancellationToken))
                    await ReleaseAsync(some.Key, page.Where(item => names.Contains(item["metadata"]!["name"]!.GetValue<string>())), why, cancellationToken);
            }
            catch (Exception e) when (e is HttpRequestException or KubernetesException)
            {
                Log.FinalizerKept(logger, some.Key.Name, new(@namespace, names.First()), e);
            }
        }
    }

    /// <summary>True when the namespace is being deleted.</summary>
    public async Task<bool> IsTerminatingAsync(CancellationToken cancellationToken)
    {
        try
        {
            var found = await api.FindAsync($"api/v1/namespaces/{@namespace}", KubernetesJson.Default.JsonObject, cancellationToken);
            return found?["status"]?["phase"]?.GetValue<string>() == "Terminating";
        }
        catch (Exception e) when (e is HttpRequestException or KubernetesException)
        {
            return false; // not known; asked again in a moment
        }
    }

    private async IAsyncEnumerable<JsonObject[]> PagesAsync(Kind kind, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? next = null;
        do
        {
            var query = $"limit={PageSize}{(next is null ? "" : $"&continue={Uri.EscapeDataString(next)}")}";
            var page = await api.FindAsync($"{kind.PathOf(@namespace)}?{query}", KubernetesJson.Default.JsonObject, cancellationToken);
            yield return [.. (page?["items"]?.AsArray() ?? []).Select(static item => item!.AsObject())];
            next = page?["metadata"]?["continue"]?.GetValue<string>();
        }
        while (!string.IsNullOrEmpty(next));
    }

    /// <returns>How many had our finalizer.</returns>
    private async Task<int> ReleaseAsync(Kind kind, IEnumerable<JsonObject> found, string why, CancellationToken cancellationToken)
    {
        JsonObject[] held = [.. found.Where(static item => FinalizersOf(item).Contains(Names.Finalizer))];
        await Parallel.ForEachAsync(
            held,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (item, token) => await ReleaseAsync(kind, item, why, token));
        return held.Length;
    }

    private async Task ReleaseAsync(Kind kind, JsonObject found, string why, CancellationToken cancellationToken)
    {
        var metadata = found["metadata"]!;
        var key = new ResourceKey(@namespace, metadata["name"]!.GetValue<string>());
        var patch = FinalizerPatch.Without(FinalizersOf(found), metadata["resourceVersion"]!.GetValue<string>());
        try
        {
            await api.MergePatchAsync(kind.PathOf(key), Encoding.UTF8.GetBytes(patch.ToJsonString()), cancellationToken);
            Log.FinalizerReleased(logger, kind.Name, key, why);
        }
        catch (Exception e) when (e is HttpRequestException or KubernetesException)
        {
            Log.FinalizerKept(logger, kind.Name, key, e);
        }
    }

    private static IEnumerable<string> FinalizersOf(JsonObject found) =>
        (found["metadata"]!["finalizers"] as JsonArray ?? []).Select(static finalizer => finalizer!.GetValue<string>());
}
