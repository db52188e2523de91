using System.Globalization;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster.Schemas;

/// <summary>Others own fields that an apply would change.</summary>
internal sealed class ApplyConflictException(IReadOnlyList<(string Manager, string Field)> conflicts)
    : Exception($"Apply failed with {conflicts.Count} conflict{(conflicts.Count == 1 ? "" : "s")}: "
        + string.Join("\n", conflicts.Select(conflict => $"conflict with \"{conflict.Manager}\": {conflict.Field}")))
{
    public IReadOnlyList<(string Manager, string Field)> Conflicts => conflicts;
}

/// <summary>Server-side apply, and the bookkeeping of who owns which field.</summary>
internal static class ServerSideApply
{
    /// <summary>Makes the object hold what is applied, and no longer what this manager applied before.</summary>
    /// <exception cref="ApplyConflictException">Others own what would change, and it is not forced.</exception>
    public static JsonObject Apply(
        JsonObject live, JsonObject applied, string manager, bool force, MergeRules rules, string? subresource, string apiVersion, DateTimeOffset now)
    {
        var owners = Owners.Read(live);
        var wanted = FieldSet.Of(applied, rules);
        var mine = owners.Find(manager, "Apply", subresource);
        var conflicts = owners.Others(mine)
            .SelectMany(other => other.Fields.And(wanted).Leaves
                .Where(leaf => !JsonNode.DeepEquals(FieldSet.Read(live, leaf), FieldSet.Read(applied, leaf)))
                .Select(leaf => (other.Manager, Leaf: leaf)))
            .ToArray();
        if (conflicts.Length > 0 && !force)
            throw new ApplyConflictException([.. conflicts.Select(conflict => (conflict.Manager, FieldSet.Display(conflict.Leaf)))]);

        var merged = live.DeepClone().AsObject();
        Merge(merged, applied, rules);
        var abandoned = (mine?.Fields ?? FieldSet.Empty).Without(wanted);
        FieldSet.Remove(merged, abandoned.Leaves.Where(leaf => !owners.Others(mine).Any(other => other.Fields.Contains(leaf))));
        FieldSet.Remove(merged, abandoned.Items.Where(item => !wanted.IsWithin(item) && !owners.Others(mine).Any(other => other.Fields.IsWithin(item))));
        var lost = new HashSet<string>(conflicts.Select(conflict => conflict.Leaf));
        owners.Set(manager, "Apply", subresource, apiVersion, wanted, now);
        owners.TakeFromOthers(manager, "Apply", subresource, lost.Contains);
        owners.Write(merged);
        return merged;
    }

    /// <summary>Records what an update changed.</summary>
    public static void Track(
        JsonObject? before, JsonObject after, string manager, MergeRules rules, string? subresource, string apiVersion, DateTimeOffset now)
    {
        // Who writes the list of managers means it, as when fields are handed over from updates to applies.
        var handsOver = after["metadata"]?["managedFields"] is JsonArray { Count: > 0 };
        var owners = Owners.Read(handsOver || before is null ? after : before);
        var had = before is null ? FieldSet.Empty : FieldSet.Of(before, rules);
        var has = FieldSet.Of(after, rules);
        var changed = has.Where(leaf => before is null || !had.Contains(leaf)
            || !JsonNode.DeepEquals(FieldSet.Read(before, leaf), FieldSet.Read(after, leaf)));
        owners.KeepOnly(has);
        owners.TakeFromOthers(manager, "Update", subresource, changed.Contains);
        var mine = owners.Find(manager, "Update", subresource)?.Fields ?? FieldSet.Empty;
        if (!changed.IsEmpty)
            owners.Set(manager, "Update", subresource, apiVersion, mine.With(changed), now);
        owners.Write(after);
    }

    private static void Merge(JsonObject into, JsonObject applied, MergeRules rules)
    {
        foreach (var (name, value) in applied)
        {
            if (name == "managedFields")
                continue;
            var inner = rules.Member(name);
            if (value is JsonObject map && into[name] is JsonObject old && !inner.IsAtomic)
                Merge(old, map, inner);
            else if (value is JsonArray list && into[name] is JsonArray oldList && inner.ListKeys is { } keys)
                MergeList(oldList, list, keys, inner.Item());
            else
                into[name] = value?.DeepClone();
        }
    }

    /// <summary>
    /// The order is that of who applies. What is others' alone stays where it was, before the next of those that both have.
    /// </summary>
    private static void MergeList(JsonArray into, JsonArray applied, IReadOnlyList<string> keys, MergeRules rules)
    {
        var (live, items) = (into.ToArray(), new List<JsonNode?>());
        into.Clear();
        string[] left = [.. live.Select(Key)], right = [.. applied.Select(Key)];
        var (had, wanted) = (left.ToHashSet(StringComparer.Ordinal), right.ToHashSet(StringComparer.Ordinal));
        var (taken, shared) = (new HashSet<string>(StringComparer.Ordinal), new Queue<string>(right.Where(had.Contains)));
        for (var (l, r) = (0, 0); l < left.Length || r < right.Length;)
        {
            if (l < left.Length && r < right.Length && left[l] == right[r])
            {
                Take(r++);
                l++;
            }
            else if (l < left.Length && !wanted.Contains(left[l]))
            {
                items.Add(live[l++]);
            }
            else if (l < left.Length && (taken.Contains(left[l]) || (r < right.Length && shared.TryPeek(out var next) && next != left[l])))
            {
                l++; // it stands elsewhere now
            }
            else if (r < right.Length)
            {
                Take(r++);
            }
            else
            {
                l++;
            }
        }

        foreach (var item in items)
            into.Add(item);

        string Key(JsonNode? item) => keys.Count == 0 ? item!.ToJsonString() : MergeRules.KeyOf(item!.AsObject(), keys).ToJsonString();

        void Take(int at)
        {
            if (!taken.Add(right[at]))
                return;
            if (shared.TryPeek(out var next) && next == right[at])
                shared.Dequeue();
            if (Array.IndexOf(left, right[at]) is >= 0 and var same && live[same] is JsonObject old && applied[at] is JsonObject map)
            {
                Merge(old, map, rules);
                items.Add(old);
            }
            else
            {
                items.Add(applied[at]?.DeepClone());
            }
        }
    }

    private sealed record Owner(string Manager, string Operation, string? Subresource, string ApiVersion, string Time, FieldSet Fields);

    private sealed class Owners(List<Owner> all)
    {
        public static Owners Read(JsonObject live) => new([.. (live["metadata"]?["managedFields"] as JsonArray ?? []).Select(entry => new Owner(
            entry!["manager"]!.GetValue<string>(),
            entry["operation"]!.GetValue<string>(),
            entry["subresource"]?.GetValue<string>(),
            entry["apiVersion"]!.GetValue<string>(),
            entry["time"]!.GetValue<string>(),
            FieldSet.FromFieldsV1(entry["fieldsV1"]!.AsObject())))]);

        public Owner? Find(string manager, string operation, string? subresource) =>
            all.Find(owner => owner.Manager == manager && owner.Operation == operation && owner.Subresource == subresource);

        public IEnumerable<Owner> Others(Owner? mine) => all.Where(owner => !ReferenceEquals(owner, mine));

        public void Set(string manager, string operation, string? subresource, string apiVersion, FieldSet fields, DateTimeOffset now)
        {
            var at = all.FindIndex(owner => owner.Manager == manager && owner.Operation == operation && owner.Subresource == subresource);
            if (at >= 0 && all[at].Fields.SameAs(fields))
                return; // an identical apply leaves the time, so that nothing changes
            var entry = new Owner(manager, operation, subresource, apiVersion, now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), fields);
            if (at >= 0)
                all[at] = entry;
            else
                all.Add(entry);
        }

        public void TakeFromOthers(string manager, string operation, string? subresource, Func<string, bool> taken)
        {
            for (var i = 0; i < all.Count; i++)
            {
                if (!(all[i].Manager == manager && all[i].Operation == operation && all[i].Subresource == subresource))
                    all[i] = all[i] with { Fields = all[i].Fields.Where(leaf => !taken(leaf)) };
            }
        }

        public void KeepOnly(FieldSet present)
        {
            for (var i = 0; i < all.Count; i++)
                all[i] = all[i] with { Fields = all[i].Fields.And(present) };
        }

        public void Write(JsonObject into) =>
            into["metadata"]!["managedFields"] = new JsonArray([.. all.Where(owner => !owner.Fields.IsEmpty).Select(owner =>
            {
                var entry = new JsonObject
                {
                    ["manager"] = owner.Manager,
                    ["operation"] = owner.Operation,
                    ["apiVersion"] = owner.ApiVersion,
                    ["time"] = owner.Time,
                    ["fieldsType"] = "FieldsV1",
                    ["fieldsV1"] = owner.Fields.ToFieldsV1(),
                };
                if (owner.Subresource is not null)
                    entry["subresource"] = owner.Subresource;
                return (JsonNode)entry;
            })]);
    }
}
