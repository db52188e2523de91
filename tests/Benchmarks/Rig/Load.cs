using Azure.Storage.Queues;

namespace IoFog.Operator.Benchmarks.Rig;

/// <summary>Closed loops, for what a part can do, and open ones, for how long somebody waits.</summary>
internal static class Load
{
    private const int Seed = 7;

    /// <summary>A message as long as a change is.</summary>
    public static string Message { get; } = Convert.ToBase64String(new byte[450]);

    /// <summary>So many at a time, as fast as they are served: how long all of them take.</summary>
    public static async Task<TimeSpan> TimeAsync(int count, int atOnce, Func<int, CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken }, (i, token) => new(act(i, token)));
        return TimeProvider.System.GetElapsedTime(began);
    }

    /// <summary>
    /// Each begins at its time, however long those before it take: so a stall shows in all that it delays. The pauses are exponential, as of
    /// people who know nothing of each other, and the same in every run.
    /// </summary>
    public static async Task ArriveAsync(int count, TimeSpan meanPause, Func<int, Task> act, CancellationToken cancellationToken)
    {
        var random = new Random(Seed);
        var begun = new List<Task>(count);
        var began = TimeProvider.System.GetTimestamp();
        var due = TimeSpan.Zero;
        for (var i = 0; i < count; i++)
        {
            if (due - TimeProvider.System.GetElapsedTime(began) is var wait && wait > TimeSpan.Zero)
                await Task.Delay(wait, TimeProvider.System, cancellationToken);
            begun.Add(act(i));
#pragma warning disable CA5394 // a load that repeats, not security
            due += meanPause * -Math.Log(1 - random.NextDouble());
#pragma warning restore CA5394
        }

        await Task.WhenAll(begun);
    }

    /// <summary>A queue of its own for as long as it is used.</summary>
    public static async Task<TimeSpan> WithQueueAsync(string connectionString, Func<QueueClient, Task<TimeSpan>> use, CancellationToken cancellationToken)
    {
        var queue = new QueueClient(connectionString, $"load-{Guid.NewGuid():N}");
        await queue.CreateAsync(cancellationToken: cancellationToken);
        var took = await use(queue);
        await queue.DeleteAsync(cancellationToken);
        return took;
    }
}
