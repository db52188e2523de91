using System.Collections.Concurrent;

namespace IoFog.Operator.Admin;

/// <summary>Answers that stay true for a moment; a limited number of them.</summary>
internal sealed class Remembered<T>(TimeProvider time)
{
    private const int Most = 2000;

    private readonly ConcurrentDictionary<string, (T Answer, DateTimeOffset Until)> known = new(StringComparer.Ordinal);

    /// <param name="key">What was asked.</param>
    /// <param name="ask">Asks it.</param>
    /// <param name="lasts">How long an answer stays true.</param>
    public async Task<T> GetAsync(string key, Func<Task<T>> ask, Func<T, TimeSpan> lasts)
    {
        var now = time.GetUtcNow();
        if (known.TryGetValue(key, out var found) && found.Until > now)
            return found.Answer;
        var answer = await ask();
        if (known.Count >= Most)
            Forget(now);
        known[key] = (answer, now + lasts(answer));
        return answer;
    }

    public bool Knows(string key) => known.TryGetValue(key, out var found) && found.Until > time.GetUtcNow();

    private void Forget(DateTimeOffset now)
    {
        foreach (var (key, (_, until)) in known)
        {
            if (until <= now)
                known.TryRemove(key, out _);
        }

        if (known.Count >= Most)
            known.Clear();
    }
}
