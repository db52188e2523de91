using System.Net;
using System.Text.Json.Nodes;
using IoFog.Operator.Local;

namespace IoFog.Operator.EndToEnd;

/// <summary>What a user of kubectl sees: a whole network comes up, follows edits, repairs what others change, and goes away.</summary>
[Collection(nameof(StackFixture))]
public sealed class NetworkTests(StackFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_whole_network_becomes_ready_and_get_tells_the_story()
    {
        await ReadyAsync();
        var story = await KubectlAsync("get", "iofog");
        Assert.Contains("AgentRunning", story, StringComparison.Ordinal);
        Assert.Contains("ControlPlaneReady", story, StringComparison.Ordinal);
        Assert.Contains("2/2", story, StringComparison.Ordinal);
        var pair = await KubectlAsync("get", "controlplane", "iofog", "-o", "jsonpath={.status.conditions[0].type}={.status.conditions[0].status},{.status.conditions[1].type}={.status.conditions[1].status}");
        Assert.Equal("ready=True,deploying=False", pair);
    }

    [Theory]
    [InlineData("controlplane", "iofog", "True +True +ControlPlaneReady +3\\.\\S+ +http://", "Components:", "Router Address:")]
    [InlineData("agent", "zebra-1", "True +True +AgentRunning +RUNNING +\\S+ +\\S+ +edge", "Uuid:", "State: +RUNNING")]
    [InlineData("edgeresource", "smart-door", "True +True +EdgeResourceAvailable +v1\\.0\\.0 +https +\\S*zebra-2", "Version: +v1.0.0", "zebra-2")]
    [InlineData("application", "heart-rate", "True +True +ApplicationRunning +2/2", "Children:", "State: +RUNNING")]
    [InlineData("microservice", "alarm", "True +True +MicroserviceRunning +heart-rate +\\S+ +RUNNING", "Agent Uuid:", "State: +RUNNING")]
    [InlineData("route", "alarm-to-pager", "True +True +RouteConnected +heart-rate +alarm +pager", "Source Uuid:", "Destination Uuid:")]
    public async Task Get_and_describe_show_of_every_kind_what_a_person_needs(string kind, string name, string row, params string[] described)
    {
        await ReadyAsync();
        Assert.Matches($"{name} +{row}", await KubectlAsync("get", kind, name, "-o", "wide"));
        var description = await KubectlAsync("describe", kind, name);
        Assert.All([.. described, "Type: +Synced", "Type: +Ready", "Reason:", "Events:\n +Type +Reason"], expected => Assert.Matches(expected, description));
    }

    [Fact]
    public async Task An_edit_reaches_the_Controller_and_changes_nothing_else()
    {
        await ReadyAsync();
        var before = await fixture.Controller.FindAgentAsync("zebra-1", Token);
        await KubectlAsync("patch", "agent", "zebra-1", "--type=merge", "-p", """{"spec":{"config":{"memoryLimit":1234}}}""");
        await fixture.EventuallyAsync("the new memory limit in the Controller", async () =>
            (await fixture.Controller.FindAgentAsync("zebra-1", Token))?["memoryLimit"]!.GetValue<int>() == 1234);
        var after = await fixture.Controller.FindAgentAsync("zebra-1", Token);
        Assert.Equal(before!["uuid"]!.GetValue<string>(), after!["uuid"]!.GetValue<string>());
        Assert.Equal(before["diskLimit"]!.GetValue<int>(), after["diskLimit"]!.GetValue<int>());
        await ReadyAsync();
        Assert.Contains("AgentUpdated", await KubectlAsync("describe", "agent", "zebra-1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_somebody_changes_or_deletes_in_the_Controller_is_put_right()
    {
        await ReadyAsync();
        var agent = await fixture.Controller.FindAgentAsync("zebra-2", Token);
        Assert.Equal(HttpStatusCode.NoContent, await fixture.Controller.SendAsync(HttpMethod.Patch, $"iofog/{agent!["uuid"]}", Token, new JsonObject { ["host"] = "10.9.9.9" }));
        await fixture.EventuallyAsync("the host as the object says", async () =>
            (await fixture.Controller.FindAgentAsync("zebra-2", Token))?["host"]!.GetValue<string>() == "10.0.0.12");
        Assert.Equal(HttpStatusCode.NoContent, await fixture.Controller.SendAsync(HttpMethod.Delete, "routes/heart-rate/alarm-to-pager", Token));
        await fixture.EventuallyAsync("the route again", async () => await fixture.Controller.GetAsync("routes/heart-rate/alarm-to-pager", Token) is not null);
        await ReadyAsync();
    }

    [Fact]
    public async Task An_object_of_its_own_comes_and_goes()
    {
        await ReadyAsync();
        await KubectlAsync("apply", "-f", Path.Combine(Layout.Samples, "agent.yaml"));
        await KubectlAsync("wait", "--for=condition=Ready", "agent/gate-1", "--timeout=60s");
        Assert.Equal(2048, (await fixture.Controller.FindAgentAsync("gate-1", Token))!["memoryLimit"]!.GetValue<int>());
        await KubectlAsync("delete", "agent", "gate-1", "--timeout=60s");
        Assert.Null(await fixture.Controller.FindAgentAsync("gate-1", Token));
    }

    [Fact]
    public async Task A_paused_object_is_left_alone_and_let_go_of_untouched()
    {
        await ReadyAsync();
        await KubectlAsync("apply", "-f", Path.Combine(Layout.Samples, "agent.yaml"));
        await KubectlAsync("wait", "--for=condition=Ready", "agent/gate-1", "--timeout=60s");
        await KubectlAsync("annotate", "agent", "gate-1", "iofog.org/paused=true");
        await fixture.EventuallyAsync("paused in the status", async () =>
            await KubectlAsync("get", "agent", "gate-1", "-o", "jsonpath={.status.paused}") == "true");
        await KubectlAsync("patch", "agent", "gate-1", "--type=merge", "-p", """{"spec":{"config":{"memoryLimit":999}}}""");
        await KubectlAsync("delete", "agent", "gate-1", "--timeout=60s");
        var orphan = await fixture.Controller.FindAgentAsync("gate-1", Token);
        Assert.Equal(2048, orphan!["memoryLimit"]!.GetValue<int>());
        await fixture.Controller.SendAsync(HttpMethod.Delete, $"iofog/{orphan["uuid"]}", Token);
    }

    [Fact]
    public async Task A_spec_that_can_not_work_says_which_field()
    {
        await ReadyAsync();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => ApplyAsync("""
            {"apiVersion":"iofog.org/v3","kind":"Agent","metadata":{"name":"bad"},"spec":{"agentType":"toaster"}}
            """));
        Assert.Contains("spec.agentType: Unsupported value: \"toaster\"", refused.Message, StringComparison.Ordinal);
        await ApplyAsync("""{"apiVersion":"iofog.org/v3","kind":"Agent","metadata":{"name":"hostless"},"spec":{}}""");
        await KubectlAsync("wait", "--for=condition=Stalled", "agent/hostless", "--timeout=60s");
        Assert.Contains("spec.host", await KubectlAsync("get", "agent", "hostless", "-o", "jsonpath={.status.conditions[0].message}"), StringComparison.Ordinal);
        await KubectlAsync("delete", "agent", "hostless", "--timeout=60s");
    }

    [Fact]
    public async Task Two_objects_that_claim_one_entry_have_one_owner()
    {
        await ReadyAsync();
        await ApplyAsync("""{"apiVersion":"iofog.org/v3","kind":"Agent","metadata":{"name":"usurper"},"spec":{"name":"zebra-1","host":"10.6.6.6"}}""");
        await KubectlAsync("wait", "--for=condition=Stalled", "agent/usurper", "--timeout=60s");
        Assert.Contains("zebra-1", await KubectlAsync("get", "agent", "usurper", "-o", "jsonpath={.status.conditions[0].message}"), StringComparison.Ordinal);
        Assert.Equal("10.0.0.11", (await fixture.Controller.FindAgentAsync("zebra-1", Token))!["host"]!.GetValue<string>());
        await KubectlAsync("delete", "agent", "usurper", "--timeout=60s");
        Assert.NotNull(await fixture.Controller.FindAgentAsync("zebra-1", Token));
    }

    [Fact]
    public async Task A_watcher_that_was_killed_misses_nothing()
    {
        await ReadyAsync();
        fixture.Stack.Watcher.Kill();
        await fixture.Stack.Watcher.WaitAsync(Token);
        await KubectlAsync("patch", "agent", "zebra-1", "--type=merge", "-p", """{"spec":{"description":"edited while nobody watched"}}""");
        fixture.Stack.StartWatcher();
        await fixture.EventuallyAsync("the edit in the Controller", async () =>
            (await fixture.Controller.FindAgentAsync("zebra-1", Token))?["description"]?.GetValue<string>() == "edited while nobody watched");
        await ReadyAsync();
    }

    [Fact]
    public async Task A_Controller_that_lost_everything_gets_it_all_again()
    {
        Assert.SkipWhen(fixture.Stack.Controller is null, "a real Controller is not emptied");
        await ReadyAsync();
        await fixture.Stack.RestartControllerEmptyAsync(Token);
        await fixture.EventuallyAsync("everything in the empty Controller", () => Task.FromResult(fixture.Stack.Controller!.State.Count() is (3, 1, 4, 2, 1)), 90);
        await ReadyAsync();
    }

    [Fact]
    public async Task An_application_of_a_template_and_a_microservice_of_the_catalog_become_ready()
    {
        await ReadyAsync();
        const string Made = """
            {"apiVersion":"v1","kind":"List","items":[
             {"apiVersion":"iofog.org/v3","kind":"Application","metadata":{"name":"attic"},"spec":{"template":{"name":"meter","variables":[{"key":"agent","value":"zebra-1"}]}}},
             {"apiVersion":"iofog.org/v3","kind":"Microservice","metadata":{"name":"thermometer"},"spec":{"application":"heart-rate","agent":{"name":"zebra-2"},"images":{"catalogItem":"thermometer"}}}]}
            """;
        await ApplyAsync(Made);
        await KubectlAsync("wait", "--for=condition=Ready", "application/attic", "microservice/thermometer", "--timeout=60s");
        Assert.Equal("2/2", await KubectlAsync("get", "application", "attic", "-o", "jsonpath={.status.running}"));
        Assert.NotNull(await fixture.Controller.GetAsync("routes/attic/sensor-to-display", Token));
        await KubectlAsync("delete", "application/attic", "microservice/thermometer", "--timeout=60s");
    }

    [Fact]
    public async Task A_namespace_does_not_hang_on_deletion()
    {
        // The operator serves the namespace default only: what is elsewhere has no finalizer of ours.
        await ApplyAsync("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"elsewhere"}}""");
        await KubectlAsync("delete", "namespace", "elsewhere", "--timeout=30s");
    }

    [Fact]
    public async Task No_process_prints_a_password()
    {
        await ReadyAsync();
        foreach (var password in new[] { "change-me-please", "change-me-too" })
        {
            Assert.DoesNotContain(fixture.Lines, line => line.Contains(password, StringComparison.Ordinal));
            Assert.DoesNotContain(password, await KubectlAsync("get", "iofog", "-o", "yaml"), StringComparison.Ordinal);
            Assert.DoesNotContain(password, await KubectlAsync("get", "events", "-o", "yaml"), StringComparison.Ordinal);
        }
    }

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

    private Task ReadyAsync() => fixture.EventuallyAsync("everything Ready", async () =>
    {
        var list = JsonNode.Parse(await KubectlAsync("get", "iofog", "-o", "json"))!["items"]!.AsArray();
        return list.Count >= EcnSample.Objects.Count && list.All(item => item!["status"]?["observedGeneration"]?.ToJsonString() == item["metadata"]!["generation"]!.ToJsonString()
            && (item["status"]?["conditions"]?.AsArray() ?? []).Any(condition => condition!["type"]!.GetValue<string>() == "Ready" && condition["status"]!.GetValue<string>() == "True"));
    }, 90);
}
