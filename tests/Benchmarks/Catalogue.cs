using IoFog.Operator.Benchmarks.Figures;

namespace IoFog.Operator.Benchmarks;

/// <summary>All that can be measured.</summary>
internal static class Catalogue
{
    public static IReadOnlyList<Benchmark> All { get; } =
    [
        new("limits", "What the parts alone can do: puts, status patches, creates per second", Limits.RunAsync),
        new("watcher-memory", "The watcher with 100,000 settled objects of 3 KB", WatcherMemory.RunAsync),
        new("sizing", "What pods ask for: memory by objects, processor time by changes", Sizing.RunAsync),
        new("watcher-start", "Process start until the first list of 10,000 objects is queued", WatcherStart.RunAsync),
        new("event-to-message", "Watch event until its message is in the queue", EventToMessage.RunAsync),
        new("edit-to-status", "Edit until its status, through the whole stack, one object at a time", EditToStatus.RunAsync),
        new("burst", "1,000 creates until all are settled", Burst.RunAsync),
        new("instances", "The same with 1, 2 and 4 instances of the app", Instances.RunAsync),
        new("hundred-edits", "100 edits of one object in a second", HundredEdits.RunAsync),
        new("rest", "A minute at rest with 1,000 settled objects", Rest.RunAsync),
        new("controller-round", "The watcher sees 1,000 agents and 10,000 microservices of a Controller once", ControllerRound.RunAsync),
        new("handler-start", "Process start of an app until its first message is handled", HandlerStart.RunAsync),
        new("in-process", "The same reconcilers in one process straight from the watch: what the queues cost", InProcess.RunAsync),
    ];
}

/// <summary>Something to measure.</summary>
/// <param name="Name">On the command line.</param>
/// <param name="What">For people.</param>
/// <param name="RunAsync">One run: tells the samples what it found.</param>
internal sealed record Benchmark(string Name, string What, Func<Samples, Arguments, CancellationToken, Task> RunAsync);
