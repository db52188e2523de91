using System.Text;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Unit.Kubernetes;
using IoFog.Operator.Watcher;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoFog.Operator.Unit.Watcher;

public sealed class OwnedWatchTests : IDisposable
{
    private readonly Guid owner = Guid.NewGuid();
    private readonly DueTable table = new(new());
    private readonly Watching watching;
    private readonly ScriptedApi api = new();

    public OwnedWatchTests()
    {
        watching = new(table, TimeProvider.System, NullLogger<Watching>.Instance);
        table.Observe(Kinds.ControlPlane, new() { Uid = owner, Key = new("edge", "iofog"), Generation = 1 }, DateTimeOffset.UnixEpoch);
        table.Listed(Kinds.ControlPlane, new HashSet<Guid> { owner }, queueIsEmpty: true, DateTimeOffset.UnixEpoch);
        table.OwnedKnown();
    }

    public void Dispose()
    {
        watching.Dispose();
        api.Dispose();
    }

    [Fact]
    public void A_list_of_one_secret_says_nothing_of_another()
    {
        var (first, second) = (Secret("one"), Secret("two"));
        first.Received(WatchKind.Listed, Object("11111111-0000-4000-8000-000000000000", "7", owner));
        first.Listed();
        var one = Seen();
        second.ListBegins();
        second.Received(WatchKind.Listed, Object("22222222-0000-4000-8000-000000000000", "8", owner));
        second.Listed();
        var both = Seen();
        Assert.NotEqual(one, both);
        second.ListBegins();
        second.Listed();
        Assert.Equal(one, Seen());
    }

    [Fact]
    public void What_was_listed_before_a_list_broke_off_counts_no_more()
    {
        var watch = Secret("one");
        watch.ListBegins();
        watch.Listed();
        var none = Seen();
        watch.ListBegins();
        watch.Received(WatchKind.Listed, Object("11111111-0000-4000-8000-000000000000", "7", owner));
        Assert.NotEqual(none, Seen());
        watch.ListBegins();
        watch.Listed();
        Assert.Equal(none, Seen());
    }

    [Fact]
    public void An_object_that_loses_its_owner_is_seen_to_change_and_to_go()
    {
        var watch = Secret("one");
        var none = Seen();
        watch.Received(WatchKind.Added, Object("11111111-0000-4000-8000-000000000000", "7", owner));
        var owned = Seen();
        Assert.NotEqual(none, owned);
        watch.Received(WatchKind.Modified, Object("11111111-0000-4000-8000-000000000000", "8", null));
        Assert.NotEqual(owned, Seen());
        watch.Received(WatchKind.Deleted, Object("11111111-0000-4000-8000-000000000000", "9", null));
        Assert.Equal(none, Seen());
    }

    private OwnedWatch Secret(string name) => new(
        new(api.Client(), "api/v1/namespaces/edge/secrets", $"fieldSelector=metadata.name%3D{name}", metadataOnly: true, TimeProvider.System, NullLogger.Instance),
        watching);

    private ulong Seen()
    {
        table.Observe(Kinds.ControlPlane, new() { Uid = owner, Key = new("edge", "iofog"), Generation = 1, Turn = ++turn }, DateTimeOffset.UnixEpoch);
        return Assert.Single(table.TakeDue(DateTimeOffset.UnixEpoch)).Change.Seen.Owned;
    }

    private long turn;

    private static byte[] Object(string uid, string version, Guid? owner) => Encoding.UTF8.GetBytes(
        $$$"""{"metadata":{"name":"x","uid":"{{{uid}}}","resourceVersion":"{{{version}}}","ownerReferences":[{{{(owner is null ? "" : $$"""{"apiVersion":"iofog.org/v3","kind":"ControlPlane","name":"iofog","uid":"{{owner}}"}""")}}}]}}""");
}
