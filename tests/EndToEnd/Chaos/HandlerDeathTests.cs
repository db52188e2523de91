using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local.Cluster;

namespace IoFog.Operator.EndToEnd.Chaos;

/// <summary>Handlers that die, or freeze and thaw late, at each of the moments at which something was written and nobody was told yet.</summary>
[Collection(nameof(ChaosCollection))]
public sealed class HandlerDeathTests(ITestOutputHelper output)
{
    /// <summary>A first turn writes claim, finalizer, entries, Secret and outcome; no kind does more.</summary>
    private const int MostSteps = 6;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whichever_step_a_handler_dies_at_the_object_ends_as_it_is_wanted()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("IOFOG_TEST_KUBECONFIG") is { Length: > 0 }, "what a real API server stores is not seen before its answer");
        await using var stage = await ChaosStage.StartAsync(instances: 1, Token);
        await ApplyAsync(stage, Kinds.Agent, "base", """{"host":"h","agentType":"x86"}""");
        await ApplyAsync(stage, Kinds.Application, "shop", """{"microservices":[{"name":"shop--a","agent":{"name":"base"},"images":{"x86":"a:1"}}]}""");
        await ReadyAsync(stage, seconds: 60);

        var steps = new ConcurrentDictionary<string, int>();
        var kills = new ConcurrentDictionary<string, int>();
        stage.Stored = happened =>
        {
            if (IsOfHandler(happened))
                Step(happened.Object.Name);
        };
        stage.Created = name => Step(name.Split("--")[0]);
        for (var step = 1; step <= MostSteps; step++)
        {
            await ApplyAsync(stage, Kinds.Agent, $"agent-{step}", """{"host":"h","agentType":"x86"}""");
            await ApplyAsync(stage, Kinds.EdgeResource, $"edgeresource-{step}", """{"version":"v1.0.0","interfaceProtocol":"http","interface":{"endpoints":[{"name":"open","method":"PUT","url":"/open"}]},"agents":["base"]}""");
            await ApplyAsync(stage, Kinds.Application, $"application-{step}", $$"""{"microservices":[{"name":"application-{{step}}--a","agent":{"name":"base"},"images":{"x86":"a:1"} }]}""");
            await ApplyAsync(stage, Kinds.Microservice, $"microservice-{step}", """{"application":"shop","agent":{"name":"base"},"images":{"x86":"m:1"}}""");
            await ApplyAsync(stage, Kinds.Route, $"route-{step}", $$"""{"application":"shop","from":"microservice-{{step}}","to":"shop--a"}""");
            await ApplyAsync(stage, Kinds.Registry, $"registry-{step}", $$"""{"url":"registry-{{step}}"}""");
            await ApplyAsync(stage, Kinds.CatalogItem, $"catalogitem-{step}", """{"x86":"i:1"}""");
            await ApplyAsync(stage, Kinds.ApplicationTemplate, $"applicationtemplate-{step}", """{"application":{"microservices":[]}}""");
        }

        await ReadyAsync(stage, seconds: 240);
        output.WriteLine($"kills: {kills.Count} ({string.Join(", ", kills.OrderBy(kill => kill.Key).Select(kill => $"{kill.Key} at its step {kill.Value}"))}), takeovers: {stage.Claims.Takeovers}");
        foreach (var kind in ChaosStage.Served)
        {
            foreach (var step in Enumerable.Range(1, kind == Kinds.Route ? 3 : 4)) // claim, finalizer, entry, and what follows
                Assert.Contains(Name(kind, step), kills.Keys);
        }

        Assert.Equal((7, 7, 13, 6, 6), stage.Controller.Count());
        Assert.Equal(
            (6, 6, 6),
            (stage.Controller.Registries.Count(IsOwn), stage.Controller.CatalogItems.Count(IsOwn), stage.Controller.Templates.Count));
        Assert.Empty(stage.Claims.Intrusions(stage.Requests, stage.NameOf));
        Assert.Empty(stage.Claims.Overlaps(stage.Requests, stage.NameOf));
        Assert.Equal(0, await stage.CountPoisonAsync(Token));

        // The nth object of a kind takes its handler along at the nth of its steps, once.
        void Step(string name)
        {
            if (name.Split('-') is not [var kind, var number] || ChaosStage.Served.FirstOrDefault(served => Name(served, int.Parse(number)) == name) is not { } served)
                return;
            if (steps.AddOrUpdate(name, 1, static (_, count) => count + 1) is var step && step == int.Parse(number) && kills.TryAdd(name, step))
                stage.KillHandler(served);
        }
    }

    [Fact]
    public async Task A_handler_that_freezes_and_thaws_late_writes_nothing_any_more()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("IOFOG_TEST_KUBECONFIG") is { Length: > 0 }, "what a real API server stores is not seen before its answer");
        await using var stage = await ChaosStage.StartAsync(instances: 3, Token);
        var frozen = new ConcurrentDictionary<string, (int Process, DateTimeOffset At)>();
        stage.Stored = happened =>
        {
            if (happened.Object.Name == "at-claim" && Holder(happened.Object) is { } holder)
                Freeze("at-claim", holder);
        };
        stage.Created = name =>
        {
            if (name == "at-create" && stage.Claims.Claims[name].LastOrDefault() is { } held)
                Freeze(name, held.Holder);
        };
        await ApplyAsync(stage, Kinds.Agent, "at-claim", """{"host":"h","agentType":"x86"}""");
        await EventuallyAsync("the first one is frozen", () => Task.FromResult(frozen.ContainsKey("at-claim")), 30);
        await ApplyAsync(stage, Kinds.Agent, "at-create", """{"host":"h","agentType":"x86"}""");

        // The host of the first one goes on taking messages, and each that it takes is sent again only a minute later.
        await EventuallyAsync("the second one is frozen", () => Task.FromResult(frozen.ContainsKey("at-create")), 300);
        try
        {
            await ReadyAsync(stage, seconds: 300); // by another one, after the claims have run out
        }
        finally
        {
            foreach (var (process, _) in frozen.Values)
                await SignalAsync("-CONT", process);
        }

        var thawed = TimeProvider.System.GetUtcNow();
        await ApplyAsync(stage, Kinds.Agent, "after", """{"host":"h","agentType":"x86"}""");
        await ReadyAsync(stage, seconds: 300);
        output.WriteLine($"frozen for {string.Join(" and ", frozen.Values.Select(freeze => $"{(thawed - freeze.At).TotalSeconds:0} s"))}; takeovers: {stage.Claims.Takeovers}");
        Assert.All(frozen.Values, freeze => Assert.True(thawed - freeze.At > Reconciling.Claim.TimeToLive));
        Assert.Equal(3, stage.Controller.Count().Agents);
        Assert.Empty(stage.Claims.Intrusions(stage.Requests, stage.NameOf));
        Assert.Empty(stage.Claims.Overlaps(stage.Requests, stage.NameOf));

        // Before its answer is sent, so that the handler freezes in the belief that its write may still be under way.
        void Freeze(string name, string holder)
        {
            var process = int.Parse(holder.Split('-')[^1]);
            if (!stage.HandlersOf(Kinds.Agent).Contains(process) || !frozen.TryAdd(name, (process, TimeProvider.System.GetUtcNow())))
                return;
            SignalAsync("-STOP", process).GetAwaiter().GetResult();
        }
    }

    /// <summary>Whether an entry did not come with the Controller.</summary>
    private static bool IsOwn(JsonObject entry) => entry["userId"] is not null;

    /// <summary>Whether a handler wrote this version: it has another turn or finalizer.</summary>
    private static bool IsOfHandler(Event happened) =>
        happened.Before is { } before
        && (before.Content["status"]?["turn"]?.ToJsonString() != happened.Object.Content["status"]?["turn"]?.ToJsonString() || before.HasFinalizers != happened.Object.HasFinalizers);

    private static string? Holder(StoredObject stored) => stored.Content["status"]?["claim"]?["holder"]?.GetValue<string>();

    private static string Name(Kind kind, int step) => $"{kind.Name.ToLowerInvariant()}-{step}";

    private static async Task SignalAsync(string signal, int process)
    {
        using var kill = Process.Start("kill", [signal, $"{process}"]);
        await kill.WaitForExitAsync(CancellationToken.None);
    }

    private static Task ApplyAsync(ChaosStage stage, Kind kind, string name, string spec) => stage.Api.ApplyAsync(
        kind.PathOf(new ResourceKey(ChaosStage.Namespace, name)),
        new JsonObject
        {
            ["apiVersion"] = Kind.ApiVersion,
            ["kind"] = kind.Name,
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = JsonNode.Parse(spec),
        },
        KubernetesJson.Default.JsonObject,
        "somebody",
        Token);

    private static Task ReadyAsync(ChaosStage stage, int seconds)
    {
        string? unready = null;
        return EventuallyAsync(
            "everything Ready",
            async () =>
            {
                foreach (var kind in ChaosStage.Served)
                {
                    var list = await stage.Api.GetAsync(kind.PathOf(ChaosStage.Namespace), KubernetesJson.Default.JsonObject, Token);
                    unready = list["items"]!.AsArray().FirstOrDefault(item => !IsReady(item!))?.ToJsonString();
                    if (unready is not null)
                        return false;
                }

                return true;
            },
            seconds,
            () => $"{unready}\n{string.Join('\n', stage.Lines.TakeLast(40))}");

        static bool IsReady(JsonNode item) =>
            item["status"]?["claim"] is null
            && item["status"]?["observedGeneration"]?.ToJsonString() == item["metadata"]!["generation"]!.ToJsonString()
            && item["status"]!["conditions"]!.AsArray().Any(condition => condition!["type"]!.GetValue<string>() == Names.Ready && condition["status"]!.GetValue<string>() == "True");
    }

    private static async Task EventuallyAsync(string what, Func<Task<bool>> holds, int seconds, Func<string>? details = null)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(seconds))
                Assert.Fail($"Not within {seconds} s: {what}\n{details?.Invoke()}");
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Token);
        }
    }
}
