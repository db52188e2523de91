using System.Globalization;
using System.Text.Json.Nodes;

namespace IoFog.Operator.EndToEnd;

/// <summary>
/// What changes places by an edit with kubectl, without help: names here; ports of microservices and ends of routes, and a move to another
/// application, where the chart is installed (<see cref="Install.InstallTests"/>).
/// </summary>
[Collection(nameof(StackFixture))]
public sealed class SwapTests(StackFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Agents_applications_and_edge_resources_change_their_names()
    {
        await KubectlAsync("wait", "--for=condition=Ready", "agent/zebra-1", "--timeout=90s");
        var objects = new[] { "agent/this", "agent/that", "application/this", "application/that", "edgeresource/this", "edgeresource/that" };
        await fixture.Kubectl.ApplyAsync(Named("one", "two"), Token);
        await KubectlAsync(["wait", "--for=condition=Synced", .. objects, "--timeout=90s"]);
        var before = await EntriesAsync();

        await fixture.Kubectl.ApplyAsync(Named("two", "one"), Token);
        await fixture.EventuallyAsync("each under the other's name", async () => (await EntriesAsync()).SequenceEqual(before.Reverse()));
        await KubectlAsync(["wait", "--for=condition=Synced", .. objects, "--timeout=90s"]);
        Assert.Equal("microservice/of-this", await KubectlAsync("get", "application", "this", "-o", "jsonpath={.status.children[*]}"));

        await KubectlAsync(["delete", .. objects, "--timeout=90s"]);
        Assert.All(await EntriesAsync(), Assert.Empty);
    }

    /// <summary>What the Controller has under the first and then the second name: of an agent and an application which entry it is, of an edge resource what it says.</summary>
    private async Task<IReadOnlyList<string>> EntriesAsync()
    {
        var entries = new List<string>();
        foreach (var name in new[] { "swap-one", "swap-two" })
        {
            var agent = await fixture.Controller.FindAgentAsync(name, Token);
            var application = await fixture.Controller.GetAsync($"application/{name}", Token);
            var resource = await fixture.Controller.GetAsync($"edgeResource/{name}/1.0.0", Token);
            entries.Add(string.Join(' ', new[] { agent?["uuid"], application?["id"], application?["microservices"]![0]!["uuid"], resource?["description"] }.OfType<JsonNode>()));
        }

        return entries;
    }

    private static string Named(string ofThis, string ofThat) => string.Concat(new[] { ("this", ofThis), ("that", ofThat) }.Select(one => string.Format(CultureInfo.InvariantCulture, """
        ---
        apiVersion: iofog.org/v3
        kind: Agent
        metadata: {{name: {0}}}
        spec: {{name: swap-{1}, host: 10.0.0.20, routerConfig: {{routerMode: none}}}}
        ---
        apiVersion: iofog.org/v3
        kind: Application
        metadata: {{name: {0}}}
        spec:
          name: swap-{1}
          microservices:
          - {{name: of-{0}, agent: {{name: zebra-1}}, images: {{x86: "i:1"}}}}
        ---
        apiVersion: iofog.org/v3
        kind: EdgeResource
        metadata: {{name: {0}}}
        spec: {{name: swap-{1}, version: 1.0.0, description: of {0}, interfaceProtocol: http, interface: {{endpoints: []}}}}

        """, one.Item1, one.Item2)));

    private Task<string> KubectlAsync(params string[] arguments) => fixture.Kubectl.RunAsync(Token, arguments);
}
