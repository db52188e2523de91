using IoFog.Operator.Local;

namespace IoFog.Operator.Benchmarks.Rig;

/// <summary>Which part of the local stack takes how much of the machine's processors.</summary>
internal sealed class ProcessorShares
{
    private readonly LocalStack stack;
    private readonly Dictionary<string, double> before;

    private ProcessorShares(LocalStack stack) => (this.stack, before) = (stack, Now(stack));

    public static ProcessorShares Begin(LocalStack stack) => new(stack);

    /// <summary>Seconds of processor time since the beginning, by part. What is real and elsewhere is not in it.</summary>
    public IReadOnlyDictionary<string, double> Spent() => Now(stack).ToDictionary(part => part.Key, part => part.Value - before[part.Key]);

    private static Dictionary<string, double> Now(LocalStack stack) => new()
    {
        ["the watcher"] = ProcessMemory.ProcessorTime(stack.Watcher.Id),
        ["the apps"] = ProcessMemory.Started("app").Sum(ProcessMemory.ProcessorTime), // none of them ends meanwhile
        ["Azurite"] = ProcessMemory.ProcessorTime(stack.Storage.ProcessId),
        ["emulators, host and this program"] = ProcessMemory.ProcessorTime(Environment.ProcessId),
    };
}
