using System.Collections.Concurrent;

namespace IoFog.Operator.Admin;

/// <summary>A bucket of requests per caller: it fills at a rate, and holds three seconds' worth.</summary>
internal sealed class RateLimit(double perSecond, TimeProvider time)
{
    private const int Burst = 3;
    private const int Most = 2000;

    private readonly ConcurrentDictionary<string, Bucket> buckets = new(StringComparer.Ordinal);

    /// <exception cref="Problem">429: the bucket is empty.</exception>
    public void Take(string caller)
    {
        if (buckets.Count >= Most)
            buckets.Clear(); // full buckets for everybody: at worst a caller gets a burst twice
        var bucket = buckets.GetOrAdd(caller, _ => new(perSecond * Burst, time.GetTimestamp()));
        lock (bucket)
        {
            var now = time.GetTimestamp();
            bucket.Left = Math.Min(perSecond * Burst, bucket.Left + (time.GetElapsedTime(bucket.At, now).TotalSeconds * perSecond));
            bucket.At = now;
            if (bucket.Left < 1)
                throw new Problem(429, $"Too many requests: {perSecond} per second are fine") { RetryAfter = TimeSpan.FromSeconds(Math.Max(1, (1 - bucket.Left) / perSecond)) };
            bucket.Left--;
        }
    }

    private sealed class Bucket(double left, long at)
    {
        public double Left { get; set; } = left;

        public long At { get; set; } = at;
    }
}
