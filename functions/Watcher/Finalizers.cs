using System.Text;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Watcher;

/// <summary>Lets go of our finalizers in the namespace.</summary>
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
            string? next = null;
            do
            {
                var query = $"limit={PageSize}{(next is null ? "" : $"&continue={Uri.EscapeDataString(next)}")}";
                var page = await api.FindAsync($"{kind.PathOf(@namespace)}?{query}", KubernetesJson.Default.JsonObject, cancellationToken);
                var items = (page?["items"]?.AsArray() ?? []).Select(static item => item!.AsObject()).ToArray();
                inWork |= items.Any(static item => item["status"]?["claim"] is not null);
                var ours = items.Where(IsHeld).ToArray();
                held += ours.Length;
                await Parallel.ForEachAsync(ours, Bounded(cancellationToken), async (item, token) => await ReleaseAsync(kind, item, why, token));
                next = page?["metadata"]?["continue"]?.GetValue<string>();
            }
            while (!string.IsNullOrEmpty(next));
        }

        return (held, inWork);
    }

    /// <summary>Lets go of some objects; what fails is logged, and tried again with the next look.</summary>
    public Task ReleaseAsync(IEnumerable<(Kind Kind, ResourceKey Key)> objects, string why, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        objects,
        Bounded(cancellationToken),
        async (one, token) =>
        {
            try
            {
                if (await api.FindAsync(one.Kind.PathOf(one.Key), KubernetesJson.Default.JsonObject, token) is { } now && IsHeld(now))
                    await ReleaseAsync(one.Kind, now, why, token);
            }
            catch (Exception e) when (e is HttpRequestException or KubernetesException)
            {
                Log.FinalizerKept(logger, one.Kind.Name, one.Key, e);
            }
        });

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

    private static bool IsHeld(JsonObject found) => FinalizersOf(found).Contains(Names.Finalizer);

    private static IEnumerable<string> FinalizersOf(JsonObject found) =>
        (found["metadata"]!["finalizers"] as JsonArray ?? []).Select(static finalizer => finalizer!.GetValue<string>());

    private static ParallelOptions Bounded(CancellationToken cancellationToken) => new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
}
