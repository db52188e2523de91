using System.Text.Json.Nodes;
using IoFog.Operator.Watcher;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoFog.Operator.Unit.Watcher;

public sealed class FinalizersTests : IDisposable
{
    private const int Many = 1100; // more than two pages

    private readonly InMemoryCluster cluster = new(TimeProvider.System);
    private readonly Finalizers finalizers;

    public FinalizersTests() => finalizers = new(cluster.Client(), "default", NullLogger<Finalizers>.Instance);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => cluster.Dispose();

    [Fact]
    public async Task Lets_go_of_every_object_whoever_else_has_set_the_finalizer_and_leaves_those_of_others()
    {
        for (var i = 0; i < Many; i++)
        {
            cluster.Create(Kinds.Agent, $"a{i}");
            cluster.Patch(Kinds.Agent, $"a{i}", """{"metadata":{"finalizers":["example.com/other","iofog.org/operator"]}}""");
        }

        cluster.Create(Kinds.Route, "free", new() { ["application"] = "x", ["from"] = "a", ["to"] = "b" });
        Assert.Equal((Many, false), await finalizers.ReleaseAllAsync("a test", Token));
        Assert.Equal((0, false), await finalizers.ReleaseAllAsync("a test", Token));
        Assert.Equal("example.com/other", Assert.Single(FinalizersOf("a7")));
    }

    [Fact]
    public async Task Lets_go_of_those_alone_that_are_named()
    {
        foreach (var name in new[] { "one", "two" })
        {
            cluster.Create(Kinds.Agent, name);
            cluster.Patch(Kinds.Agent, name, """{"metadata":{"finalizers":["iofog.org/operator"]}}""");
        }

        await finalizers.ReleaseAsync([(Kinds.Agent, new("default", "one")), (Kinds.Agent, new("default", "gone"))], "a test", Token);
        Assert.Empty(FinalizersOf("one"));
        Assert.Single(FinalizersOf("two"));
    }

    private string[] FinalizersOf(string name) =>
        [.. (cluster.Find(Kinds.Agent, name)!["metadata"]!["finalizers"] as JsonArray ?? []).Select(finalizer => finalizer!.GetValue<string>())];
}
