using System.Globalization;

namespace IoFog.Operator.EndToEnd.Chaos;

/// <summary>
/// Nothing is lost: objects are edited and deleted at random while every part is killed and started again at random, and at the end
/// everything is as somebody wants it. <c>IOFOG_TEST_CHAOS_SECONDS</c> makes it longer, <c>IOFOG_TEST_CHAOS_OBJECTS</c> larger, and
/// <c>IOFOG_TEST_CHAOS_SEED</c> repeats the choices, though not the timing, of another run.
/// </summary>
[Collection(nameof(ChaosCollection))]
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const int Instances = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

#pragma warning disable CA5394 // spread, not security
    [Fact]
    public async Task Whatever_is_killed_every_object_ends_as_it_is_wanted()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("IOFOG_TEST_KUBECONFIG") is { Length: > 0 }, "a real API server is not killed");
        var (seconds, objects, seed) = (Setting("SECONDS", 60), Setting("OBJECTS", 500), Setting("SEED", Random.Shared.Next()));
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var stage = await ChaosStage.StartAsync(Instances, Token);
        var fleet = new Fleet(stage.Api);
        fleet.Plan(objects);
        await fleet.CreateAllAsync(Token);

        using var calm = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), TimeProvider.System);
        var kills = new Dictionary<Part, int>();
        var killing = KillAsync(stage, new(seed), kills, calm.Token);
        while (!calm.IsCancellationRequested)
        {
            await fleet.ChangeAnyAsync(random, Token);
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(60)), TimeProvider.System, Token);
        }

        await killing;
        var took = await SettleAsync(stage, fleet);

        var (requests, names) = (stage.Requests.ToArray(), stage.NameOf);
        var recoveries = stage.Claims.Recoveries().ToArray();
        var slowest = recoveries.MaxBy(recovery => recovery.Took);
        output.WriteLine($"kills: {kills.Values.Sum()} ({string.Join(", ", kills.Select(kill => $"{kill.Key} {kill.Value}"))})");
        output.WriteLine($"objects: {fleet.Count} of {objects} are left, edits: {fleet.Edits}, versions stored: {stage.Claims.Versions}");
        output.WriteLine($"claims: {stage.Claims.Claims.Sum(claims => claims.Count())}, takeovers: {stage.Claims.Takeovers}, writes to the Controller: {ClaimJournal.Writes(requests).Count()}");
        output.WriteLine($"settled {took.TotalSeconds:0.0} s after the last kill; the slowest edit, of {slowest.Name}, took {slowest.Took?.TotalSeconds:0.0} s");
        Assert.Equal("", string.Join('\n', stage.Claims.Intrusions(requests, names)));
        Assert.Equal("", string.Join('\n', stage.Claims.Overlaps(requests, names)));
        Assert.DoesNotContain(recoveries, recovery => recovery.Took is null);
        Assert.Equal(0, await stage.CountPoisonAsync(Token));
        var secrets = await stage.ReadSecretsAsync(Token);
        output.WriteLine($"{secrets.Count} secrets are in none of {stage.Lines.Count} lines, in no object and in no Event");
        Assert.DoesNotContain(stage.Lines.Concat(await stage.ReadWrittenAsync(Token)), text => secrets.Any(secret => text.Contains(secret, StringComparison.Ordinal)));
        Assert.All(Enum.GetValues<Part>(), part => Assert.True(kills.ContainsKey(part), $"{part} was never killed"));
    }

    /// <summary>One kill after the other, the parts that many depend on less often than their many.</summary>
    private static async Task KillAsync(ChaosStage stage, Random random, Dictionary<Part, int> kills, CancellationToken calm)
    {
        Part[] often = [Part.Handler, Part.Host, Part.Watcher, Part.Storage, Part.Cluster, Part.Controller, Part.Handler, Part.Handler, Part.Host, Part.Watcher];
        for (var i = 0; !calm.IsCancellationRequested; i++)
        {
            var part = i % 2 == 0 ? often[i / 2 % often.Length] : often[random.Next(often.Length)];
            kills[part] = kills.GetValueOrDefault(part) + 1;
            await stage.KillAsync(part, random.Next(1000), TimeSpan.FromMilliseconds(random.Next(3000)), Token);
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(2000)), TimeProvider.System, calm).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
#pragma warning restore CA5394

    private static async Task<TimeSpan> SettleAsync(ChaosStage stage, Fleet fleet)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var (elapsed, unsettled) = (TimeProvider.System.GetElapsedTime(began), await fleet.FindUnsettledAsync(Token));
            var disagreements = unsettled is null ? fleet.Disagreements(stage.Controller).ToArray() : [unsettled];
            if (disagreements.Length == 0)
                return elapsed;
            if (elapsed > Patience)
                Assert.Fail($"Not settled within {Patience}:\n{string.Join('\n', disagreements)}\n{string.Join('\n', stage.Lines.TakeLast(60))}");
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Token);
        }
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable($"IOFOG_TEST_CHAOS_{name}") is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;
}

/// <summary>Needs the whole machine: nothing else runs beside it.</summary>
[CollectionDefinition(nameof(ChaosCollection), DisableParallelization = true)]
public sealed class ChaosCollection;
