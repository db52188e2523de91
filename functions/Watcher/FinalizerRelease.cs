using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Watcher;

/// <summary>
/// Lets go of our finalizers where nobody else can: in a namespace that is being deleted the apps lose their rights within seconds,
/// and before the operator is removed.
/// </summary>
internal sealed class FinalizerRelease(
    KubernetesApi api, WatcherOptions options, Watching watching, TimeProvider time, ILogger<FinalizerRelease> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Watches for a deletion of the namespace for as long as objects wait for our finalizer.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var held = watching.Ask((table, _) => table.Held());
            if (held.Count > 0 && await IsTerminatingAsync(cancellationToken))
            {
                foreach (var (kind, key) in held)
                    await ReleaseAsync(kind, key, "its namespace is being deleted", cancellationToken);
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    /// <summary>Lets go of every object in the namespace, deleting or not.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> ReleaseAllAsync(CancellationToken cancellationToken)
    {
        var released = 0;
        foreach (var kind in Kinds.All)
        {
            var list = await api.FindAsync(kind.PathOf(options.Namespace), KubernetesJson.Default.JsonObject, cancellationToken);
            foreach (var item in list?["items"]?.AsArray() ?? [])
            {
                var metadata = item!["metadata"]!;
                if (metadata["finalizers"]?.AsArray().Any(finalizer => finalizer!.GetValue<string>() == Names.Finalizer) != true)
                    continue;
                await ReleaseAsync(kind, new(options.Namespace, metadata["name"]!.GetValue<string>()), "the operator is being removed", cancellationToken);
                released++;
            }
        }

        return released;
    }

    private async Task<bool> IsTerminatingAsync(CancellationToken cancellationToken)
    {
        try
        {
            var found = await api.FindAsync($"api/v1/namespaces/{options.Namespace}", KubernetesJson.Default.JsonObject, cancellationToken);
            return found?["status"]?["phase"]?.GetValue<string>() == "Terminating";
        }
        catch (Exception e) when (e is HttpRequestException or KubernetesException)
        {
            return false; // not known; asked again in a moment
        }
    }

    private async Task ReleaseAsync(Kind kind, ResourceKey key, string why, CancellationToken cancellationToken)
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
}
