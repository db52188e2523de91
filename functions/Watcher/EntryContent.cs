using System.IO.Hashing;
using System.Text.Json;

namespace IoFog.Operator.Watcher;

/// <summary>Hashes what the Controller says of each entry.</summary>
internal static class EntryContent
{
    /// <summary>Fields that move while nothing of interest happens; with them every look would wake every object.</summary>
    private static readonly HashSet<string> HeartBeats = new(StringComparer.Ordinal)
    {
        "lastActive", "lastStatusTime", "lastCommandTime", "daemonOperatingDuration", "daemonLastStart", "systemTime", "updatedAt",
        "memoryUsage", "diskUsage", "cpuUsage", "systemAvailableDisk", "systemAvailableMemory", "systemTotalCpu",
        "processedMessages", "messageSpeed", "operatingDuration", "startTime", "percentage", "rebuild", "configLastUpdated", "imageSnapshot",
        "catalogItemMessageCounts", "repositoryStatus", "repositoryCount",

        // What a device says that no status shows; and what an agent has is said by the edge resource.
        "memoryViolation", "diskViolation", "cpuViolation", "securityStatus", "securityViolationInfo", "catalogItemStatus", "networkInterface",
        "isReadyToUpgrade", "isReadyToRollback", "tunnel", "edgeResources",
    };

    /// <summary>Hash of the name of each entry → hash of its content.</summary>
    /// <param name="kind">Whose entries; its <see cref="Kind.Entry"/> says where they are.</param>
    /// <param name="answer">Of the list.</param>
    /// <exception cref="JsonException">It is no such list.</exception>
    public static Dictionary<ulong, ulong> Read(Kind kind, JsonElement answer) => Understood(() => Read(kind, answer, null));

    /// <summary>What an application holds.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="answer">The application with its microservices and routes.</param>
    /// <exception cref="JsonException">It is no application.</exception>
    public static ApplicationContent ReadApplication(string name, JsonElement answer) => Understood(() => ContentOf(name, answer));

    private static ApplicationContent ContentOf(string name, JsonElement answer)
    {
        var own = new XxHash64();
        var inside = new Dictionary<ulong, ulong>();
        foreach (var kind in new[] { Kinds.Microservice, Kinds.Route })
        {
            foreach (var (entry, content) in Read(kind, answer, name))
                inside[entry] = content;
        }

        foreach (var member in answer.EnumerateObject().Where(member => member.Name is not ("microservices" or "routes") && !HeartBeats.Contains(member.Name)))
        {
            own.Append(System.Text.Encoding.UTF8.GetBytes(member.Name));
            Append(own, member.Value);
        }

        return new(NotZero(own), inside);
    }

    // What is not of the expected type, or half of a surrogate pair.
    private static T Understood<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("the Controller's answer is of another form, or no Unicode", e);
        }
    }

    private static Dictionary<ulong, ulong> Read(Kind kind, JsonElement answer, string? application)
    {
        var entry = kind.Entry!;
        var entries = new Dictionary<ulong, ulong>();
        if (!answer.TryGetProperty(entry.Items, out var items) || items.ValueKind != JsonValueKind.Array)
            return entries;
        foreach (var item in items.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object))
        {
            var hash = EntryName.Hash(kind, entry.Fields, Text(item, entry.NamedBy), application, Text(item, "version"));
            if (hash != 0)
                entries[hash] = entries.GetValueOrDefault(hash) ^ HashOf(item); // entries of one name count together
        }

        return entries;
    }

    private static ulong HashOf(JsonElement item)
    {
        var hash = new XxHash64();
        Append(hash, item);
        return NotZero(hash);
    }

    private static ulong NotZero(XxHash64 hash) => hash.GetCurrentHashAsUInt64() is var value and not 0 ? value : 1;

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
