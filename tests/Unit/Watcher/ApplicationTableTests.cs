using System.Text.Json;
using IoFog.Operator.Watcher;

namespace IoFog.Operator.Unit.Watcher;

/// <summary>What the table knows of applications: their content by application, and who owns what is in them.</summary>
public sealed class ApplicationTableTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private readonly DueTable table = new(new() { Jitter = static () => 1 });

    public ApplicationTableTests()
    {
        foreach (var kind in new[] { Kinds.Agent, Kinds.Application, Kinds.Microservice, Kinds.Route })
            table.Listed(kind, new HashSet<Guid>(), queueIsEmpty: true, Now);
    }

    [Fact]
    public void Asks_for_each_application_that_an_object_is_part_of_and_for_no_other()
    {
        var (health, alarm) = (Application("health"), Microservice("alarm", "wellness"));
        Observe(Kinds.Application, health);
        Observe(Kinds.Microservice, alarm);
        Observe(Kinds.Route, Route("r", "wellness"));
        Assert.Equal(["health", "wellness"], table.Applications.Order());
        table.Forget(Kinds.Microservice, alarm.Key);
        table.Forget(Kinds.Application, health.Key);
        Assert.Equal(["wellness"], table.Applications);
        Observe(Kinds.Application, Settled(Application("fitness")));
        table.Forget(Kinds.Route, new("edge", "r"));
        Assert.Equal(["fitness"], table.Applications);
    }

    [Theory]
    [InlineData("""{"status":{"status":"QUEUED"}}""", true)]
    [InlineData("""{"config":"{}"}""", true)]
    [InlineData("""{"status":{"status":"RUNNING","cpuUsage":9,"memoryUsage":9,"percentage":50,"operatingDuration":77},"updatedAt":"later","rebuild":true}""", false)]
    public void A_microservice_is_due_when_what_matters_of_it_moves(string after, bool isDue)
    {
        var alarm = Settled(Microservice("alarm", "health"));
        Observe(Kinds.Microservice, alarm);
        See("health", """[{"name":"alarm","status":{"status":"RUNNING","cpuUsage":1,"memoryUsage":1,"percentage":1,"operatingDuration":1},"updatedAt":"now","rebuild":false}]""");
        Observe(Kinds.Microservice, alarm with { Turn = 2, Seen = Assert.Single(Take()).Change.Seen });
        Assert.Empty(Take());

        See("health", $$"""[{"name":"alarm",{{after[1..]}}]""");

        Assert.Equal(isDue, Take().Count == 1);
    }

    [Fact]
    public void An_application_is_due_for_what_it_declares_and_not_for_what_others_put_there()
    {
        var health = Settled(Application("health", ("Microservice", "viewer")));
        Observe(Kinds.Application, health);
        See("health", """[{"name":"viewer","config":"1"}]""");
        health = health with { Turn = 2, Seen = Assert.Single(Take()).Change.Seen };
        Observe(Kinds.Application, health);
        See("health", """[{"name":"viewer","config":"1"},{"name":"theirs"}]""");
        Assert.Empty(Take());
        See("health", """[{"name":"viewer","config":"2"},{"name":"theirs"}]""");
        Assert.Single(Take());
    }

    [Fact]
    public void All_counts_where_a_template_says_what_is_in_it()
    {
        var health = Settled(Application("health")) with { FromTemplate = true };
        Observe(Kinds.Application, health);
        See("health", "[]");
        Observe(Kinds.Application, health with { Turn = 2, Seen = Assert.Single(Take()).Change.Seen });
        See("health", """[{"name":"new"}]""");
        Assert.Single(Take());
    }

    [Fact]
    public void An_application_that_is_gone_wakes_all_that_was_part_of_it()
    {
        var (health, alarm) = (Settled(Application("health")), Settled(Microservice("alarm", "health")));
        Observe(Kinds.Application, health);
        Observe(Kinds.Microservice, alarm);
        See("health", """[{"name":"alarm"}]""");
        var seen = Take().ToDictionary(send => send.Change.Kind, send => send.Change.Seen);
        Observe(Kinds.Application, health with { Turn = 2, Seen = seen[Kinds.Application] });
        Observe(Kinds.Microservice, alarm with { Turn = 2, Seen = seen[Kinds.Microservice] });
        table.LookBegins();
        table.ApplicationSeen("health", ApplicationContent.Absent);
        Assert.Equal(2, Take().Count);
    }

    [Fact]
    public void The_later_one_of_an_object_and_a_declaration_learns_who_owns_the_entry()
    {
        var health = Settled(Application("health", ("Microservice", "viewer"))) with { Created = Now };
        Observe(Kinds.Application, health);
        Assert.Empty(Take());
        var viewer = Settled(Microservice("viewer", "health")) with { Created = Now.AddMinutes(1) };
        Observe(Kinds.Microservice, viewer);
        var sends = Take().ToDictionary(send => send.Change.Kind, send => send.Change.Seen);
        Assert.Equal(Seen.Hash(health.Uid.ToString("D")), sends[Kinds.Microservice].Owner);
        Assert.NotEqual(0UL, sends[Kinds.Application].Owned);

        Observe(Kinds.Microservice, viewer with { Turn = 2, Seen = sends[Kinds.Microservice] });
        Observe(Kinds.Application, health with { Turn = 2, Seen = sends[Kinds.Application] });
        Assert.Empty(Take());
        table.Forget(Kinds.Application, health.Key);
        Assert.Equal(Seen.Hash(viewer.Uid.ToString("D")), Assert.Single(Take()).Change.Seen.Owner);
    }

    [Fact]
    public void An_application_takes_over_what_an_earlier_object_leaves()
    {
        var viewer = Settled(Microservice("viewer", "health")) with { Created = Now };
        var health = Settled(Application("health", ("Microservice", "viewer"))) with { Created = Now.AddMinutes(1) };
        Observe(Kinds.Microservice, viewer);
        Observe(Kinds.Application, health);
        var seen = Take().Single(send => send.Change.Kind == Kinds.Application).Change.Seen;
        Observe(Kinds.Application, health with { Turn = 2, Seen = seen });
        Assert.DoesNotContain(Take(), send => send.Change.Kind == Kinds.Application);
        table.Forget(Kinds.Microservice, viewer.Key);
        Assert.NotEqual(seen.Owned, Assert.Single(Take()).Change.Seen.Owned);
    }

    [Fact]
    public void Who_waits_for_a_microservice_is_due_when_an_application_that_declares_it_has_had_a_turn()
    {
        Observe(Kinds.Route, Settled(Route("r", "health")) with { WaitingFor = "Microservice/health/viewer", NextReconcileTime = Now.AddMinutes(1) });
        Assert.Empty(Take());
        var health = Settled(Application("health", ("Microservice", "viewer")));
        Observe(Kinds.Application, health);
        var first = Assert.Single(Take()).Change;
        Assert.Equal((Kinds.Route, DueReason.Seen), (first.Kind, first.Reason));
    }

    [Theory]
    [InlineData("viewer")]
    [InlineData("another-name")]
    public void Who_waits_for_an_entry_is_due_whatever_the_object_is_called(string name)
    {
        Observe(Kinds.Route, Settled(Route("r", "health")) with { WaitingFor = "Microservice/health/viewer", NextReconcileTime = Now.AddMinutes(1) });
        var viewer = Settled(Microservice("viewer", "health")) with { Key = new("edge", name) };
        Observe(Kinds.Microservice, viewer);
        Assert.Empty(Take()); // it is there, and the Controller does not hold it yet
        Observe(Kinds.Microservice, viewer with { Synced = true, Turn = 2 });
        Assert.Equal(Kinds.Route, Assert.Single(Take()).Change.Kind);
    }

    [Fact]
    public void Who_waits_for_an_agent_waits_for_its_name_in_the_Controller_and_not_for_that_of_an_object()
    {
        Observe(Kinds.Agent, Settled(Agent("gate")) with { WaitingFor = "Agent/core", NextReconcileTime = Now.AddMinutes(1) });
        Observe(Kinds.Agent, Settled(Agent("North Core")) with { Key = new("edge", "core"), Synced = true });
        Assert.Empty(Take());
        Observe(Kinds.Agent, Settled(Agent("core")) with { Key = new("edge", "hub"), Synced = true });
        Assert.Equal("gate", Assert.Single(Take()).Change.Key.Name);
    }

    [Fact]
    public void Who_waits_for_an_agent_that_nobody_owns_is_due_when_the_Controller_shows_it()
    {
        Observe(Kinds.Agent, Settled(Agent("gate")) with { WaitingFor = "Agent/core", NextReconcileTime = Now.AddMinutes(1) });
        SeeAgents("""{"fogs":[{"name":"gate"}]}""");
        Answer(Assert.Single(Take()));
        SeeAgents("""{"fogs":[{"name":"gate"}]}""");
        Assert.Empty(Take());
        SeeAgents("""{"fogs":[{"name":"gate"},{"name":"core","routerMode":"interior"}]}""");
        var due = Assert.Single(Take()).Change;
        Assert.Equal(("gate", DueReason.Seen), (due.Key.Name, due.Reason));
        Assert.NotEqual(0UL, due.Seen.Dependency);
    }

    [Fact]
    public void Who_waits_for_a_microservice_that_nobody_owns_is_due_when_the_Controller_shows_it()
    {
        Observe(Kinds.Route, Settled(Route("r", "health")) with { WaitingFor = "Microservice/health/viewer", NextReconcileTime = Now.AddMinutes(1) });
        See("health", "[]");
        Answer(Assert.Single(Take()));
        See("health", "[]");
        Assert.Empty(Take());
        See("health", """[{"name":"viewer","uuid":"u"}]""");
        Assert.NotEqual(0UL, Assert.Single(Take()).Change.Seen.Dependency);
    }

    // A turn that found nothing new.
    private void Answer(Send send) => Observe(send.Row.Kind, send.Row.Watched with { Turn = send.Row.Watched.Turn + 1, Seen = send.Change.Seen });

    private void SeeAgents(string list)
    {
        using var json = JsonDocument.Parse(list);
        table.LookBegins();
        table.EntriesSeen(Kinds.Agent, EntryContent.Read(Kinds.Agent, json.RootElement));
    }

    private static Watched Agent(string name) => new()
    {
        Uid = Guid.NewGuid(),
        Key = new("edge", name.ToLowerInvariant()),
        Generation = 1,
        Entry = EntryName.Hash(Kinds.Agent, Kinds.Agent.Entry!.Fields, name, null, null),
    };

    private void See(string application, string microservices)
    {
        using var json = JsonDocument.Parse($$"""{"id":1,"name":"{{application}}","isActivated":true,"microservices":{{microservices}},"routes":[]}""");
        table.LookBegins();
        table.ApplicationSeen(application, EntryContent.ReadApplication(application, json.RootElement));
    }

    private void Observe(Kind kind, Watched watched) => table.Observe(kind, watched, Now);

    private IReadOnlyList<Send> Take() => table.TakeDue(Now);

    private static Watched Application(string name, params (string Kind, string Name)[] children) => Object(Kinds.Application, name, name) with
    {
        Children = children.Length == 0 ? null : [.. children.Select(child => Hash(Kinds.Find(child.Kind)!, child.Name, name))],
    };

    private static Watched Microservice(string name, string application) => Object(Kinds.Microservice, name, application);

    private static Watched Route(string name, string application) => Object(Kinds.Route, name, application);

    private static Watched Object(Kind kind, string name, string application) =>
        new() { Uid = Guid.NewGuid(), Key = new("edge", name), Generation = 1, Application = application, Entry = Hash(kind, name, application) };

    private static Watched Settled(Watched watched) => watched with { ObservedGeneration = 1, Turn = 1, HasFinalizer = true };

    private static ulong Hash(Kind kind, string name, string application) => EntryName.Hash(kind, kind.Entry!.Fields, name, application, null);
}
