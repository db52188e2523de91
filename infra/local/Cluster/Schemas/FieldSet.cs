using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster.Schemas;

/// <summary>The fields that a manager owns: leaves as paths whose segments are those of FieldsV1 (<c>f:spec</c>, <c>k:{…}</c>, <c>v:…</c>).</summary>
internal sealed class FieldSet
{
    private const char Divider = '\n'; // in no segment: JSON escapes it

    /// <summary>Of metadata: what the API server keeps itself.</summary>
    private static readonly string[] Unmanaged =
    [
        "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds",
    ];

    private readonly HashSet<string> leaves;

    private FieldSet(HashSet<string> leaves) => this.leaves = leaves;

    public bool IsEmpty => leaves.Count == 0;

    public IEnumerable<string> Leaves => leaves;

    /// <summary>The items of lists that leaves are in, the outermost first: an item goes with all that defaults have put into it.</summary>
    public IEnumerable<string> Items => leaves
        .SelectMany(leaf => leaf.Select((c, i) => (c, i)).Where(at => at.c == Divider).Select(at => leaf[..at.i]))
        .Where(path => path[(path.LastIndexOf(Divider) + 1)..].StartsWith("k:", StringComparison.Ordinal))
        .Distinct().OrderBy(path => path.Length);

    public static FieldSet Empty => new([]);

    /// <summary>All leaves of a value.</summary>
    public static FieldSet Of(JsonObject value, MergeRules rules)
    {
        var leaves = new HashSet<string>(StringComparer.Ordinal);
        Collect(value, rules, "", leaves);
        leaves.Remove("f:apiVersion");
        leaves.Remove("f:kind");
        foreach (var own in Unmanaged)
            leaves.Remove($"f:metadata\nf:{own}");
        leaves.RemoveWhere(leaf => leaf.StartsWith("f:metadata\nf:managedFields", StringComparison.Ordinal));
        return new(leaves);
    }

    public FieldSet Without(FieldSet other) => new([.. leaves.Except(other.leaves)]);

    public FieldSet With(FieldSet other) => new([.. leaves.Union(other.leaves)]);

    public FieldSet And(FieldSet other) => new([.. leaves.Intersect(other.leaves)]);

    public FieldSet Where(Func<string, bool> keep) => new([.. leaves.Where(keep)]);

    public bool Contains(string leaf) => leaves.Contains(leaf);

    /// <summary>Whether a leaf is somewhere in an item.</summary>
    public bool IsWithin(string item) => leaves.Any(leaf => leaf.StartsWith(item + Divider, StringComparison.Ordinal));

    public bool SameAs(FieldSet other) => leaves.SetEquals(other.leaves);

    /// <summary>As <c>metadata.managedFields[].fieldsV1</c>.</summary>
    public JsonObject ToFieldsV1()
    {
        var root = new JsonObject();
        foreach (var leaf in leaves.Order(StringComparer.Ordinal))
        {
            var at = root;
            foreach (var segment in leaf.Split(Divider))
            {
                if (at[segment] is not JsonObject next)
                    at[segment] = next = [];
                at = next;
            }
        }

        return root;
    }

    public static FieldSet FromFieldsV1(JsonObject fields)
    {
        var leaves = new HashSet<string>(StringComparer.Ordinal);
        Walk(fields, "");
        return new(leaves);

        void Walk(JsonObject at, string path)
        {
            foreach (var (segment, inner) in at)
            {
                if (segment == ".")
                    continue;
                var here = path.Length == 0 ? segment : $"{path}{Divider}{segment}";
                if (inner is JsonObject { Count: > 0 } more && more.Any(member => member.Key != "."))
                    Walk(more, here);
                else
                    leaves.Add(here);
            }
        }
    }

    /// <summary>The value at a leaf, or null.</summary>
    public static JsonNode? Read(JsonObject root, string leaf)
    {
        JsonNode? at = root;
        foreach (var segment in leaf.Split(Divider))
            at = Step(at, segment);
        return at;
    }

    /// <summary>
    /// Takes leaves away. The keys of a list's item go last, and only with the item: while it has anything else, it is somebody's still.
    /// </summary>
    public static void Remove(JsonObject root, IEnumerable<string> leaves)
    {
        foreach (var leaf in leaves.OrderBy(leaf => ItemOf(leaf) is null ? 0 : 1).ThenByDescending(leaf => leaf.Count(c => c == Divider)))
        {
            if (ItemOf(leaf) is not { } item)
                Remove(root, leaf);
            else if (Read(root, item) is JsonObject left && left.All(member => KeysOf(item).ContainsKey(member.Key)))
                Remove(root, item);
        }
    }

    /// <summary>Takes a leaf away, and what is empty around it.</summary>
    private static void Remove(JsonObject root, string leaf)
    {
        var segments = leaf.Split(Divider);
        var chain = new List<JsonNode> { root };
        foreach (var segment in segments[..^1])
        {
            if (Step(chain[^1], segment) is not { } next)
                return;
            chain.Add(next);
        }

        for (var i = segments.Length - 1; i >= 0; i--)
        {
            if (i < segments.Length - 1 && Step(chain[i], segments[i]) is not (JsonObject { Count: 0 } or JsonArray { Count: 0 }) && !IsBareItem(chain[i], segments[i]))
                return;
            RemoveChild(chain[i], segments[i]);
        }
    }

    /// <summary>As in conflict messages: <c>.spec.replicas</c>.</summary>
    public static string Display(string leaf) => string.Concat(leaf.Split(Divider).Select(segment => segment[..2] switch
    {
        "f:" => $".{segment[2..]}",
        "k:" => $"[{string.Join(',', JsonNode.Parse(segment[2..])!.AsObject().Select(key => $"{key.Key}={key.Value?.ToJsonString()}"))}]",
        _ => $"[={segment[2..]}]",
    }));

    private static void Collect(JsonNode? value, MergeRules rules, string path, HashSet<string> leaves)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } map when !rules.IsAtomic:
                foreach (var (name, member) in map)
                    Collect(member, rules.Member(name), Join(path, $"f:{name}"), leaves);
                break;
            case JsonArray { Count: > 0 } list when rules.ListKeys is { } keys:
                foreach (var item in list)
                {
                    if (keys.Count == 0)
                        leaves.Add(Join(path, $"v:{item?.ToJsonString() ?? "null"}"));
                    else
                        Collect(item, rules.Item(), Join(path, $"k:{MergeRules.KeyOf(item!.AsObject(), keys).ToJsonString()}"), leaves);
                }

                break;
            default:
                if (path.Length > 0)
                    leaves.Add(path);
                break;
        }
    }

    // The path of the item whose key this leaf is.
    private static string? ItemOf(string leaf)
    {
        var end = leaf.LastIndexOf(Divider);
        var item = end < 0 ? "" : leaf[..end];
        return item[(item.LastIndexOf(Divider) + 1)..].StartsWith("k:", StringComparison.Ordinal) && KeysOf(item).ContainsKey(leaf[(end + 3)..]) ? item : null;
    }

    private static JsonObject KeysOf(string item) => JsonNode.Parse(item[(item.LastIndexOf(Divider) + 3)..])!.AsObject();

    private static JsonNode? Step(JsonNode? at, string segment) => segment[..2] switch
    {
        "f:" => (at as JsonObject)?[segment[2..]],
        "k:" => (at as JsonArray)?.FirstOrDefault(item => Matches(item, segment)),
        _ => (at as JsonArray)?.FirstOrDefault(item => (item?.ToJsonString() ?? "null") == segment[2..]),
    };

    private static bool Matches(JsonNode? item, string segment) =>
        item is JsonObject map && JsonNode.Parse(segment[2..])!.AsObject()
            .All(key => JsonNode.DeepEquals(map[key.Key] ?? (key.Key == "protocol" ? "TCP" : null), key.Value));

    // An item of which nothing but its keys is left.
    private static bool IsBareItem(JsonNode around, string segment) =>
        segment.StartsWith("k:", StringComparison.Ordinal) && Step(around, segment) is JsonObject item
        && item.Count == 0;

    private static void RemoveChild(JsonNode around, string segment)
    {
        if (around is JsonObject map)
            map.Remove(segment[2..]);
        else if (around is JsonArray list && Step(list, segment) is { } item)
            list.Remove(item);
    }

    private static string Join(string path, string segment) => path.Length == 0 ? segment : $"{path}{Divider}{segment}";
}
