using IoFog.Operator.Watcher;

namespace IoFog.Operator.Unit.Watcher;

public sealed class TurnResultTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, bool, Watched> Turns() => new()
    {
        { "success", false, Turn() with { Synced = true } },
        { "success", false, Turn() with { StatusPaused = true } },
        { "requeue_after", false, Turn() with { Synced = true, NextReconcileTime = Now.AddDays(30) } },
        { "requeue_after", false, Turn() with { WaitingFor = "Agent/hub", NextReconcileTime = Now.AddMinutes(1) } },
        { "requeue", false, Turn() with { NextReconcileTime = Now } },
        { "error", false, Turn() with { NextReconcileTime = Now.AddSeconds(4) } },
        { "error", true, Turn() },
    };

    [Theory]
    [MemberData(nameof(Turns), DisableDiscoveryEnumeration = true)]
    public void Says_in_controller_runtimes_words_how_a_turn_ended(string name, bool isTerminal, Watched after) =>
        Assert.Equal(new TurnResult(name, isTerminal), TurnResult.Of(after, Now));

    private static Watched Turn() => new() { Uid = Guid.NewGuid(), Key = new("edge", "a"), Generation = 1, ObservedGeneration = 1, Turn = 1 };
}
