using System.Net;
using System.Text.Json.Nodes;

namespace IoFog.Operator.EndToEnd;

/// <summary>Agents and edge resources from their first to their last day, with kubectl and with what others do to them.</summary>
[Collection(nameof(StackFixture))]
public sealed class AgentTests(StackFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_edge_resource_follows_its_agents_and_its_versions()
    {
        await ReadyAsync();
        await ApplyAsync("""
            apiVersion: iofog.org/v3
            kind: EdgeResource
            metadata: {name: hatch}
            spec:
              version: 1.0.0
              interfaceProtocol: http
              interface: {endpoints: [{name: open, method: PUT, url: /open}]}
              orchestrationTags: [hatch]
              agents: [deck-1]
            ---
            apiVersion: iofog.org/v3
            kind: Agent
            metadata: {name: deck-1}
            spec:
              host: ssh.example
              ssh: {user: pi, keyFile: ~/.ssh/id}
              config: {host: 10.0.0.31, agentType: arm, description: 'a {{ brace'}
            """);
        await WaitAsync("agent/deck-1");
        await WaitAsync("edgeresource/hatch");
        var agent = (await fixture.Controller.FindAgentAsync("deck-1", Token))!;
        Assert.Equal(("10.0.0.31", "a {{ brace", "hatch"), (agent["host"]!.ToString(), agent["description"]!.ToString(), agent["tags"]![0]!.ToString()));
        Assert.Contains("FieldsIgnored", await KubectlAsync("describe", "agent", "deck-1"), StringComparison.Ordinal);
        Assert.Contains("""["deck-1"]""", await KubectlAsync("get", "edgeresource", "hatch"), StringComparison.Ordinal);

        // Somebody takes it away, and changes what only its detail shows.
        var link = new JsonObject { ["uuid"] = agent["uuid"]!.DeepClone() };
        Assert.Equal(HttpStatusCode.OK, await fixture.Controller.SendAsync(HttpMethod.Delete, "edgeResource/hatch/1.0.0/link", Token, link));
        await fixture.EventuallyAsync("the link again", async () => await VersionsAsync() == "1.0.0");
        Assert.Equal(HttpStatusCode.OK, await fixture.Controller.SendAsync(HttpMethod.Put, "edgeResource/hatch/1.0.0", Token, new JsonObject { ["interface"] = new JsonObject() }));
        await fixture.EventuallyAsync("the endpoint again", async () =>
            (await fixture.Controller.GetAsync("edgeResource/hatch/1.0.0", Token))!["interface"]!["endpoints"]!.AsArray().Count == 1);

        await KubectlAsync("patch", "edgeresource", "hatch", "--type=merge", "-p", """{"spec":{"version":"1.1.0"}}""");
        await fixture.EventuallyAsync("the agent with the new version", async () => await VersionsAsync() == "1.1.0");
        await fixture.EventuallyAsync("no old version", async () => await fixture.Controller.GetAsync("edgeResource/hatch/1.0.0", Token) is null);
        await WaitAsync("edgeresource/hatch");
        await KubectlAsync("delete", "edgeresource/hatch", "agent/deck-1", "--timeout=60s");
        Assert.Null(await fixture.Controller.FindAgentAsync("deck-1", Token));
        Assert.Null(await fixture.Controller.GetAsync("edgeResource/hatch/1.1.0", Token));

        async Task<string> VersionsAsync() =>
            string.Join(',', (await fixture.Controller.FindAgentAsync("deck-1", Token))!["edgeResources"]!.AsArray().Select(resource => resource!["version"]));
    }

    [Fact]
    public async Task Requests_reach_the_device_or_say_why_not()
    {
        await ReadyAsync();
        await ApplyAsync("""{"apiVersion":"iofog.org/v3","kind":"Agent","metadata":{"name":"deck-2"},"spec":{"host":"10.0.0.32"}}""");
        await WaitAsync("agent/deck-2");
        await KubectlAsync("annotate", "agent", "deck-2", "request.iofog.org/provision=1", "request.iofog.org/rollback=1", "request.iofog.org/reboot=1");
        await fixture.EventuallyAsync("the requests in the status", async () =>
            await KubectlAsync("get", "agent", "deck-2", "-o", "jsonpath={.status.requests.provision}{.status.requests.rollback}{.status.requests.reboot}{.status.claim}") == "111");
        var command = await KubectlAsync("get", "secret", "deck-2-provisioning", "-o", "jsonpath={.data.command}");
        Assert.StartsWith("iofog-agent config -a http", System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(command)), StringComparison.Ordinal);
        var told = await KubectlAsync("describe", "agent", "deck-2");
        Assert.Contains("Carried out the request reboot", told, StringComparison.Ordinal);
        Assert.Contains("The request rollback is not carried out: the device says that it has no former version", told, StringComparison.Ordinal);

        await KubectlAsync("delete", "agent", "deck-2", "--timeout=60s");
        await fixture.EventuallyAsync("no Secret", async () => await KubectlAsync("get", "secrets", "-o", "name") is var secrets && !secrets.Contains("deck-2", StringComparison.Ordinal));
    }

    // The first test of a run meets a network that is coming up.
    private Task ReadyAsync() => KubectlAsync("wait", "--for=condition=Ready", "agent/zebra-1", "edgeresource/smart-door", "--timeout=150s");

    private Task WaitAsync(string resource) => KubectlAsync("wait", "--for=condition=Ready", resource, "--timeout=60s");

    private Task<string> KubectlAsync(params string[] arguments) => fixture.Kubectl.RunAsync(Token, arguments);

    private async Task ApplyAsync(string manifest)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, manifest, Token);
            await KubectlAsync("apply", "-f", file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
