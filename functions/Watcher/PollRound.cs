namespace IoFog.Operator.Watcher;

/// <summary>In which order the Controller is read: all lists, then all applications by name, and again. It is true to that order when applications come and go.</summary>
/// <param name="lists">Paths of lists.</param>
internal sealed class PollRound(IReadOnlyList<string> lists)
{
    private const string ApplicationPath = "application/";

    private string? last;

    /// <summary>What to read next; null when the round is complete, after which another one begins.</summary>
    /// <param name="applications">Those that matter now.</param>
    public string? Next(IEnumerable<string> applications)
    {
        var done = last is null ? -1 : lists.ToList().IndexOf(last);
        last = (last is null || done >= 0) && done + 1 < lists.Count
            ? lists[done + 1]
            : applications.Select(name => $"{ApplicationPath}{name}").Where(path => done >= 0 || last is null || string.CompareOrdinal(path, last) > 0).Min(StringComparer.Ordinal);
        return last;
    }

    /// <summary>The application's name where the path leads to one; null for a list.</summary>
    public static string? ApplicationOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.StartsWith(ApplicationPath, StringComparison.Ordinal) ? path[ApplicationPath.Length..] : null;
    }
}
