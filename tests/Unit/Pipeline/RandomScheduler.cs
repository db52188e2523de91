using System.Runtime.CompilerServices;

namespace IoFog.Operator.Unit.Pipeline;

/// <summary>Lets tasks run on one thread up to their next yield, and picks who goes on at random, so that a seed repeats an interleaving.</summary>
internal sealed class RandomScheduler(Random random)
{
    private readonly List<Action> waiting = [];

    public bool IsIdle => waiting.Count == 0;

    /// <summary>To be awaited where another task may come between.</summary>
    public Pause Yield() => new(this);

    /// <summary>Lets one task go on.</summary>
    public void Step()
    {
        var i = random.Next(waiting.Count);
        var next = waiting[i];
        waiting.RemoveAt(i);
        next();
    }

    internal readonly struct Pause(RandomScheduler scheduler) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => false;

        public Pause GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => scheduler.waiting.Add(continuation);

        public void UnsafeOnCompleted(Action continuation) => scheduler.waiting.Add(continuation);
    }
}
