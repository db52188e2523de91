using System.Collections.Frozen;
using System.Runtime.CompilerServices;

namespace IoFog.Operator.Watcher.Scaling;

/// <summary>
/// How many objects of each kind are in work: their change waits for a place in the queue, is in it, or somebody holds a claim.
/// The table writes it, under its lock; it is read without one.
/// </summary>
internal sealed class Backlog
{
    private readonly FrozenDictionary<Kind, StrongBox<int>> counts = Kinds.All.ToFrozenDictionary(kind => kind, _ => new StrongBox<int>());
    private readonly TaskCompletionSource known = NewSignal();
    private TaskCompletionSource began = NewSignal();

    /// <summary>Completes once every kind was listed: what is said before would not be the whole truth. A watcher that does not lead never lists.</summary>
    public Task Known => known.Task;

    /// <summary>Completes when a kind without work gets some. Take it before you look at the counts.</summary>
    public Task Began => Volatile.Read(ref began).Task;

    public int Of(Kind kind) => Volatile.Read(ref counts[kind].Value);

    public int Of(IReadOnlyList<Kind> kinds)
    {
        var sum = 0;
        foreach (var kind in kinds)
            sum += Of(kind);
        return sum;
    }

    public void BecomeKnown() => known.TrySetResult();

    /// <summary>One more, or one less.</summary>
    public void Add(Kind kind, int by)
    {
        var count = counts[kind];
        Volatile.Write(ref count.Value, count.Value + by);
        if (by > 0 && count.Value == by)
            Interlocked.Exchange(ref began, NewSignal()).SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
