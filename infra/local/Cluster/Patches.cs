using System.Text.Json.Nodes;
using IoFog.Operator.Local.Cluster.Schemas;

namespace IoFog.Operator.Local.Cluster;

/// <summary>The patch formats other than apply.</summary>
internal static class Patches
{
    private const string FromList = "$deleteFromPrimitiveList/";
    private const string InOrder = "$setElementOrder/";

    /// <summary>RFC 7386.</summary>
    public static JsonObject Merge(JsonObject live, JsonObject patch)
    {
        var merged = live.DeepClone().AsObject();
        MergeInto(merged, patch);
        return merged;
    }

    /// <summary>Strategic merge: lists that have keys are merged item by item.</summary>
    public static JsonObject Strategic(JsonObject live, JsonObject patch, MergeRules rules)
    {
        var merged = live.DeepClone().AsObject();
        StrategicInto(merged, patch, rules);
        return merged;
    }

    /// <summary>RFC 6902.</summary>
    /// <exception cref="ApiError">422 when a test fails or a path leads nowhere.</exception>
    public static JsonObject Json(JsonObject live, JsonArray operations)
    {
        var patched = live.DeepClone().AsObject();
        foreach (var operation in operations)
            ApplyOperation(patched, operation!.AsObject());
        return patched;
    }

    private static void MergeInto(JsonObject into, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
                into.Remove(name);
            else if (value is JsonObject inner)
            {
                if (into[name] is not JsonObject old)
                    into[name] = old = [];
                MergeInto(old, inner);
            }
            else
                into[name] = value.DeepClone();
        }
    }

    private static void StrategicInto(JsonObject into, JsonObject patch, MergeRules rules)
    {
        if (patch["$retainKeys"] is JsonArray retained)
        {
            foreach (var name in into.Select(member => member.Key).Except(retained.Select(key => key!.GetValue<string>())).ToArray())
                into.Remove(name);
        }

        foreach (var (name, value) in patch)
        {
            if (name.StartsWith(FromList, StringComparison.Ordinal) && into[name[FromList.Length..]] is JsonArray texts)
                Without(texts, value!.AsArray());
            if (name.StartsWith('$'))
                continue;
            var inner = rules.Member(name);
            switch (value)
            {
                case null:
                case JsonObject gone when DirectiveOf(gone) == "delete":
                    into.Remove(name);
                    break;
                case JsonObject map:
                    if (into[name] is not JsonObject old || DirectiveOf(map) == "replace")
                        into[name] = old = [];
                    StrategicInto(old, map, inner);
                    break;
                case JsonArray list when inner.PatchKeys is { } keys:
                    if (into[name] is not JsonArray oldList || list.Any(item => DirectiveOf(item) == "replace"))
                        into[name] = oldList = [];
                    StrategicList(oldList, list, keys, inner.Item());
                    break;
                default:
                    into[name] = value.DeepClone();
                    break;
            }
        }

        foreach (var (name, order) in patch.Where(member => member.Key.StartsWith(InOrder, StringComparison.Ordinal)))
        {
            if (into[name[InOrder.Length..]] is JsonArray list && rules.Member(name[InOrder.Length..]).PatchKeys is { } keys)
                Sort(list, order!.AsArray(), keys);
        }
    }

    private static void StrategicList(JsonArray into, JsonArray patch, IReadOnlyList<string> keys, MergeRules rules)
    {
        foreach (var item in patch)
        {
            if (keys.Count == 0)
            {
                if (!into.Any(old => JsonNode.DeepEquals(old, item)))
                    into.Add(item?.DeepClone());
                continue;
            }

            var map = item!.AsObject();
            if (DirectiveOf(map) == "replace")
                continue;
            if (keys.Any(name => map[name] is null))
                throw ApiError.BadRequest($"map: {map.ToJsonString()} does not contain declared merge key: {keys[0]}");
            var same = into.FirstOrDefault(old => KeyOf(old, keys) == KeyOf(map, keys));
            if (DirectiveOf(map) == "delete")
                into.Remove(same);
            else if (same is JsonObject old)
                StrategicInto(old, map, rules);
            else
                into.Add(map.DeepClone());
        }
    }

    private static string? DirectiveOf(JsonNode? item) => (item as JsonObject)?["$patch"]?.GetValue<string>();

    private static void Without(JsonArray list, JsonArray gone)
    {
        foreach (var item in list.Where(item => gone.Any(other => JsonNode.DeepEquals(item, other))).ToArray())
            list.Remove(item);
    }

    /// <summary>What the order names comes in it; what it does not name stays before what it stood before.</summary>
    private static void Sort(JsonArray list, JsonArray order, IReadOnlyList<string> keys)
    {
        var (was, wanted) = (list.ToArray(), order.Select(item => KeyOf(item, keys)).ToArray());
        var named = new Queue<JsonNode?>(wanted.Select(key => was.FirstOrDefault(item => KeyOf(item, keys) == key)).OfType<JsonNode>());
        var others = new Queue<JsonNode?>(was.Where(item => !wanted.Contains(KeyOf(item, keys))));
        list.Clear();
        while (named.Count + others.Count > 0)
        {
            var isOther = named.Count == 0 || (others.Count > 0 && Array.IndexOf(was, others.Peek()) < Array.IndexOf(was, named.Peek()));
            list.Add((isOther ? others : named).Dequeue());
        }
    }

    private static string KeyOf(JsonNode? item, IReadOnlyList<string> keys) =>
        keys.Count == 0 ? item?.ToJsonString() ?? "null" : MergeRules.KeyOf(item!.AsObject(), keys).ToJsonString();

    private static void ApplyOperation(JsonObject root, JsonObject operation)
    {
        var op = operation["op"]?.GetValue<string>();
        var path = operation["path"]?.GetValue<string>() ?? throw ApiError.BadRequest("a JSON patch operation needs a path");
        switch (op)
        {
            case "test":
                if (!JsonNode.DeepEquals(Read(root, path), operation["value"]))
                    throw Unprocessable($"testing path {path} failed");
                break;
            case "add":
                Write(root, path, operation["value"]?.DeepClone(), replace: false);
                break;
            case "replace":
                _ = Read(root, path) ?? throw Unprocessable($"replace operation does not apply: doc is missing key: {path}");
                Write(root, path, operation["value"]?.DeepClone(), replace: true);
                break;
            case "remove":
                Remove(root, path);
                break;
            case "copy" or "move":
                var from = operation["from"]!.GetValue<string>();
                var value = Read(root, from)?.DeepClone();
                if (op == "move")
                    Remove(root, from);
                Write(root, path, value, replace: false);
                break;
            default:
                throw ApiError.BadRequest($"unknown JSON patch operation {op}");
        }
    }

    private static JsonNode? Read(JsonNode root, string path)
    {
        JsonNode? at = root;
        foreach (var segment in Segments(path))
            at = at switch
            {
                JsonObject map => map[segment],
                JsonArray list when int.TryParse(segment, out var index) && index < list.Count => list[index],
                _ => null,
            };
        return at;
    }

    private static void Write(JsonObject root, string path, JsonNode? value, bool replace)
    {
        var (around, last) = Around(root, path);
        if (around is JsonObject map)
            map[last] = value;
        else if (around is JsonArray list && last == "-")
            list.Add(value);
        else if (around is JsonArray array && int.TryParse(last, out var index) && index <= array.Count)
        {
            if (replace)
                array[index] = value;
            else
                array.Insert(index, value);
        }
        else
            throw Unprocessable($"add operation does not apply: doc is missing path: {path}");
    }

    private static void Remove(JsonObject root, string path)
    {
        var (around, last) = Around(root, path);
        if (around is JsonObject map && map.Remove(last))
            return;
        if (around is JsonArray list && int.TryParse(last, out var index) && index < list.Count)
            list.RemoveAt(index);
        else
            throw Unprocessable($"remove operation does not apply: doc is missing path: {path}");
    }

    private static (JsonNode? Around, string Last) Around(JsonObject root, string path)
    {
        var slash = path.LastIndexOf('/');
        return (Read(root, path[..slash]), Unescape(path[(slash + 1)..]));
    }

    private static IEnumerable<string> Segments(string path) => path.Split('/').Skip(1).Select(Unescape);

    private static string Unescape(string segment) =>
        segment.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    private static ApiError Unprocessable(string why) => new(422, "Invalid", $"the server rejected our request due to an error in our request: {why}");
}
