using System.Text.Json.Nodes;
using Azure.Storage.Queues;
using IoFog.Operator.Local;

namespace IoFog.Operator.EndToEnd;

/// <summary>The plugin, run by the real kubectl on the running operator.</summary>
[Collection(nameof(StackFixture))]
public sealed class PluginTests(StackFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shows_the_network_acts_on_it_and_says_by_exit_codes_how_it_is()
    {
        await fixture.EventuallyAsync("everything Ready", async () => (await fixture.Kubectl.IofogAsync(Token, "status")).Code == 0, 90);
        var (_, status, _) = await fixture.Kubectl.IofogAsync(Token, "status");
        Assert.Contains("12 ready", status, StringComparison.Ordinal);
        Assert.Contains("AgentRunning", status, StringComparison.Ordinal);

        var (code, output, errors) = await fixture.Kubectl.IofogAsync(Token, "reconcile", "agent/zebra-1", "--wait");
        Assert.Equal((0, "Agent/zebra-1 reconcile requested\nAgent/zebra-1 reconciled\n", ""), (code, output, errors));
        Assert.Equal((0, "Agent/zebra-2 paused\n"), Short(await fixture.Kubectl.IofogAsync(Token, "pause", "agent/zebra-2")));
        (code, output, _) = await fixture.Kubectl.IofogAsync(Token, "why", "agent/zebra-2", "-o", "json");
        Assert.Equal((3, "Agent/zebra-2 is paused"), (code, JsonNode.Parse(output)!["verdict"]!.GetValue<string>()));
        Assert.Equal((0, "Agent/zebra-2 resumed\n"), Short(await fixture.Kubectl.IofogAsync(Token, "resume", "agent/zebra-2")));
        Assert.Contains("Microservice monitor → viewer", (await fixture.Kubectl.IofogAsync(Token, "graph")).Output, StringComparison.Ordinal);
        Assert.Equal(EcnSample.Objects.Count, Yaml.Parse("all:\n" + (await fixture.Kubectl.IofogAsync(Token, "status", "-o", "yaml")).Output)!["all"]!.AsArray().Count);

        Assert.Equal(1, (await fixture.Kubectl.IofogAsync(Token, "why", "agent/nobody")).Code);
        (code, _, errors) = await fixture.Kubectl.IofogAsync(Token, "why", "toaster/x");
        Assert.Equal(2, code);
        Assert.Contains("there is no such kind", errors, StringComparison.Ordinal);
        Assert.Equal(1, (await fixture.Kubectl.IofogAsync(Token, "status", "--context", "elsewhere")).Code);
    }

    [Fact]
    public async Task Lists_and_discards_poison()
    {
        var storage = fixture.Stack.Storage.ConnectionString;
        var queue = new QueueClient(storage, "iofog-edgeresources-poison", new() { MessageEncoding = QueueMessageEncoding.Base64 });
        await queue.CreateIfNotExistsAsync(cancellationToken: Token);
        await queue.SendMessageAsync("hello", Token);
        var (code, output, _) = await fixture.Kubectl.IofogAsync(Token, "poison", "edgeresource", "--storage", storage, "-o", "json");
        Assert.Equal(3, code);
        var message = Assert.Single(JsonNode.Parse(output)!.AsArray())!;
        Assert.Contains("not a change", message["why"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(0, (await fixture.Kubectl.IofogAsync(Token, "poison", "--storage", storage, "--discard", message["id"]!.GetValue<string>())).Code);
        Assert.Equal((0, "All poison queues are empty\n"), Short(await fixture.Kubectl.IofogAsync(Token, "poison", "EdgeResource", "--storage", storage)));
    }

    [Theory]
    [InlineData(new[] { "pause", "poison" }, "p")]
    [InlineData(new[] { "Agent", "Application", "ApplicationTemplate" }, "status", "A")]
    [InlineData(new[] { "--timeout" }, "reconcile", "agent/zebra-1", "--ti")]
    [InlineData(new[] { "dot", "json", "yaml" }, "graph", "-o", "")]
    public async Task Completes_where_kubectl_does(string[] suggested, params string[] line)
    {
        var (code, output, _) = await fixture.Kubectl.CompleteIofogAsync(Token, line);
        Assert.Equal((0, ":4"), (code, output.TrimEnd().Split('\n')[^1])); // no files
        Assert.Equal(suggested, output.Split('\n').Where(word => word.StartsWith(line[^1], StringComparison.Ordinal) && word is not ("" or ":4")));
    }

    private static (int, string) Short((int Code, string Output, string Errors) result) => (result.Code, result.Output);
}
