using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Insight;

/// <summary>What people may ask of the operator, all of it by annotations: nobody but the watcher writes to a queue.</summary>
public sealed class Requests(KubernetesApi api, TimeProvider time)
{
    /// <summary>Asks for an object to be reconciled now.</summary>
    /// <returns>The object after it; null when it is not there. <c>status.requests.reconcile</c> has the annotation's value once it was honoured.</returns>
    public Task<JsonObject?> ReconcileAsync(Kind kind, ResourceKey key, CancellationToken cancellationToken) =>
        AnnotateAsync(kind, key, ReconcileAnnotation, time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture), cancellationToken);

    /// <summary>Stops all work on an object.</summary>
    /// <inheritdoc cref="ReconcileAsync" path="/returns"/>
    public Task<JsonObject?> PauseAsync(Kind kind, ResourceKey key, CancellationToken cancellationToken) =>
        AnnotateAsync(kind, key, Names.Paused, "true", cancellationToken);

    /// <summary>Goes on with an object.</summary>
    /// <inheritdoc cref="ReconcileAsync" path="/returns"/>
    public Task<JsonObject?> ResumeAsync(Kind kind, ResourceKey key, CancellationToken cancellationToken) =>
        AnnotateAsync(kind, key, Names.Paused, null, cancellationToken);

    /// <summary>The annotation of <see cref="ReconcileAsync"/>.</summary>
    public static string ReconcileAnnotation => $"{Names.RequestPrefix}reconcile";

    private async Task<JsonObject?> AnnotateAsync(Kind kind, ResourceKey key, string annotation, string? value, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(kind);
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [annotation] = value } } };
        try
        {
            var after = await api.MergePatchAsync(kind.PathOf(key), JsonSerializer.SerializeToUtf8Bytes(patch, KubernetesJson.Default.JsonObject), cancellationToken);
            return JsonSerializer.Deserialize(after, KubernetesJson.Default.JsonObject);
        }
        catch (KubernetesException e) when (e.Code == HttpStatusCode.NotFound)
        {
            return null;
        }
    }
}
