namespace IoFog.Operator.Watcher;

/// <summary>
/// In which order the Controller is read: all lists round and round, and all applications by name, each side for as much time as the other. So
/// the agents of a large network, which come as one long answer, do not wait for thousands of applications, nor these for them. The order
/// stays true when applications come and go. What is in motion is read ahead of its turn, but only every second time: so it waits for nothing
/// that is at rest, and however much of it there is, everything is seen in the end. What could not be read is left out for more and more rounds.
/// </summary>
/// <param name="lists">Paths of lists.</param>
/// <param name="time">By which the two sides are balanced.</param>
internal sealed class PollRound(IReadOnlyList<string> lists, TimeProvider time)
{
    private const string ApplicationPath = "application/";
    private const int MostRoundsLeftOut = 15;

    private readonly Side listed = new();
    private readonly Side applied = new();
    private readonly Dictionary<string, (int Times, int LeaveOut)> failures = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> readAt = new(StringComparer.Ordinal);
    private bool wasAhead;
    private long reads;
    private long readsBeforeLook;
    private long readsBeforeRound;
    private TimeSpan lead;
    private Side? reading;
    private string? path;
    private long began;

    /// <summary>How long it took to see everything once.</summary>
    public TimeSpan Duration => listed.Duration > applied.Duration ? listed.Duration : applied.Duration;

    /// <summary>How many paths could not be read when they were last tried.</summary>
    public int Failed => failures.Count;

    /// <summary>A look begins, in which neither side goes round more than once.</summary>
    public void Begin()
    {
        listed.IsOver = applied.IsOver = false;
        readsBeforeLook = reads;
    }

    /// <summary>What to read next; null when both sides are through.</summary>
    /// <param name="applications">Those that matter now.</param>
    /// <param name="moving">Those of them in which something is not as it is to be.</param>
    public string? Next(IEnumerable<string> applications, IEnumerable<string> moving)
    {
        wasAhead = !wasAhead && GoAhead(moving);
        if (wasAhead)
            return path;
        var paths = PathsOf(applications);
        while (!(listed.IsOver && applied.IsOver))
        {
            reading = applied.IsOver || (lead <= TimeSpan.Zero && !listed.IsOver) ? listed : applied;
            path = reading == listed
                ? lists.Skip(listed.Last is null ? 0 : lists.ToList().IndexOf(listed.Last) + 1).FirstOrDefault()
                : paths.FirstOrDefault(path => applied.Last is null || string.CompareOrdinal(path, applied.Last) > 0);
            began = time.GetTimestamp();
            reading.Go(path, time);
            if (path is null && reading == applied)
                readsBeforeRound = reads;
            if (path is not null && readAt.GetValueOrDefault(path) <= readsBeforeRound && !IsLeftOut(path))
                return path;
        }

        lead = TimeSpan.Zero; // there was time enough for both
        foreach (var gone in failures.Keys.Except(lists).Except(paths).ToArray())
            failures.Remove(gone);
        foreach (var gone in readAt.Keys.Except(paths).ToArray())
            readAt.Remove(gone);
        return null;
    }

    /// <summary>What was to be read has been, or could not be.</summary>
    /// <returns>True where that is another outcome than the one before.</returns>
    public bool Ends(bool isGood)
    {
        var took = time.GetElapsedTime(began);
        lead += reading == listed ? took : -took;
        if (reading == applied)
            readAt[path!] = ++reads;
        if (isGood)
            return failures.Remove(path!);
        var times = failures.GetValueOrDefault(path!).Times + 1;
        failures[path!] = (times, Math.Min((1 << Math.Min(times - 1, 10)) - 1, MostRoundsLeftOut));
        return times == 1;
    }

    /// <summary>The application's name where the path leads to one; null for a list.</summary>
    public static string? ApplicationOf(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.StartsWith(ApplicationPath, StringComparison.Ordinal) ? path[ApplicationPath.Length..] : null;
    }

    /// <summary>Goes to what is in motion and was not read for the longest time, and not in this look.</summary>
    /// <returns>False when there is nothing.</returns>
    private bool GoAhead(IEnumerable<string> moving)
    {
        if (PathsOf(moving).Where(path => !failures.ContainsKey(path)).MinBy(path => readAt.GetValueOrDefault(path)) is not { } next
            || readAt.GetValueOrDefault(next) > readsBeforeLook)
            return false;
        (reading, path, began) = (applied, next, time.GetTimestamp());
        return true;
    }

    private static string[] PathsOf(IEnumerable<string> applications) =>
        [.. applications.Select(static name => $"{ApplicationPath}{name}").Order(StringComparer.Ordinal)];

    private bool IsLeftOut(string path)
    {
        if (!failures.TryGetValue(path, out var failure) || failure.LeaveOut == 0)
            return false;
        failures[path] = failure with { LeaveOut = failure.LeaveOut - 1 };
        return true;
    }

    /// <summary>Where one of the two is.</summary>
    private sealed class Side
    {
        private long began;

        public string? Last { get; private set; }

        public bool IsOver { get; set; }

        public TimeSpan Duration { get; private set; }

        /// <param name="path">The next one; null when it is through.</param>
        /// <param name="time">That passes.</param>
        public void Go(string? path, TimeProvider time)
        {
            if (Last is null && path is not null)
                began = time.GetTimestamp();
            else if (path is null)
                (IsOver, Duration) = (true, Last is null ? TimeSpan.Zero : time.GetElapsedTime(began));
            Last = path;
        }
    }
}
