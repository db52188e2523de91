using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Watcher;

/// <summary>Lets go of our finalizers in the namespace.</summary>
internal sealed class Finalizers(KubernetesApi api, string @namespace, ILogger<Finalizers> logger)
{
    public string Namespace => @namespace;

    /// <summary>Lets go of every object, deleting or not.</summary>
    /// <returns>How many had our finalizer, and whether any is in work.</returns>
    public async Task<(int Released, bool InWork)> ReleaseAllAsync(string why, CancellationToken cancellationToken)
    {
        var (released, inWork) = (0, false);
        foreach (var kind in Kinds.All)
        {
            var list = await api.FindAsync(kind.PathOf(@namespace), KubernetesJson.Default.JsonObject, cancellationToken);
            foreach (var item in list?["items"]?.AsArray() ?? [])
            {
                inWork |= item!["status"]?["claim"] is not null;
                var metadata = item["metadata"]!;
                if (metadata["finalizers"]?.AsArray().Any(finalizer => finalizer!.GetValue<string>() == Names.Finalizer) != true)
                    continue;
                await ReleaseAsync(kind, new(@namespace, metadata["name"]!.GetValue<string>()), why, cancellationToken);
                released++;
            }
        }

        return (released, inWork);
    }

    /// <summary>Lets go of one object; what fails is logged, and tried again with the next look.</summary>
    public async Task ReleaseAsync(Kind kind, ResourceKey key, string why, CancellationToken cancellationToken)
    {
        var metadata = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace };
        var body = new JsonObject { ["apiVersion"] = Kind.ApiVersion, ["kind"] = kind.Name, ["metadata"] = metadata };
        try
        {
            var now = await api.FindAsync(kind.PathOf(key), KubernetesJson.Default.JsonObject, cancellationToken);
            if (now is null)
                return;
            metadata["uid"] = now["metadata"]!["uid"]!.GetValue<string>(); // an apply of a namesake that is gone would create it
            await api.ApplyAsync(kind.PathOf(key), body, KubernetesJson.Default.JsonObject, Names.FinalizerManager, cancellationToken);
            Log.FinalizerReleased(logger, kind.Name, key, why);
        }
        catch (Exception e) when (e is HttpRequestException or KubernetesException)
        {
            Log.FinalizerKept(logger, kind.Name, key, e);
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
}
