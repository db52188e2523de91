using System.Text;
using System.Text.Json.Nodes;

namespace IoFog.Operator.ControlPlanes;

/// <summary>The objects as they are in the cluster, by path.</summary>
internal sealed class ObservedObjects(IReadOnlyDictionary<string, JsonObject> objects)
{
    private readonly Dictionary<string, JsonObject> objects = new(objects, StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, JsonObject>> All => objects;

    public JsonObject? Find(string path) => objects.GetValueOrDefault(path);

    /// <summary>What an apply has made of an object.</summary>
    public void Put(string path, JsonObject content) => objects[path] = content;

    /// <summary>An entry of a Secret; null when it is not there, or is no text.</summary>
    public string? Text(string path, string key) => SecretText(Find(path), key);

    /// <inheritdoc cref="Text"/>
    public static string? SecretText(JsonObject? secret, string key)
    {
        if (secret?["data"]?[key]?.GetValue<string>() is not { } base64)
            return null;
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    /// <summary>The address that a load balancer has given to a Service; a host name before an IP address, as iofogctl takes it.</summary>
    public string? LoadBalancerAddress(string path)
    {
        var first = Find(path)?["status"]?["loadBalancer"]?["ingress"] is JsonArray { Count: > 0 } list ? list[0] : null;
        return Given(first?["hostname"]) ?? Given(first?["ip"]);
    }

    private static string? Given(JsonNode? node) => node?.GetValue<string>() is { Length: > 0 } text ? text : null;
}
