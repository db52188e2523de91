using System.Runtime.CompilerServices;
using System.Text;
using IoFog.Operator.Watcher;

namespace IoFog.Operator.Unit.Watcher;

/// <summary>What the watcher costs in memory, whatever the machine. Alone, for others would be measured too.</summary>
[Collection(nameof(Alone))]
public sealed class TableSizeTests
{
    private const int Objects = 100_000;
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [CollectionDefinition(nameof(Alone), DisableParallelization = true)]
    public sealed class Alone;

    [Fact]
    public void A_watched_object_takes_at_most_400_bytes()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var table = Fill();
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Objects;
        Assert.Equal(Objects, table.Population.Count(Kinds.Agent));
        TestContext.Current.TestOutputHelper?.WriteLine($"{each:F0} bytes for each object");
        Assert.InRange(each, 100, 400);
    }

    [Fact]
    public void A_storm_of_changes_leaves_nothing_behind()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var table = Fill();
        Storm(table);
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Objects;
        Assert.Equal(0, table.Population.Backlog.Of(Kinds.Agent));
        TestContext.Current.TestOutputHelper?.WriteLine($"{each:F0} bytes for each object");
        Assert.InRange(each, 100, 400);
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // what it holds for a moment must not be measured
    private static void Storm(DueTable table)
    {
        foreach (var i in Enumerable.Range(0, Objects))
            table.Observe(Kinds.Agent, Agent(i, generation: 2), Now);
        Assert.Equal(Objects, table.TakeDue(Now).Count);
        foreach (var i in Enumerable.Range(0, Objects))
            table.Observe(Kinds.Agent, Agent(i, generation: 1), Now.AddSeconds(1));
        table.TakeDue(Now.AddSeconds(1));
        table.TakeDue(Now.AddMinutes(2)); // the checks that were planned fall away
        table.Listed(Kinds.Agent, Enumerable.Range(0, Objects).Select(Uid).ToHashSet(), queueIsEmpty: true, Now.AddMinutes(2));
        table.TakeDue(Now.AddMinutes(2));
    }

    [Fact]
    public void A_watch_event_makes_little_garbage()
    {
        const int Events = 2_000;
        var table = new DueTable(new());
        table.Listed(Kinds.Agent, new HashSet<Guid>(), queueIsEmpty: true, Now);
        var reader = new WatchedReader(Kinds.Agent);
        var json = Encoding.UTF8.GetBytes(Json(7));
        for (var warm = 0; warm < 100; warm++)
            See();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Events; i++)
            See();
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Events;
        TestContext.Current.TestOutputHelper?.WriteLine($"{each:F0} bytes of garbage for each event");
        Assert.InRange(each, 0, 800);

        void See()
        {
            table.Observe(Kinds.Agent, reader.Read(json), Now);
            table.TakeDue(Now);
        }
    }

    private static DueTable Fill()
    {
        var table = new DueTable(new());
        var reader = new WatchedReader(Kinds.Agent);
        var present = new HashSet<Guid>();
        for (var i = 0; i < Objects; i++)
        {
            var watched = reader.Read(Encoding.UTF8.GetBytes(Json(i)));
            present.Add(watched.Uid);
            table.Observe(Kinds.Agent, watched, Now);
        }

        table.Listed(Kinds.Agent, present, queueIsEmpty: true, Now);
        Assert.Empty(table.TakeDue(Now));
        return table;
    }

    private static Watched Agent(int i, long generation) => new()
    {
        Uid = Uid(i),
        Key = new("edge", $"agent-{i:D6}"),
        Generation = generation,
        ObservedGeneration = 1,
        Turn = 3 + (2 - generation),
        Entry = (ulong)i + 1,
        Synced = true,
        Ready = true,
        HasFinalizer = true,
    };

    private static Guid Uid(int i) => new($"00000000-0000-4000-8000-{i:x12}");

    private static string Json(int i) => """
        {"apiVersion":"iofog.org/v3","kind":"Agent",
         "metadata":{"name":"agent-NUMBER","namespace":"edge","uid":"UID","resourceVersion":"1","generation":1,
          "creationTimestamp":"2026-11-25T10:00:00Z","finalizers":["iofog.org/operator"],"labels":{"app":"test"},
          "managedFields":[{"manager":"kubectl","operation":"Apply","fieldsV1":{"f:spec":{"f:host":{}}}}]},
         "spec":{"host":"10.0.0.1","config":{"memoryLimit":1024}},
         "status":{"observedGeneration":1,"turn":3,"seen":{"controller":"0123456789abcdef"},"uuid":"abc",
          "conditions":[{"type":"Synced","status":"True","reason":"Synced","message":"","lastTransitionTime":"2026-11-25T10:00:00Z"},
           {"type":"Ready","status":"True","reason":"AgentRunning","message":"","lastTransitionTime":"2026-11-25T10:00:00Z"}]}}
        """.Replace("NUMBER", $"{i:D6}", StringComparison.Ordinal).Replace("UID", Uid(i).ToString("D"), StringComparison.Ordinal);
}
