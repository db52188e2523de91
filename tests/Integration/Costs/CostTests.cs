using System.Collections.Concurrent;
using IoFog.Operator.Integration.ControlPlanes;
using IoFog.Operator.Local.Cluster;
using IoFog.Operator.Local.Controller;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Integration.Costs;

/// <summary>What an object costs: requests to the Controller and to the API server, whatever the machine. README says the same.</summary>
public sealed class CostTests(ITestOutputHelper output)
{
    private readonly ConcurrentQueue<Audited> audited = [];

    [Fact]
    public async Task What_is_created_edited_or_looked_at_costs_as_many_requests_as_the_README_says()
    {
        Assert.SkipWhen(Servers.Kubeconfig is not null, "only the emulator tells what the loops ask of it");
        await using var network = await Network.StartAsync(time: new FakeTimeProvider(TimeProvider.System.GetUtcNow()), audit: audited.Enqueue);
        await network.CreateAgentAsync("gate-1"); // signs in, and is what the others need
        var costs = new List<string>();
        foreach (var (kind, name, spec, edit) in new[]
        {
            (Kinds.Agent, "zebra-1", """{"host":"h","agentType":"x86"}""", """{"description":"at the gate"}"""),
            (Kinds.EdgeResource, "door", """{"version":"v1.0.0","interfaceProtocol":"http","interface":{"endpoints":[{"name":"open","method":"PUT","url":"/open"}]}}""", """{"description":"a door"}"""),
            (Kinds.Registry, "fleet", """{"url":"registry.example.com","username":"fleet"}""", """{"email":"fleet@example.com"}"""),
            (Kinds.CatalogItem, "thermometer", """{"x86":"t:1"}""", """{"description":"measures"}"""),
            (Kinds.ApplicationTemplate, "meter", """{"application":{"microservices":[{"name":"sensor","agent":{"name":"gate-1"},"images":{"x86":"s:1"}}]}}""", """{"description":"what measures"}"""),
            (Kinds.Application, "health", """{"microservices":[{"name":"heart","agent":{"name":"gate-1"},"images":{"x86":"h:1"}},{"name":"view","agent":{"name":"gate-1"},"images":{"x86":"v:1"}}]}""", """{"description":"of zebras"}"""),
            (Kinds.Microservice, "stripes", """{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"s:1"}}""", """{"config":{"a":1}}"""),
            (Kinds.Route, "heart-stripes", """{"application":"health","from":"heart","to":"stripes"}""", """{"to":"view"}"""),
        })
        {
            costs.Add($"| {kind} | {await CostOfAsync(network, kind, name, () => network.CreateAsync(kind, name, spec))} "
                + $"| {await CostOfAsync(network, kind, name, () => network.EditAsync(kind, name, edit))} "
                + $"| {await CostOfAsync(network, kind, name, () => Task.CompletedTask, isSeen: true)} |");
            Assert.Equal("0 + 0, 0 + 0", await CostOfAsync(network, kind, name, () => Task.CompletedTask));
        }

        await CheckAsync(costs);
    }

    [Fact]
    public async Task A_control_plane_costs_as_many_requests_as_the_README_says()
    {
        Assert.SkipWhen(Servers.Kubeconfig is not null || Servers.Controller is not null, "only the emulators tell what the loop asks of them");
        await using var stage = await ControlPlaneStage.StartAsync(audited.Enqueue);
        await CheckAsync(
        [
            $"| ControlPlane | {await CostOfAsync(stage, () => stage.CreateAsync())} "
                + $"| {await CostOfAsync(stage, () => stage.EditAsync("""{"images":{"controller":"example.com/controller:2"}}"""))} "
                + $"| {await CostOfAsync(stage, () => stage.LookAsync())} |",
        ]);
    }

    private async Task CheckAsync(IReadOnlyList<string> costs)
    {
        foreach (var cost in costs)
            output.WriteLine(cost);
        var readme = await File.ReadAllTextAsync(Path.Combine(Local.Layout.Repository, "README.md"), TestContext.Current.CancellationToken);
        Assert.All(costs, cost => Assert.Contains(cost, readme, StringComparison.Ordinal));
    }

    private async Task<string> CostOfAsync(Network network, Kind kind, string name, Func<Task> act, bool isSeen = false)
    {
        await act();
        var (mark, before) = (network.Mark(), audited.Count);
        await network.HandleAsync(kind, name, isSeen);
        return TextOf(network.Journal.Skip(mark), audited.Skip(before));
    }

    private async Task<string> CostOfAsync(ControlPlaneStage stage, Func<Task> act)
    {
        var (mark, before) = (stage.Emulator!.Journal.Count, audited.Count);
        await act();
        return TextOf(stage.Emulator.Journal.Skip(mark), audited.Skip(before));
    }

    private static string TextOf(IEnumerable<JournalEntry> asked, IEnumerable<Audited> attempted)
    {
        var controller = asked.ToLookup(entry => entry.Method == "GET");
        var cluster = attempted.Where(one => one.IsRequest).ToLookup(one => one.What.Verb is "get" or "list");
        return $"{controller[true].Count()} + {controller[false].Count()}, {cluster[true].Count()} + {cluster[false].Count()}";
    }
}
