using CsCheck;

namespace IoFog.Operator.Unit.Pipeline;

/// <summary>The properties that the whole design promises, under random interleavings and faults. A failing seed repeats.</summary>
public sealed class PipelineTests
{
    /// <summary><c>IOFOG_TEST_PIPELINE_SEED</c> repeats one run, <c>IOFOG_TEST_PIPELINE_RUNS</c> says how many others there are.</summary>
    [Fact]
    public void Comes_to_rest_in_agreement_after_anything()
    {
        if (Number("SEED") is { } seed)
            Run(seed, withFaults: true);
        else
            Gen.Int[0, 1_000_000].Sample(any => Run(any, withFaults: true), iter: Number("RUNS") ?? 300, threads: 1);
    }

    [Fact]
    public void Comes_to_rest_in_agreement_without_faults() =>
        Gen.Int[0, 1_000_000].Sample(seed => Run(seed, withFaults: false), iter: 100, threads: 1);

    [Fact]
    public void Sends_writes_and_asks_nothing_for_an_hour_at_rest()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        using var model = new PipelineModel(7, withFaults: false);
        for (var i = 0; i < 300; i++)
            model.Act();
        model.Settle();
        model.Rest(); // what was left of retries runs out
        var before = (model.Sends, model.Checks, model.Writes);
        model.Rest();
        Assert.Equal(before, (model.Sends, model.Checks, model.Writes));
    }

    private static int? Number(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable($"IOFOG_TEST_PIPELINE_{name}"), out var number) ? number : null;

    private static void Run(int seed, bool withFaults)
    {
        // Without a context, what is awaited goes on right where it was completed: on this thread.
        SynchronizationContext.SetSynchronizationContext(null);
        using var model = new PipelineModel(seed, withFaults);
        for (var i = 0; i < 200; i++)
            model.Act();
        model.Settle();
        var wrong = model.Disagreements().Concat(model.Violations).ToArray();
        Assert.True(wrong.Length == 0, $"seed {seed}: {string.Join("; ", wrong)}");
    }
}
