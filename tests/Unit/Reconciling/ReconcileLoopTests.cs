using System.Text.Json.Nodes;
using IoFog.Operator.Changes;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Reconciling;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Unit.Reconciling;

public sealed class ReconcileLoopTests : IDisposable
{
    private const string Name = "zebra-1";

    private readonly FakeTimeProvider time = new(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly InMemoryCluster cluster;
    private readonly StubReconciler reconciler = new();
    private readonly List<string> lost = [];

    public ReconcileLoopTests() => cluster = new(time);

    public void Dispose() => cluster.Dispose();

    [Fact]
    public async Task Settles_what_needs_no_work_without_a_claim_and_holds_on_to_it()
    {
        cluster.Create(Kinds.Agent, Name);
        var writes = cluster.Writes;
        await HandleAsync();
        Assert.Equal(3, cluster.Writes - writes); // the finalizer, the status and an Event
        Assert.Equal(("True", "True", 1, 1), (Condition("Synced"), Condition("Ready"), Number("observedGeneration"), Number("turn")));
        Assert.Equal("iofog.org/operator", Object["metadata"]!["finalizers"]![0]!.GetValue<string>());
        Assert.False(IsDue());
    }

    [Fact]
    public async Task What_was_there_before_its_object_goes_with_it()
    {
        cluster.Create(Kinds.Agent, Name);
        await HandleAsync();
        var deleted = false;
        reconciler.OnDelete = (_, _) =>
        {
            deleted = true;
            return Task.FromResult(Outcome.Gone);
        };
        cluster.Delete(Kinds.Agent, Name);
        await HandleAsync();
        Assert.True(deleted);
        Assert.Null(cluster.Find(Kinds.Agent, Name));
    }

    [Fact]
    public async Task Claims_before_the_first_outside_write_and_lets_go_with_the_last_patch()
    {
        cluster.Create(Kinds.Agent, Name);
        reconciler.OnReconcile = async (turn, token) =>
        {
            Assert.Null(Object["status"]);
            Assert.True(await turn.TryActAsync(
                _ =>
                {
                    Assert.Equal("iofog.org/operator", Object["metadata"]!["finalizers"]![0]!.GetValue<string>());
                    Assert.Equal(1, Number("claim", "turn"));
                    return Task.CompletedTask;
                },
                token));
            return Outcome.Settled(Readiness.True("Fine", ""));
        };
        await HandleAsync();
        Assert.Null(Object["status"]!["claim"]);
        Assert.Equal(2, Number("turn"));
    }

    [Fact]
    public async Task Stores_the_generation_that_it_read_when_the_spec_changes_meanwhile()
    {
        cluster.Create(Kinds.Agent, Name);
        reconciler.OnReconcile = async (turn, token) =>
        {
            cluster.Patch(Kinds.Agent, Name, """{"spec":{"description":"later"}}""");
            await turn.TryActAsync(_ => Task.CompletedTask, token);
            return Outcome.Settled(Readiness.True("Fine", ""));
        };
        await HandleAsync();
        Assert.Equal(1, Number("observedGeneration"));
        Assert.True(IsDue());
    }

    [Fact]
    public async Task Drops_a_change_of_which_nothing_is_due()
    {
        cluster.Create(Kinds.Agent, Name);
        await HandleAsync();
        var writes = cluster.Writes;
        await HandleAsync();
        Assert.Equal(writes, cluster.Writes);
    }

    [Fact]
    public async Task Drops_a_change_of_a_namesake_that_is_gone()
    {
        cluster.Create(Kinds.Agent, Name);
        var old = Change();
        cluster.Delete(Kinds.Agent, Name);
        cluster.Create(Kinds.Agent, Name);
        await Loop().HandleAsync(old.ToJson(), TestContext.Current.CancellationToken);
        Assert.Null(Object["status"]);
    }

    [Fact]
    public async Task Drops_a_change_of_an_earlier_turn_that_would_bring_back_what_was_seen_then()
    {
        cluster.Create(Kinds.Agent, Name);
        var old = Change() with { Reason = DueReason.Seen, Seen = new() { Controller = 1 } };
        await Loop().HandleAsync((Change() with { Seen = new() { Controller = 2 } }).ToJson(), TestContext.Current.CancellationToken);
        var settled = Object.ToJsonString();
        await Loop().HandleAsync(old.ToJson(), TestContext.Current.CancellationToken);
        Assert.Equal(settled, Object.ToJsonString());
    }

    [Fact]
    public async Task Leaves_an_object_alone_that_another_handler_has_claimed()
    {
        cluster.Create(Kinds.Agent, Name);
        cluster.Send(HttpMethod.Patch, $"{Kinds.Agent.PathOf("default")}/{Name}/status",
            JsonNode.Parse("""{"status":{"turn":1,"claim":{"holder":"other","turn":1}}}""")!.AsObject(), "application/merge-patch+json");
        await HandleAsync();
        Assert.Equal("other", Object["status"]!["claim"]!["holder"]!.GetValue<string>());
    }

    [Fact]
    public async Task Takes_a_dead_handlers_claim_away_and_backs_off()
    {
        cluster.Create(Kinds.Agent, Name);
        cluster.Send(HttpMethod.Patch, $"{Kinds.Agent.PathOf("default")}/{Name}/status",
            JsonNode.Parse("""{"status":{"turn":1,"claim":{"holder":"dead","turn":1}}}""")!.AsObject(), "application/merge-patch+json");
        await Loop().HandleAsync((Change() with { Reason = DueReason.Takeover, Turn = 1 }).ToJson(), TestContext.Current.CancellationToken);
        Assert.Null(Object["status"]!["claim"]);
        Assert.Equal((1, "HandlerDied"), (Number("attempts"), Reason("Ready")));
        Assert.False(IsDue());
    }

    [Fact]
    public async Task Writes_nothing_after_somebody_else_had_a_turn()
    {
        cluster.Create(Kinds.Agent, Name);
        var acted = false;
        reconciler.OnReconcile = async (turn, token) =>
        {
            cluster.Send(HttpMethod.Patch, $"{Kinds.Agent.PathOf("default")}/{Name}/status",
                JsonNode.Parse("""{"status":{"turn":5}}""")!.AsObject(), "application/merge-patch+json");
            await turn.TryActAsync(
                _ =>
                {
                    acted = true;
                    return Task.CompletedTask;
                },
                token);
            return Outcome.Settled(Readiness.True("Fine", ""));
        };
        await HandleAsync();
        Assert.False(acted);
        Assert.Equal(5, Number("turn"));
        Assert.Null(Object["status"]!["conditions"]);
    }

    [Fact]
    public async Task Starts_no_write_after_the_budget_is_spent()
    {
        cluster.Create(Kinds.Agent, Name);
        var acts = 0;
        reconciler.OnReconcile = async (turn, token) =>
        {
            while (await turn.TryActAsync(
                _ =>
                {
                    acts++;
                    time.Advance(TimeSpan.FromSeconds(3));
                    return Task.CompletedTask;
                },
                token))
            {
            }

            return Outcome.Continue($"{acts} done");
        };
        await HandleAsync();
        Assert.Equal(3, acts);
        Assert.Equal("Progressing", Reason("Synced"));
        Assert.True(IsDue());
    }

    [Fact]
    public async Task Backs_off_with_each_failure_and_starts_over_with_a_new_spec()
    {
        cluster.Create(Kinds.Agent, Name);
        reconciler.OnReconcile = static (_, _) => throw new InvalidOperationException("s3cret");
        for (var attempt = 1; attempt <= 4; attempt++)
        {
            await HandleAsync();
            Assert.Equal((attempt, "ReconcileFailed"), (Number("attempts"), Reason("Synced")));
            Assert.False(IsDue());
            time.Advance(TimeSpan.FromMinutes(6));
            Assert.True(IsDue());
        }

        cluster.Patch(Kinds.Agent, Name, """{"spec":{"description":"new"}}""");
        await HandleAsync();
        Assert.Equal(1, Number("attempts"));
        Assert.DoesNotContain("s3cret", Object.ToJsonString());
    }

    [Fact]
    public async Task Waits_for_the_Controller_without_failing()
    {
        cluster.Create(Kinds.Agent, Name);
        reconciler.OnReconcile = static (_, _) => throw new ControllerUnavailableException(WaitingFor.Controller, "The Controller does not answer");
        await HandleAsync();
        Assert.Equal("Controller", Object["status"]!["waitingFor"]!.GetValue<string>());
        Assert.False(IsDue());
        Assert.Equal(DueReason.Seen, Due.Evaluate(Watched, new() { Dependency = 77 }, time.GetUtcNow()));
    }

    [Fact]
    public async Task Refuses_without_trying_again_until_the_spec_changes()
    {
        cluster.Create(Kinds.Agent, Name);
        reconciler.OnReconcile = static (_, _) => Task.FromResult(Outcome.Refused("Wrong", "spec.host is needed"));
        await HandleAsync();
        Assert.Equal(("True", "Wrong"), (Condition("Stalled"), Reason("Ready")));
        time.Advance(TimeSpan.FromDays(30));
        Assert.False(IsDue());
    }

    [Theory]
    [InlineData("later", false)]
    [InlineData("refused", false)]
    [InlineData("settled", true)]
    public async Task What_was_seen_before_a_write_stays_where_the_write_failed(string ending, bool isDueAtTheNextLook)
    {
        cluster.Create(Kinds.Agent, Name);
        reconciler.OnReconcile = async (turn, token) =>
        {
            await turn.TryActAsync(_ => Task.CompletedTask, token);
            return ending switch
            {
                "later" => Outcome.Later("PortTaken", "spec.ports"),
                "refused" => Outcome.Refused("Wrong", "spec.ports"),
                _ => Outcome.Settled(Readiness.True("Works", "")),
            };
        };
        await Loop().HandleAsync((Change() with { Seen = new() { Controller = 5 } }).ToJson(), TestContext.Current.CancellationToken);
        Assert.Equal(isDueAtTheNextLook, IsDue(new() { Controller = 5 }));
    }

    [Fact]
    public async Task What_a_kind_says_before_its_first_write_is_stored_with_the_claim()
    {
        cluster.Create(Kinds.Agent, Name);
        string? known = null;
        reconciler.OnReconcile = async (turn, token) =>
        {
            turn.Status = turn.Status with { WaitingFor = "Agent/intent" };
            await turn.TryActAsync(
                _ =>
                {
                    known = Object["status"]!["waitingFor"]?.GetValue<string>();
                    return Task.CompletedTask;
                },
                token);
            return Outcome.Settled(Readiness.True("Works", ""));
        };
        await HandleAsync();
        Assert.Equal("Agent/intent", known);
    }

    [Fact]
    public async Task Keeps_the_finalizer_until_the_outside_is_clean()
    {
        cluster.Create(Kinds.Agent, Name);
        reconciler.OnReconcile = async (turn, token) =>
        {
            await turn.TryActAsync(_ => Task.CompletedTask, token);
            return Outcome.Settled(Readiness.True("Fine", ""));
        };
        await HandleAsync();
        cluster.Delete(Kinds.Agent, Name);
        reconciler.OnDelete = static (_, _) => Task.FromResult(Outcome.Refused("Never", "a deletion is never refused"));
        await HandleAsync();
        Assert.NotNull(Object["metadata"]!["finalizers"]);
        time.Advance(TimeSpan.FromMinutes(6));
        reconciler.OnDelete = static (_, _) => Task.FromResult(Outcome.Gone);
        await HandleAsync();
        Assert.Null(cluster.Find(Kinds.Agent, Name));
    }

    [Fact]
    public async Task Leaves_the_finalizers_of_others()
    {
        cluster.Create(Kinds.Agent, Name);
        cluster.Patch(Kinds.Agent, Name, """{"metadata":{"finalizers":["example.com/other"]}}""");
        reconciler.OnReconcile = async (turn, token) =>
        {
            await turn.TryActAsync(_ => Task.CompletedTask, token);
            return Outcome.Settled(Readiness.True("Fine", ""));
        };
        await HandleAsync();
        Assert.Equal(2, Object["metadata"]!["finalizers"]!.AsArray().Count);
        cluster.Delete(Kinds.Agent, Name);
        reconciler.OnDelete = async (turn, token) =>
        {
            await turn.TryActAsync(_ => Task.CompletedTask, token);
            return Outcome.Gone;
        };
        await HandleAsync();
        Assert.Equal("example.com/other", Object["metadata"]!["finalizers"]!.AsArray().Single()!.GetValue<string>());
        Assert.Null(Object["status"]!["claim"]);
        Assert.False(IsDue());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Takes_its_finalizer_away_though_somebody_else_has_set_it_too(bool others)
    {
        // As by a restore of a backup: an apply would take away only what nobody else has set.
        cluster.Create(Kinds.Agent, Name);
        cluster.Patch(Kinds.Agent, Name, """{"metadata":{"finalizers":[FINALIZERS]}}""".Replace("FINALIZERS", others ? "\"iofog.org/operator\",\"example.com/other\"" : "\"iofog.org/operator\"", StringComparison.Ordinal));
        reconciler.OnReconcile = async (turn, token) =>
        {
            await turn.TryActAsync(_ => Task.CompletedTask, token);
            return Outcome.Settled(Readiness.True("Fine", ""));
        };
        await HandleAsync();
        cluster.Delete(Kinds.Agent, Name);
        reconciler.OnDelete = static (_, _) => Task.FromResult(Outcome.Gone);
        await HandleAsync();
        if (others)
            Assert.Equal("example.com/other", Object["metadata"]!["finalizers"]!.AsArray().Single()!.GetValue<string>());
        else
            Assert.Null(cluster.Find(Kinds.Agent, Name));
    }

    [Fact]
    public async Task Lets_go_of_a_paused_object_without_touching_the_outside()
    {
        cluster.Create(Kinds.Agent, Name);
        reconciler.OnReconcile = async (turn, token) =>
        {
            await turn.TryActAsync(_ => Task.CompletedTask, token);
            return Outcome.Settled(Readiness.True("Fine", ""));
        };
        await HandleAsync();
        cluster.Patch(Kinds.Agent, Name, """{"metadata":{"annotations":{"iofog.org/paused":"true"}}}""");
        await HandleAsync();
        Assert.True(Object["status"]!["paused"]!.GetValue<bool>());
        Assert.False(IsDue());
        reconciler.OnDelete = static (_, _) => throw new InvalidOperationException("must not be called");
        cluster.Delete(Kinds.Agent, Name);
        await HandleAsync();
        Assert.Null(cluster.Find(Kinds.Agent, Name));
    }

    [Fact]
    public async Task Refuses_an_entry_that_belongs_to_another_object_and_names_it()
    {
        cluster.Create(Kinds.Agent, "first", new() { ["name"] = Name });
        cluster.Create(Kinds.Agent, Name);
        reconciler.OnReconcile = static (_, _) => throw new InvalidOperationException("must not be called");
        var owner = Seen.Hash(cluster.Watched(Kinds.Agent, "first").Uid.ToString("D"));
        await Loop().HandleAsync((Change() with { Seen = new() { Owner = owner } }).ToJson(), TestContext.Current.CancellationToken);
        Assert.Equal("NameTaken", Reason("Ready"));
        Assert.Contains("first", Object["status"]!["conditions"]![0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.False(IsDue(new() { Owner = owner }));
    }

    [Fact]
    public async Task Writes_a_minimal_status_when_the_API_server_rejects_the_full_one()
    {
        cluster.Create(Kinds.Agent, Name);
        reconciler.OnReconcile = static (_, _) => Task.FromResult(Outcome.Settled(Readiness.True("Fine", new string('x', 40_000))));
        var seen = new Seen { Controller = 7, Owned = 8 };
        await Loop().HandleAsync((Change() with { Seen = seen }).ToJson(), TestContext.Current.CancellationToken);
        Assert.Equal(("StatusRejected", 1), (Reason("Ready"), Number("observedGeneration")));
        Assert.False(IsDue(seen)); // else nothing would hold the next try back
    }

    [Fact]
    public async Task Raises_the_count_of_an_Event_that_repeats()
    {
        cluster.Create(Kinds.Agent, Name);
        reconciler.OnReconcile = static (turn, _) =>
        {
            turn.Tell("Looked", "at it");
            return Task.FromResult(Outcome.Settled(Readiness.True("Fine", "")));
        };
        for (var i = 1; i <= 3; i++)
        {
            cluster.Patch(Kinds.Agent, Name, "{\"metadata\":{\"annotations\":{\"request.iofog.org/reconcile\":\"" + i + "\"}}}");
            await HandleAsync();
        }

        var told = cluster.Send(HttpMethod.Get, "apis/events.k8s.io/v1/namespaces/default/events")["items"]!.AsArray()
            .Single(item => item!["reason"]!.GetValue<string>() == "Looked")!;
        Assert.Equal(3, told["series"]!["count"]!.GetValue<int>());
    }

    [Fact]
    public async Task Records_a_command_before_it_is_carried_out()
    {
        Ask("reboot", "1");
        Commands(async (turn, token) =>
        {
            Assert.True(await turn.TryActOnceAsync(
                "reboot",
                _ =>
                {
                    Assert.Equal("1", Object["status"]!["requests"]!["reboot"]!.GetValue<string>());
                    Assert.NotNull(Object["status"]!["claim"]);
                    return Task.CompletedTask;
                },
                token));
            return Outcome.Settled(Readiness.True("Fine", ""));
        });
        await HandleAsync();
        Assert.Equal(("1", null), (Object["status"]!["requests"]!["reboot"]!.GetValue<string>(), Object["status"]!["deferred"]));
        Assert.Contains("RequestHonoured", EventReasons());
        Assert.False(IsDue());
    }

    [Fact]
    public async Task Does_not_repeat_a_command_whose_handler_died()
    {
        var carriedOut = 0;
        Ask("reboot", "1");
        Commands(async (turn, token) =>
        {
            foreach (var command in turn.Asked.ToArray())
            {
                await turn.TryActOnceAsync(
                    command,
                    _ =>
                    {
                        carriedOut++;
                        throw new TurnLostException("as if the process had ended here");
                    },
                    token);
            }

            return Outcome.Settled(Readiness.True("Fine", ""));
        });
        await HandleAsync();
        await Loop().HandleAsync((Change() with { Reason = DueReason.Takeover, Turn = Number("claim", "turn") }).ToJson(), TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromMinutes(6));
        await HandleAsync();
        Assert.Equal((1, "True"), (carriedOut, Condition("Ready")));
    }

    [Fact]
    public async Task A_handler_that_died_before_a_command_leaves_it_to_the_next()
    {
        var carriedOut = 0;
        Ask("reboot", "1");
        cluster.Send(HttpMethod.Patch, $"{Kinds.Agent.PathOf("default")}/{Name}/status",
            JsonNode.Parse("""{"status":{"turn":1,"claim":{"holder":"dead","turn":1}}}""")!.AsObject(), "application/merge-patch+json");
        Commands(async (turn, token) =>
        {
            foreach (var command in turn.Asked.ToArray())
                await turn.TryActOnceAsync(command, _ => Task.FromResult(carriedOut++), token);
            return Outcome.Settled(Readiness.True("Fine", ""));
        });
        await Loop().HandleAsync((Change() with { Reason = DueReason.Takeover, Turn = 1 }).ToJson(), TestContext.Current.CancellationToken);
        Assert.Equal("reboot", Object["status"]!["deferred"]![0]!.GetValue<string>());
        time.Advance(TimeSpan.FromMinutes(6));
        await HandleAsync();
        await HandleAsync();
        Assert.Equal((1, null), (carriedOut, Object["status"]!["deferred"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Defers_a_command_while_the_object_waits_unless_it_is_taken_back(bool takenBack)
    {
        var carriedOut = 0;
        Ask("reboot", "1");
        Commands(static (_, _) => throw new ControllerUnavailableException(WaitingFor.Controller, "The Controller does not answer"));
        await HandleAsync();
        Assert.Equal("reboot", Object["status"]!["deferred"]![0]!.GetValue<string>());
        Assert.False(IsDue());

        if (takenBack)
            cluster.Patch(Kinds.Agent, Name, """{"metadata":{"annotations":{"request.iofog.org/reboot":null}}}""");
        Commands(async (turn, token) =>
        {
            foreach (var command in turn.Asked.ToArray())
                await turn.TryActOnceAsync(command, _ => Task.FromResult(carriedOut++), token);
            return Outcome.Settled(Readiness.True("Fine", ""));
        });
        time.Advance(TimeSpan.FromMinutes(6));
        await HandleAsync();
        Assert.Equal((takenBack ? 0 : 1, null), (carriedOut, Object["status"]!["deferred"]));
        Assert.False(IsDue());
    }

    [Fact]
    public async Task A_command_that_the_outside_refuses_is_told_and_not_repeated()
    {
        Ask("upgrade", "1");
        Commands(static async (turn, token) =>
        {
            foreach (var command in turn.Asked.ToArray())
                await turn.TryActOnceAsync(command, static _ => throw new ControllerException(System.Net.HttpStatusCode.BadRequest, "ValidationError", "no upgrade"), token);
            return Outcome.Settled(Readiness.True("Fine", ""));
        });
        await HandleAsync();
        Assert.Equal(("True", null), (Condition("Ready"), Object["status"]!["deferred"]));
        Assert.Contains("RequestDenied", EventReasons());
        Assert.False(IsDue());
    }

    [Fact]
    public async Task A_command_of_an_object_that_is_refused_is_denied()
    {
        Ask("reboot", "1");
        Commands(static (_, _) => Task.FromResult(Outcome.Refused("Wrong", "spec.host is needed")));
        await HandleAsync();
        Assert.Null(Object["status"]!["deferred"]);
        Assert.Contains("RequestDenied", EventReasons());
        Assert.False(IsDue());
    }

    [Fact]
    public async Task A_status_that_is_rejected_does_not_keep_a_request_due()
    {
        Ask("reconcile", "1");
        reconciler.OnReconcile = static (_, _) => Task.FromResult(Outcome.Settled(Readiness.True("Fine", new string('x', 40_000))));
        await HandleAsync();
        Assert.Equal("StatusRejected", Reason("Ready"));
        Assert.False(IsDue());
    }

    [Fact]
    public async Task Refuses_a_message_that_is_no_change() =>
        await Assert.ThrowsAsync<MalformedChangeException>(() => Loop().HandleAsync("hello", TestContext.Current.CancellationToken));

    [Fact]
    public async Task Says_that_the_control_plane_is_gone_and_forgets_where_it_was()
    {
        cluster.Create(Kinds.Agent, Name);
        reconciler.OnReconcile = static (_, _) => throw new ControllerUnavailableException("ControlPlane", "There is none") { IsGone = true };
        await HandleAsync();
        Assert.Equal("WaitingForDependency", Reason("Ready")); // it never was there

        reconciler.OnReconcile = static async (turn, token) =>
        {
            await turn.TryActAsync(static _ => Task.CompletedTask, token);
            throw new ControllerUnavailableException("Controller", "It does not answer");
        };
        cluster.Patch(Kinds.Agent, Name, """{"spec":{"host":"h"}}""");
        await HandleAsync();
        Assert.Empty(lost);

        reconciler.OnReconcile = static (_, _) => throw new ControllerUnavailableException("ControlPlane", "There is none") { IsGone = true };
        await Loop().HandleAsync((Change() with { Seen = new() { Controller = Seen.NoControlPlane } }).ToJson(), TestContext.Current.CancellationToken);
        Assert.Equal(["default"], lost);
        Assert.Equal(("False", "ControlPlaneGone", "ControlPlane"), (Condition("Ready"), Reason("Ready"), Object["status"]!["waitingFor"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Refuses_a_change_of_a_namespace_that_is_not_served_and_touches_nothing()
    {
        cluster.Create(Kinds.Agent, Name);
        var writes = cluster.Writes;
        var loop = Loop("edge");
        var refusal = await Assert.ThrowsAsync<MalformedChangeException>(() => loop.HandleAsync(Change().ToJson(), TestContext.Current.CancellationToken));
        Assert.Equal("subject names the namespace default, but WATCH_NAMESPACE is edge", refusal.Message);
        Assert.Equal(writes, cluster.Writes);
        await Loop("default").HandleAsync(Change().ToJson(), TestContext.Current.CancellationToken);
        Assert.False(IsDue());
    }

    private void Ask(string request, string value)
    {
        cluster.Create(Kinds.Agent, Name);
        cluster.Patch(Kinds.Agent, Name, "{\"metadata\":{\"annotations\":{\"request.iofog.org/" + request + "\":\"" + value + "\"}}}");
    }

    private void Commands(Func<Turn<StubSpec, StubStatus>, CancellationToken, Task<Outcome>> reconcile) =>
        (reconciler.Commands, reconciler.OnReconcile) = (["reboot", "upgrade"], reconcile);

    private IEnumerable<string> EventReasons() =>
        cluster.Send(HttpMethod.Get, "apis/events.k8s.io/v1/namespaces/default/events")["items"]!.AsArray().Select(item => item!["reason"]!.GetValue<string>());

    private JsonObject Object => cluster.Find(Kinds.Agent, Name)!;

    private Watched Watched => cluster.Watched(Kinds.Agent, Name);

    private Task HandleAsync() => Loop().HandleAsync(Change().ToJson(), TestContext.Current.CancellationToken);

    private Change Change() => new()
    {
        Kind = Kinds.Agent,
        Key = new("default", Name),
        Uid = Watched.Uid,
        Reason = DueReason.Spec,
        Turn = Watched.Turn,
        Time = time.GetUtcNow(),
    };

    private ReconcileLoop Loop(string? served = null)
    {
        var api = cluster.Client();
        return new ReconcileLoop<StubSpec, StubStatus>(
            new(api, Kinds.Agent, StubReconciler.Type), reconciler, new KubernetesEvents(api, time), time, NullLogger<ReconcileLoop>.Instance)
        { Namespace = served, ControlPlaneLost = lost.Add };
    }

    private bool IsDue(Seen seen = default) => Due.Evaluate(Watched, seen, time.GetUtcNow()) != DueReason.None;

    private int Number(params string[] path) => path.Aggregate(Object["status"], (at, name) => at![name])!.GetValue<int>();

    private string Condition(string type) => Find(type)["status"]!.GetValue<string>();

    private string Reason(string type) => Find(type)["reason"]!.GetValue<string>();

    private JsonNode Find(string type) => Object["status"]!["conditions"]!.AsArray().Single(condition => condition!["type"]!.GetValue<string>() == type)!;
}
