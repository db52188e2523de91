using IoFog.Operator.Changes;

namespace IoFog.Operator.Integration.Faults;

/// <summary>Two watchers as processes: one leads, and the other takes over.</summary>
public sealed class ReplicasTests(Stage stage, ITestOutputHelper output) : IClassFixture<Stage>
{
    [Fact]
    public async Task A_standby_leads_within_three_seconds_of_a_stop_and_within_the_lease_and_three_seconds_of_a_crash()
    {
        await using var first = stage.StartWatcher();
        await first.Ready;
        await using var second = stage.StartWatcher();
        await second.StandsBy;

        var took = second.LeadsAsync();
        var stopping = first.Process.StopAsync(TimeSpan.FromSeconds(30));
        output.WriteLine($"leads {(await took).TotalSeconds:0.0} s after SIGTERM");
        Assert.InRange(await took, TimeSpan.Zero, TimeSpan.FromSeconds(3));
        await stopping;
        Assert.Equal(0, first.Process.ExitCode);
        await second.Ready;

        await using var third = stage.StartWatcher();
        await third.StandsBy;
        took = third.LeadsAsync();
        second.Process.Kill();
        output.WriteLine($"leads {(await took).TotalSeconds:0.0} s after kill -9");
        Assert.InRange(await took, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(18));

        // What happens afterwards is seen, and sent once.
        await third.Ready;
        await stage.ApplyDoorAsync("after");
        var queue = ChangeQueue.Open(stage.Storage, Kinds.EdgeResource);
        await Eventually.HoldsAsync("a message", async () => await queue.CountAsync(TestContext.Current.CancellationToken) == 1);
    }
}
