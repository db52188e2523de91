using System.Text;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using IoFog.Operator.Changes;
using IoFog.Operator.Watcher;

namespace IoFog.Operator.Benchmarks.Figures;

/// <summary>The pieces that run for every event, with what they allocate.</summary>
[MemoryDiagnoser]
public class Hot
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);
    private readonly WatchedReader reader = new(Kinds.Agent);
    private readonly DueTable table = new(new());
    private byte[] json = [];
    private string message = "";
    private Watched watched = null!;
    private Change change = null!;
    private long turn;

    /// <exception cref="InvalidOperationException">Some of them did not run.</exception>
    internal static void Run()
    {
        // In this process: a project of its own would be made of the one that is called like this assembly, and there is none.
        var config = DefaultConfig.Instance.AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance));
        var summary = BenchmarkRunner.Run<Hot>(config);
        if (summary.Reports.IsEmpty || summary.Reports.Any(report => !report.Success))
            throw new InvalidOperationException("hot: some did not run; see above why");
    }

    [GlobalSetup]
    public void SetUp()
    {
        json = Encoding.UTF8.GetBytes($$$"""
            {"apiVersion":"iofog.org/v3","kind":"Agent","metadata":{"name":"zebra-1","namespace":"default","uid":"00000001-0007-0007-0102-030405060708","resourceVersion":"7","generation":3,"creationTimestamp":"2026-11-22T10:00:00Z","finalizers":["iofog.org/operator"],"managedFields":[{"manager":"{{{new string('x', 2000)}}}"}]},"spec":{"host":"10.0.0.1","config":{"memoryLimit":2048}},"status":{"observedGeneration":3,"turn":7,"conditions":[{"type":"Synced","status":"True"},{"type":"Ready","status":"True"}]}}
            """);
        watched = reader.Read(json);
        change = new() { Kind = Kinds.Agent, Key = watched.Key, Uid = watched.Uid, Reason = DueReason.Spec, Turn = 7, Time = Now };
        message = change.ToJson();
        table.Listed(Kinds.Agent, new HashSet<Guid>(), queueIsEmpty: true, Now);
    }

    [Benchmark(Description = "watch event of 3 KB → Watched")]
    public object ReadWatched() => reader.Read(json);

    [Benchmark(Description = "Due")]
    public object IsDue() => Due.Evaluate(watched, default, Now);

    [Benchmark(Description = "table: one turn observed and looked at")]
    public object Observe()
    {
        table.Observe(Kinds.Agent, watched with { Turn = ++turn }, Now);
        return table.TakeDue(Now);
    }

    [Benchmark(Description = "change → JSON")]
    public object Encode() => change.ToJson();

    [Benchmark(Description = "JSON → change")]
    public object Decode() => Change.Parse(message);
}
