using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Kubernetes;

/// <summary>
/// Under which plural a kind is served. Kubernetes serves a kind of a group once: where iofogctl came first, applications are called <c>apps</c>,
/// so that has to be found out, once.
/// </summary>
internal sealed class ServedPlurals
{
    private static readonly string Prefix = $"apis/{Kind.Group}/{Kind.Version}/namespaces/";

    private readonly ConcurrentDictionary<Kind, string> served = [];

    /// <param name="path">As <see cref="Kind.PathOf(string)"/> gives it, with whatever follows.</param>
    /// <param name="discover">Asks for the resources of the group; null when it is not served.</param>
    /// <returns>The path by which the API server knows it.</returns>
    public async ValueTask<string> PathAsync(string path, Func<string, Task<byte[]?>> discover)
    {
        if (!path.StartsWith(Prefix, StringComparison.Ordinal) || Find(path) is not { } found)
            return path;
        if (!served.TryGetValue(found.Kind, out var plural))
        {
            var names = await discover($"apis/{Kind.Group}/{Kind.Version}") is { } json ? NamesOf(json, found.Kind) : [];
            plural = names.Contains(found.Kind.Plural) ? found.Kind.Plural : names.Contains(found.Kind.OtherPlural!) ? found.Kind.OtherPlural : null;
            if (plural is null)
                return path; // not served yet
            served[found.Kind] = plural;
        }

        return plural == found.Kind.Plural ? path : $"{path[..found.At]}{plural}{path[(found.At + found.Kind.Plural.Length)..]}";
    }

    private static (Kind Kind, int At)? Find(string path)
    {
        var at = path.IndexOf('/', Prefix.Length) + 1;
        if (at == 0)
            return null;
        var end = path.AsSpan(at).IndexOfAny('/', '?');
        var plural = end < 0 ? path.AsSpan(at) : path.AsSpan(at, end);
        foreach (var kind in Kinds.All)
        {
            if (kind.OtherPlural is not null && plural.SequenceEqual(kind.Plural))
                return (kind, at);
        }

        return null;
    }

    private static HashSet<string> NamesOf(byte[] json, Kind kind) =>
    [
        .. (JsonSerializer.Deserialize(json, KubernetesJson.Default.JsonObject)?["resources"] as JsonArray ?? [])
            .Where(resource => resource?["kind"]?.GetValue<string>() == kind.Name)
            .Select(resource => resource!["name"]!.GetValue<string>()),
    ];
}
