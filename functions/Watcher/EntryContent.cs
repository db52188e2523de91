using System.IO.Hashing;
using System.Text.Json;

namespace IoFog.Operator.Watcher;

/// <summary>Hashes what the Controller's lists say of each entry.</summary>
internal static class EntryContent
{
    /// <summary>Fields that move while nothing of interest happens; with them every look would wake every object.</summary>
    private static readonly HashSet<string> HeartBeats = new(StringComparer.Ordinal)
    {
        "lastActive", "lastStatusTime", "lastCommandTime", "daemonOperatingDuration", "daemonLastStart", "systemTime", "updatedAt",
        "memoryUsage", "diskUsage", "cpuUsage", "systemAvailableDisk", "systemAvailableMemory", "systemTotalCpu",
        "processedMessages", "messageSpeed", "operatingDuration", "percentage", "rebuild",
        "catalogItemMessageCounts", "repositoryStatus", "repositoryCount",
    };

    /// <summary>Hash of the name of each entry → hash of its content.</summary>
    /// <param name="kind">Whose entries; its <see cref="Kind.Entry"/> says where they are.</param>
    /// <param name="list">The answer.</param>
    public static Dictionary<ulong, ulong> Read(Kind kind, JsonElement list)
    {
        var entry = kind.Entry!;
        var entries = new Dictionary<ulong, ulong>();
        Collect(kind, entry, list, entry.Items.Split('/'), null, entries);
        return entries;
    }

    private static void Collect(
        Kind kind, ControllerEntry entry, JsonElement around, ReadOnlySpan<string> arrays, string? parent, Dictionary<ulong, ulong> entries)
    {
        if (!around.TryGetProperty(arrays[0], out var items) || items.ValueKind != JsonValueKind.Array)
            return;
        foreach (var item in items.EnumerateArray())
        {
            var name = Text(item, "name");
            if (arrays.Length > 1)
            {
                Collect(kind, entry, item, arrays[1..], name, entries);
                continue;
            }

            var hash = EntryName.Hash(kind, entry.Fields, name, parent, Text(item, "version"));
            if (hash != 0)
                entries[hash] = entries.GetValueOrDefault(hash) ^ HashOf(item); // entries of one name count together
        }
    }

    private static ulong HashOf(JsonElement item)
    {
        var hash = new XxHash64();
        Append(hash, item);
        return hash.GetCurrentHashAsUInt64() is var value and not 0 ? value : 1;
    }

    private static void Append(XxHash64 hash, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    if (HeartBeats.Contains(member.Name))
                        continue;
                    hash.Append(System.Text.Encoding.UTF8.GetBytes(member.Name));
                    Append(hash, member.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    Append(hash, item);
                hash.Append("]"u8);
                break;
            default:
                hash.Append(System.Text.Encoding.UTF8.GetBytes(element.GetRawText()));
                break;
        }
    }

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
