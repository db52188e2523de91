namespace IoFog.Operator.Watcher;

/// <summary>The objects of one application, and what the Controller holds of it.</summary>
internal sealed class ApplicationGroup(string name)
{
    public string Name => name;

    /// <summary>How many objects are or are part of it.</summary>
    public int Members { get; set; }

    /// <summary>The look at the Controller that showed it last; 0 for none.</summary>
    public long Shown { get; set; }

    /// <summary>Null until the Controller has shown it.</summary>
    public ApplicationContent? Content { get; set; }
}

/// <summary>What the Controller holds of an application, as hashes.</summary>
/// <param name="Own">Of its own fields; 0 when it is not there.</param>
/// <param name="Entries">Hash of what names a microservice or a route → hash of its content.</param>
internal sealed record ApplicationContent(ulong Own, IReadOnlyDictionary<ulong, ulong> Entries)
{
    public static readonly ApplicationContent Absent = new(0, new Dictionary<ulong, ulong>());

    public bool SameAs(ApplicationContent other) => Own == other.Own && Entries.Count == other.Entries.Count
        && Entries.All(entry => other.Entries.TryGetValue(entry.Key, out var hash) && hash == entry.Value);
}
