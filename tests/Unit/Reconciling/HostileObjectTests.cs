using System.Text.Json.Nodes;
using IoFog.Operator.Changes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Reconciling;
using IoFog.Operator.Unit.Kubernetes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Unit.Reconciling;

/// <summary>Objects that can't be handled end in their own status, an API server that can't be used ends the invocation, and no message ends as poison.</summary>
public sealed class HostileObjectTests : IDisposable
{
    private static readonly Guid Uid = Guid.Parse("5f8c2c4e-0000-4000-8000-000000000001");

    private readonly ScriptedApi api = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => api.Dispose();

    [Fact]
    public async Task An_object_that_is_nested_too_deeply_is_refused_and_not_due_any_more()
    {
        var text = Deep(""" "generation":3,"annotations":{"request.iofog.org/reconcile":"now"} """, """{"turn":4,"observedGeneration":2}""");
        api.Then(() => ScriptedApi.Text(text)).Then(() => ScriptedApi.Text("{}"));
        await Loop().HandleAsync(Due(turn: 4), Token);
        var patch = JsonNode.Parse(api.Bodies.Single())!;
        Assert.Equal("77", patch["metadata"]!["resourceVersion"]!.GetValue<string>());
        var status = patch["status"]!;
        Assert.Equal((5, 3, "now"), (status["turn"]!.GetValue<int>(), status["observedGeneration"]!.GetValue<int>(), status["requests"]!["reconcile"]!.GetValue<string>()));
        Assert.Equal("Unreadable", status["conditions"]![1]!["reason"]!.GetValue<string>());
        Assert.Equal($"{Kinds.Agent.PathOf(new ResourceKey("edge", "a"))}/status?fieldManager=iofog-operator", api.Requests.Last());
    }

    [Fact]
    public async Task An_object_that_is_nested_too_deeply_is_let_go_of_when_it_is_deleted()
    {
        var text = Deep(""" "generation":3,"deletionTimestamp":"2026-11-24T12:00:00Z","finalizers":["iofog.org/operator"] """, "{}");
        api.Then(() => ScriptedApi.Text(text)).Then(() => ScriptedApi.Text("{}"));
        await Loop().HandleAsync(Due(), Token);
        var apply = JsonNode.Parse(api.Bodies.Single())!;
        Assert.Null(apply["metadata"]!["finalizers"]);
        Assert.Equal("77", apply["metadata"]!["resourceVersion"]!.GetValue<string>());
        Assert.Equal($"{Kinds.Agent.PathOf(new ResourceKey("edge", "a"))}?fieldManager=iofog-operator", api.Requests.Last());
    }

    [Fact]
    public async Task An_object_that_can_not_be_read_is_left_alone_while_another_handler_has_claimed_it()
    {
        api.Then(() => ScriptedApi.Text(Deep(""" "generation":3 """, """{"turn":4,"claim":{"holder":"x","turn":4}}""")));
        await Loop().HandleAsync(Due(turn: 4), Token);
        Assert.Empty(api.Bodies);
    }

    [Theory]
    [InlineData("<html>not what you asked for</html>")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    public async Task An_answer_that_is_no_object_fails_no_invocation(string text)
    {
        api.Then(() => ScriptedApi.Text(text));
        await Loop().HandleAsync(Due(), Token);
        Assert.Empty(api.Bodies);
    }

    [Fact]
    public async Task A_server_that_hangs_holds_an_invocation_for_one_request_and_no_more()
    {
        var time = new FakeTimeProvider();
        var handling = Loop(time).HandleAsync(Due(), Token);
        time.Advance(TimeSpan.FromSeconds(15));
        await handling;
        Assert.Single(api.Requests);
    }

    private static string Deep(string metadata, string status) => $$$"""
        {"kind":"Agent","metadata":{"name":"a","namespace":"edge","uid":"{{{Uid}}}","resourceVersion":"77",{{{metadata}}}},
         "spec":{"config":{{{string.Concat(Enumerable.Repeat("""{"a":""", 3000))}}}1{{{new string('}', 3000)}}}},"status":{{{status}}}}
        """;

    private static string Due(long turn = 0) => new Change
    {
        Kind = Kinds.Agent,
        Key = new("edge", "a"),
        Uid = Uid,
        Reason = DueReason.Spec,
        Turn = turn,
        Time = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero),
    }.ToJson();

    private ReconcileLoop Loop(TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var client = api.Client(time);
        return new ReconcileLoop<StubSpec, StubStatus>(
            new(client, Kinds.Agent, StubReconciler.Type),
            new StubReconciler(),
            new KubernetesEvents(client, time),
            time,
            NullLogger<ReconcileLoop>.Instance);
    }
}
