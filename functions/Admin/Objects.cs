using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using Microsoft.AspNetCore.Http;

namespace IoFog.Operator.Admin;

/// <summary>Looks at objects, and asks for them to be reconciled.</summary>
internal sealed class Objects(KubernetesApi api, AdminOptions options, TimeProvider time)
{
    private static readonly string[] SecretFields = ["password", "proxyBrokerToken"];

    /// <summary>How many objects of a kind are Ready, waiting, refused, or not looked at yet.</summary>
    public async Task<JsonObject> CountAsync(Kind kind, CancellationToken cancellationToken)
    {
        var list = await api.FindAsync(kind.PathOf(options.Namespace), KubernetesJson.Default.JsonObject, cancellationToken);
        var counts = new Dictionary<string, int> { ["ready"] = 0, ["notReady"] = 0, ["waiting"] = 0, ["refused"] = 0, ["new"] = 0 };
        foreach (var item in list?["items"]?.AsArray() ?? [])
            counts[StateOf(item!.AsObject())]++;
        return new(counts.Select(count => KeyValuePair.Create(count.Key, (JsonNode?)count.Value)));
    }

    /// <summary>One object, without what could be secret in its spec.</summary>
    public async Task<JsonObject> GetAsync(Kind kind, string name, CancellationToken cancellationToken)
    {
        var found = await api.FindAsync(kind.PathOf(new ResourceKey(options.Namespace, name)), KubernetesJson.Default.JsonObject, cancellationToken)
            ?? throw NotFound(kind, name);
        found["metadata"]!.AsObject().Remove("managedFields");
        (found["metadata"]?["annotations"] as JsonObject)?.Remove("kubectl.kubernetes.io/last-applied-configuration");
        Redact(found["spec"]);
        return found;
    }

    /// <summary>Asks for an object to be reconciled, by its annotation: nothing here writes to a queue.</summary>
    /// <returns>The value of the request; <c>status.requests.reconcile</c> has it once it was honoured.</returns>
    public async Task<string> RequestAsync(Kind kind, string name, CancellationToken cancellationToken)
    {
        var value = time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [$"{Names.RequestPrefix}reconcile"] = value } },
        };
        try
        {
            await api.MergePatchAsync(
                kind.PathOf(new ResourceKey(options.Namespace, name)), JsonSerializer.SerializeToUtf8Bytes(patch, KubernetesJson.Default.JsonObject), cancellationToken);
            return value;
        }
        catch (KubernetesException e) when (e.Code == System.Net.HttpStatusCode.NotFound)
        {
            throw NotFound(kind, name);
        }
    }

    private static string StateOf(JsonObject item)
    {
        if (item["status"] is not JsonObject status || status["conditions"] is not JsonArray conditions)
            return "new";
        if (Holds(conditions, Names.Ready))
            return "ready";
        return Holds(conditions, Names.Stalled) ? "refused" : status["waitingFor"] is not null ? "waiting" : "notReady";
    }

    private static bool Holds(JsonArray conditions, string type) => conditions.Any(condition =>
        condition?["type"]?.GetValue<string>() == type && condition["status"]?.GetValue<string>() == "True");

    private static void Redact(JsonNode? node)
    {
        if (node is not JsonObject map)
            return;
        foreach (var (name, value) in map.ToArray())
        {
            if (SecretFields.Contains(name) && value?.GetValueKind() == JsonValueKind.String)
                map[name] = "(hidden)";
            else
                Redact(value);
        }
    }

    private static Problem NotFound(Kind kind, string name) => new(StatusCodes.Status404NotFound, $"There is no {kind} {name}");
}
