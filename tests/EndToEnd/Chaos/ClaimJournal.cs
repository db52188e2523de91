using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using IoFog.Operator.Local.Cluster;
using IoFog.Operator.Local.Controller;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.EndToEnd.Chaos;

/// <summary>
/// Every version of every object as the API server stored it, and when. Beside the Controller's own journal it shows who wrote without a
/// claim, and how long each edit took to settle. Both clocks are this process's: nothing is guessed.
/// </summary>
internal sealed class ClaimJournal
{
    private const string Agent = "iofog-operator/";

    private readonly ConcurrentQueue<Entry> entries = [];

    public ClaimJournal(Storage storage)
    {
        var plurals = Kinds.All.Select(kind => kind.Plural).ToHashSet();
        storage.Changed += (kind, happened) =>
        {
            if (kind.Group == Kind.Group && plurals.Contains(kind.Plural))
                entries.Enqueue(Entry.Of(happened, TimeProvider.System.GetUtcNow()));
        };
    }

    /// <summary>How many versions were stored: edits, claims and ends of turns.</summary>
    public int Versions => entries.Count;

    /// <summary>Turns that ended as a takeover of a dead handler's.</summary>
    public int Takeovers => entries.Count(entry => entry.Reason == Reasons.HandlerDied);

    /// <summary>The claims, by the object's name, each with the time from its first to its last version.</summary>
    public ILookup<string, Held> Claims => Timelines().SelectMany(ClaimsOf).ToLookup(held => held.Name);

    /// <summary>The writes that began while their writer did not hold the object that the entry belongs to, as sentences.</summary>
    /// <param name="requests">The Controller's journal.</param>
    /// <param name="nameOf">The names of entries by their uuids, of what has an id by the end of its path, as <c>flow/7</c>.</param>
    public IEnumerable<string> Intrusions(IEnumerable<JournalEntry> requests, IReadOnlyDictionary<string, string> nameOf)
    {
        var claims = Claims;
        foreach (var write in Writes(requests))
        {
            var (name, holder) = (ObjectOf(write, nameOf, claims), write.Caller[Agent.Length..]);
            if (name is null)
                yield return $"{write.Began:HH:mm:ss.fff} {write.Method} {write.Path} by {holder}: of no object";
            else if (!claims[name].Any(held => held.Holder == holder && held.From <= write.Began && write.Began <= held.To))
                yield return $"{write.Began:HH:mm:ss.fff} {write.Method} {write.Path} by {holder} without a claim on {name}";
        }
    }

    /// <summary>Pairs of writes for one object by different handlers that were in work at the same time, as sentences.</summary>
    /// <inheritdoc cref="Intrusions"/>
    public IEnumerable<string> Overlaps(IEnumerable<JournalEntry> requests, IReadOnlyDictionary<string, string> nameOf)
    {
        var claims = Claims;
        foreach (var writes in Writes(requests).GroupBy(write => ObjectOf(write, nameOf, claims)))
        {
            var ordered = writes.OrderBy(write => write.Began).ToArray();
            foreach (var (before, after) in ordered.Zip(ordered.Skip(1)))
            {
                if (before.Caller != after.Caller && after.Began < before.Time)
                    yield return $"{writes.Key}: {before.Method} {before.Path} by {before.Caller} and {after.Method} {after.Path} by {after.Caller}";
            }
        }
    }

    /// <summary>The writes of handlers: everything but reads and logins.</summary>
    public static IEnumerable<JournalEntry> Writes(IEnumerable<JournalEntry> requests) =>
        requests.Where(request => request.Method != "GET" && request.Caller.StartsWith(Agent, StringComparison.Ordinal)
            && request.Caller != Agent + Claim.Instance && !request.Path.Contains("/user/", StringComparison.Ordinal));

    /// <summary>For each generation of each object, how long it took until it was looked at, or the object was gone; null where neither has happened.</summary>
    public IEnumerable<(string Name, TimeSpan? Took)> Recoveries()
    {
        foreach (var timeline in Timelines())
        {
            for (var i = 0; i < timeline.Length; i++)
            {
                var entry = timeline[i];
                if (i > 0 && timeline[i - 1].Generation == entry.Generation)
                    continue;
                var done = timeline.Skip(i).FirstOrDefault(later => later.IsGone || (later.Observed >= entry.Generation && later.Holder is null));
                yield return (entry.Name, done is null ? null : done.At - entry.At);
            }
        }
    }

    private IEnumerable<Entry[]> Timelines() => entries.GroupBy(entry => entry.Uid).Select(group => group.OrderBy(entry => entry.Version).ToArray());

    private static IEnumerable<Held> ClaimsOf(Entry[] timeline)
    {
        for (var i = 0; i < timeline.Length; i++)
        {
            if (timeline[i].Holder is not { } holder || (i > 0 && timeline[i - 1].ClaimTurn == timeline[i].ClaimTurn))
                continue;
            var end = timeline.Skip(i).FirstOrDefault(later => later.ClaimTurn != timeline[i].ClaimTurn || later.IsGone);
            yield return new(timeline[i].Name, holder, timeline[i].At, end?.At ?? DateTimeOffset.MaxValue);
        }
    }

    /// <summary>The name in the path that is an object's, the last one first, else the one in the body; what an application declares bears its name before two dashes.</summary>
    private static string? ObjectOf(JournalEntry write, IReadOnlyDictionary<string, string> nameOf, ILookup<string, Held> claims)
    {
        var segments = write.Path.Split('/').Reverse().ToArray();
        return segments.Append(write.Method == "POST" ? write.Name : null)
            .Prepend(write.Method == "POST" ? write.Name : null)
            .Prepend(segments.Length > 1 ? $"{segments[1]}/{segments[0]}" : null)
            .OfType<string>()
            .Select(segment => (nameOf.TryGetValue(segment, out var name) ? name : segment).Split("--")[0])
            .FirstOrDefault(claims.Contains);
    }

    /// <summary>One claim.</summary>
    internal sealed record Held(string Name, string Holder, DateTimeOffset From, DateTimeOffset To);

    /// <summary>One version of one object.</summary>
    private sealed record Entry(string Uid, string Name, long Version, DateTimeOffset At, bool IsGone)
    {
        public required long Generation { get; init; }

        public long Observed { get; private init; }

        public string? Holder { get; private init; }

        public long ClaimTurn { get; private init; }

        public string? Reason { get; private init; }

        public static Entry Of(Event happened, DateTimeOffset at)
        {
            var (content, metadata) = (happened.Object.Content, happened.Object.Metadata);
            var (status, gone) = (content["status"] as JsonObject, happened.Type == "DELETED");
            var before = Number(happened.Before?.Content["status"]?["turn"]);
            var turn = Number(status?["turn"]);
            return new(happened.Object.Uid, happened.Object.Name, happened.Version, at, gone)
            {
                Generation = Number(metadata["generation"]),
                Observed = Number(status?["observedGeneration"]),
                Holder = gone ? null : status?["claim"]?["holder"]?.GetValue<string>(),
                ClaimTurn = gone ? 0 : Number(status?["claim"]?["turn"]),
                Reason = turn == before ? null : status?["conditions"]?.AsArray().FirstOrDefault(condition => condition!["type"]!.GetValue<string>() == Names.Ready)?["reason"]?.GetValue<string>(),
            };
        }

        private static long Number(JsonNode? node) => node is null ? 0 : Numbers.Long(node);
    }
}
