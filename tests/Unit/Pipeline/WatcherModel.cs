using System.Text;
using System.Text.Json.Nodes;
using IoFog.Operator.Watcher;

namespace IoFog.Operator.Unit.Pipeline;

/// <summary>One watcher: its table, what the API server has yet to tell it, and its own idea of the time.</summary>
internal sealed class WatcherModel(Random random, Func<DateTimeOffset> time)
{
    private readonly DueTable table = new(new() { Jitter = () => 0.9 + (0.2 * random.NextDouble()) });
    private readonly Queue<JsonObject> events = [];
    private readonly HashSet<(Guid Uid, long Turn, DueReason Reason)> firsts = [];
    private TimeSpan offset;

    public DueTable Table => table;

    /// <summary>False while the watch is broken: events come later, in order.</summary>
    public bool IsWatching { get; private set; } = true;

    public bool IsQuiet => events.Count == 0 && IsWatching && table.NeedsCount.Count == 0;

    public DateTimeOffset Now => time() + offset;

    public void Enqueue(JsonObject content) => events.Enqueue(content);

    /// <summary>Reads the next event, if there is one and it can come.</summary>
    public void Observe()
    {
        if (!IsWatching || !events.TryDequeue(out var content))
            return;
        if (content["gone"] is not null)
            table.Forget(Kinds.Agent, new("default", content["metadata"]!["name"]!.GetValue<string>()));
        else
            table.Observe(Kinds.Agent, new WatchedReader(Kinds.Agent).Read(Encoding.UTF8.GetBytes(content.ToJsonString())), Now);
    }

    public void LoseWatch()
    {
        IsWatching = false;
        table.Lost(Kinds.Agent);
    }

    public void OpenWatch()
    {
        IsWatching = true;
        table.Resumed(Kinds.Agent);
    }

    /// <summary>Lists as after a loss of history, or at the start.</summary>
    /// <param name="objects">All there are.</param>
    /// <param name="queueIsEmpty">Null when the storage has yet to say.</param>
    public void List(IEnumerable<byte[]> objects, bool? queueIsEmpty)
    {
        events.Clear();
        var present = new HashSet<Guid>();
        foreach (var utf8 in objects)
        {
            var watched = new WatchedReader(Kinds.Agent).Read(utf8);
            present.Add(watched.Uid);
            table.Observe(Kinds.Agent, watched, Now);
        }

        table.Listed(Kinds.Agent, present, queueIsEmpty, Now);
        OpenWatch();
    }

    public void SetClock(TimeSpan to)
    {
        table.ClockSet(to - offset);
        offset = to;
    }

    /// <returns>False when the same was put for the same turn before, and nothing had been lost.</returns>
    public bool IsFirst(Send send) => send.Again || firsts.Add((send.Change.Uid, send.SentTurn, send.Change.Reason));
}
