using System.Text;

namespace IoFog.Operator.Unit.Core;

public sealed class WatchedReaderTests
{
    [Fact]
    public void Reads_what_decides_whether_an_object_is_due()
    {
        var watched = Read(Kinds.Microservice, """
            {"status":{"observedGeneration":4,"turn":9,"seen":{"controller":"00000000000000ff"},"claim":{"holder":"x","turn":9},"requests":{"reconcile":"1"},
             "paused":true,"nextReconcileTime":"2026-11-24T12:00:00.250Z","waitingFor":"Agent/zebra-1",
             "conditions":[{"type":"ready","status":"True"},{"type":"Synced","status":"True"},{"type":"Ready","status":"False"}]},
             "spec":{"application":"heart-rate","name":"viewer","config":{"a":[1,{"b":null}]}},
             "metadata":{"name":"m","namespace":"edge","uid":"5f8c2c4e-0000-4000-8000-000000000001","generation":5,"creationTimestamp":"2026-11-24T11:00:00Z",
              "deletionTimestamp":"2026-11-24T11:30:00Z","finalizers":["a/b","iofog.org/operator"],
              "annotations":{"iofog.org/paused":"true","request.iofog.org/reconcile":"2","other":"x"},"managedFields":[{"fieldsV1":{"f:spec":{}}}]},
             "kind":"Microservice"}
            """);
        Assert.Equal(new ResourceKey("edge", "m"), watched.Key);
        Assert.Equal((5, 4, 9, 9), (watched.Generation, watched.ObservedGeneration, watched.Turn, watched.ClaimTurn));
        Assert.True(watched is { Deleting: true, HasFinalizer: true, Paused: true, StatusPaused: true, RequestPending: true, Synced: true, Ready: false });
        Assert.Equal(255UL, watched.Seen.Controller);
        Assert.Equal("Agent/zebra-1", watched.WaitingFor);
        Assert.Equal(250, watched.NextReconcileTime!.Value.Millisecond);
        Assert.Equal(EntryName.Hash(Kinds.Microservice, Kinds.Microservice.Entry!.Fields, "viewer", "heart-rate", null), watched.Entry);
    }

    [Fact]
    public void Copes_with_members_of_a_type_that_it_does_not_expect()
    {
        var watched = Read(Kinds.Agent, """
            {"metadata":{"name":"a","namespace":"n","uid":"5f8c2c4e-0000-4000-8000-000000000001","annotations":null,"finalizers":"x","generation":"5"},
             "spec":[1,2],"status":{"conditions":null,"claim":"x","seen":[{}],"requests":7,"nextReconcileTime":"soon","turn":{"a":1}}}
            """);
        Assert.Equal(0, watched.Turn);
        Assert.Null(watched.NextReconcileTime);
        Assert.False(watched.HasFinalizer);
    }

    [Fact]
    public void Knows_a_request_that_was_honoured() =>
        Assert.False(Read(Kinds.Agent, """
            {"metadata":{"name":"a","uid":"5f8c2c4e-0000-4000-8000-000000000001","annotations":{"request.iofog.org/reconcile":"1"}},"status":{"requests":{"reconcile":"1"}}}
            """).RequestPending);

    private static Watched Read(Kind kind, string json) => new WatchedReader(kind).Read(Encoding.UTF8.GetBytes(json));

    [Fact]
    public void Reads_what_an_application_declares()
    {
        var json = """
            {"metadata":{"name":"heart","uid":"00000000-0000-0000-0000-000000000001"},
             "spec":{"routes":[{"from":"a","to":"b"},{"name":"r","from":"b","to":"a"}],"microservices":[{"images":{"x86":"i"},"name":"a"}],"name":"health"}}
            """u8;
        var watched = new WatchedReader(Kinds.Application).Read(json);
        Assert.Equal("health", watched.Application);
        Assert.Equal(
            [EntryName.Hash(Kinds.Route, Kinds.Route.Entry!.Fields, "r-a-b", "health", null), EntryName.Hash(Kinds.Route, Kinds.Route.Entry!.Fields, "r", "health", null), EntryName.Hash(Kinds.Microservice, Kinds.Microservice.Entry!.Fields, "a", "health", null)],
            watched.Children!);
        Assert.False(watched.FromTemplate);
    }

    [Theory]
    [InlineData("Microservice", """{"application":"health"}""", "health", false)]
    [InlineData("Agent", """{"application":"health"}""", null, false)]
    [InlineData("Application", """{"template":{"name":"t"}}""", "heart", true)]
    public void Reads_of_which_application_an_object_is(string kind, string spec, string? application, bool fromTemplate)
    {
        var watched = new WatchedReader(Kinds.Find(kind)!).Read(System.Text.Encoding.UTF8.GetBytes($$"""{"metadata":{"name":"heart","uid":"00000000-0000-0000-0000-000000000001"},"spec":{{spec}}}"""));
        Assert.Equal((application, fromTemplate), (watched.Application, watched.FromTemplate));
        Assert.Null(watched.Children);
    }
}
