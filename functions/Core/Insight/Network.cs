using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Insight;

/// <summary>All objects of a namespace as they were at one moment.</summary>
public sealed class Network
{
    private readonly Dictionary<string, NetworkObject> byId;
    private readonly Dictionary<string, NetworkObject> byEntry;

    /// <param name="objects">Of these kinds.</param>
    /// <param name="kinds">What was looked at; null for all.</param>
    public Network(IEnumerable<NetworkObject> objects, IReadOnlyCollection<Kind>? kinds = null)
    {
        Seen = kinds ?? Kinds.All;
        Objects = [.. objects.OrderBy(item => OrderOf(item.Kind)).ThenBy(item => item.Name, StringComparer.Ordinal)];
        byId = Objects.ToDictionary(item => item.Id, StringComparer.Ordinal);
        byEntry = Objects.GroupBy(item => $"{item.Kind}/{item.EntryName}").ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
    }

    /// <summary>The kinds that were looked at: of others nobody knows what is there.</summary>
    public IReadOnlyCollection<Kind> Seen { get; }

    /// <summary>Kinds in their order, objects by name.</summary>
    public IReadOnlyList<NetworkObject> Objects { get; }

    /// <summary>The one that serves the namespace, or null.</summary>
    public NetworkObject? ControlPlane => Objects.FirstOrDefault(item => item.Kind == Kinds.ControlPlane);

    /// <summary>Reads all objects of some kinds.</summary>
    /// <exception cref="KubernetesException">A kind may not be listed.</exception>
    public static async Task<Network> ReadAsync(KubernetesApi api, string @namespace, IReadOnlyCollection<Kind> kinds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(api);
        var lists = await Task.WhenAll(kinds.Select(async kind => (kind, list: await api.FindAsync(kind.PathOf(@namespace), KubernetesJson.Default.JsonObject, cancellationToken))));
        return new(lists.SelectMany(read => (read.list?["items"] as JsonArray ?? []).OfType<JsonObject>().Select(item => NetworkObject.Read(read.kind, item))), kinds);
    }

    /// <summary>The same objects without those of other kinds.</summary>
    public Network Only(IReadOnlyCollection<Kind> kinds) => kinds.Count == Kinds.All.Count ? this : new(Objects.Where(item => kinds.Contains(item.Kind)), kinds);

    /// <summary>An object by its own name, else by the name that the Controller knows.</summary>
    public NetworkObject? Find(Kind kind, string name) => byId.GetValueOrDefault($"{kind}/{name}") ?? byEntry.GetValueOrDefault($"{kind}/{name}");

    /// <summary>What specs mean when they name something: they use the Controller's names.</summary>
    public NetworkObject? FindEntry(Kind kind, string name) => byEntry.GetValueOrDefault($"{kind}/{name}") ?? byId.GetValueOrDefault($"{kind}/{name}");

    /// <summary>What to say of something that is named and was not found.</summary>
    public (ObjectState State, string Message) Absence(Kind kind) =>
        Seen.Contains(kind) ? (ObjectState.Missing, "It is named and not there") : (ObjectState.Unknown, $"You may not see objects of the kind {kind}");

    /// <summary>How many objects of a kind there are in each state.</summary>
    public IReadOnlyDictionary<ObjectState, int> Count(Kind kind) =>
        Objects.Where(item => item.Kind == kind).GroupBy(item => item.State).ToDictionary(group => group.Key, group => group.Count());

    private static int OrderOf(Kind kind)
    {
        for (var i = 0; i < Kinds.All.Count; i++)
        {
            if (Kinds.All[i] == kind)
                return i;
        }

        return int.MaxValue;
    }
}
