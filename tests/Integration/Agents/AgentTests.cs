using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local;
using IoFog.Operator.Local.Cluster;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Integration.Agents;

public sealed class AgentTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Creates_an_agent_that_is_ready_once_its_device_runs()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"10.0.0.21","agentType":"x86","tags":["gate"],"config":{"memoryLimit":2048}}""");

        var created = await network.SettleAsync(Kinds.Agent, "gate-1");

        Assert.Equal(("True Synced", "False AgentNotProvisioned"), (created.Condition("Synced"), created.Condition("Ready")));
        var agent = Assert.Single(await network.Controller.FindAgentsAsync("gate-1", Cancellation));
        Assert.Equal((agent.Uuid, "UNKNOWN"), (created.Status("uuid"), created.Status("state")));
        Assert.Equal((1, "edge", 2048), (agent.FogTypeId, agent.RouterMode, agent.Fields!["memoryLimit"].GetInt32()));

        var secret = (await network.FindSecretAsync("gate-1-provisioning"))!;
        Assert.Equal(("gate-1", $"{network.Endpoint}api/v3"), (secret["agent"], secret["controller"]));
        using var device = await Device.ProvisionAsync(secret["command"]);
        await device.ReportAsync(network.Time.GetUtcNow());
        var running = await network.SettleAsync(Kinds.Agent, "gate-1");
        Assert.Equal("True AgentRunning", running.Condition("Ready"));
        Assert.Equal(("RUNNING", "3.0.1", "10.0.0.1"), (running.Status("state"), running.Status("version"), running.Status("address")));

        Assert.Equal(("192.0.2.1", null, null), (running.Status("externalAddress"), running.Status("provisioning"), running.Status("silentSince")));
        Assert.Null(await network.FindSecretAsync("gate-1-provisioning"));

        await device.ReportAsync(network.Time.GetUtcNow(), "UNKNOWN");
        var silent = await network.SettleAsync(Kinds.Agent, "gate-1");
        Assert.Equal("False AgentSilent", silent.Condition("Ready"));
        Assert.NotNull(silent.Status("silentSince"));
    }

    [Fact]
    public async Task Writes_nothing_when_nothing_differs()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h","latitude":52,"longitude":-13.25,"tags":["gate"],"config":{"logLevel":"FINE","watchdogEnabled":false}}""");
        await network.HandleAsync(Kinds.Agent, "gate-1");
        var mark = network.Mark();

        await network.HandleAsync(Kinds.Agent, "gate-1");

        Assert.Empty(network.WritesSince(mark));
    }

    [Fact]
    public async Task Repairs_only_what_somebody_changed()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h","tags":["gate"],"config":{"memoryLimit":2048}}""");
        var uuid = (await network.SettleAsync(Kinds.Agent, "gate-1")).Status("uuid")!;
        await network.Controller.UpdateAgentAsync(uuid, new() { ["memoryLimit"] = 1, ["cpuLimit"] = 7, ["tags"] = new JsonArray("theirs") }, Cancellation);

        await network.HandleAsync(Kinds.Agent, "gate-1");

        var agent = (await network.Controller.FindAgentAsync(uuid, Cancellation))!;
        Assert.Equal((2048, 7), (agent.Fields!["memoryLimit"].GetInt32(), agent.Fields["cpuLimit"].GetInt32()));
        Assert.Equal(["theirs", "gate"], agent.Tags);
    }

    [Fact]
    public async Task Adopts_what_is_there_and_takes_it_along_when_it_goes()
    {
        await using var network = await Network.StartAsync();
        var uuid = await network.Controller.CreateAgentAsync(new() { ["name"] = "gate-1", ["fogType"] = 1, ["host"] = "h" }, Cancellation);
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h"}""");
        var mark = network.Mark();

        var adopted = await network.SettleAsync(Kinds.Agent, "gate-1");
        Assert.Equal((uuid, true), (adopted.Status("uuid"), adopted.HasFinalizer()));
        Assert.Empty(network.WritesSince(mark));

        await network.DeleteAsync(Kinds.Agent, "gate-1");
        Assert.Null(await network.HandleAsync(Kinds.Agent, "gate-1"));
        Assert.Null(await network.Controller.FindAgentAsync(uuid, Cancellation));
    }

    [Fact]
    public async Task Renames_the_agent_with_its_object()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h"}""");
        var uuid = (await network.SettleAsync(Kinds.Agent, "gate-1")).Status("uuid")!;

        await network.EditAsync(Kinds.Agent, "gate-1", """{"name":"North Gate"}""");
        var renamed = await network.SettleAsync(Kinds.Agent, "gate-1");

        Assert.Equal((uuid, "True Synced"), (renamed.Status("uuid"), renamed.Condition("Synced")));
        Assert.Equal(uuid, Assert.Single(await network.Controller.FindAgentsAsync("North Gate", Cancellation)).Uuid);
        Assert.Empty(await network.Controller.FindAgentsAsync("gate-1", Cancellation));
    }

    [Fact]
    public async Task Removes_the_younger_of_a_name_that_was_created_twice()
    {
        await using var network = await Network.StartAsync();
        var uuid = await network.Controller.CreateAgentAsync(new() { ["name"] = "gate-1", ["fogType"] = 1, ["host"] = "h" }, Cancellation);
        network.Tamper(state =>
        {
            // As simultaneous creates leave it.
            var second = state.Agents[0].DeepClone().AsObject();
            (second["uuid"], second["createdAt"]) = ("second", "2099-01-01T00:00:00.000Z");
            state.Agents.Add(second);
        });

        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h"}""");
        var handled = await network.SettleAsync(Kinds.Agent, "gate-1");

        Assert.Equal(uuid, handled.Status("uuid"));
        Assert.Equal(uuid, Assert.Single(await network.Controller.FindAgentsAsync("gate-1", Cancellation)).Uuid);
    }

    [Fact]
    public async Task Waits_for_the_routers_that_it_names()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h","upstreamRouters":["core","default-router"]}""");
        var waiting = await network.SettleAsync(Kinds.Agent, "gate-1");
        Assert.Equal(("Agent/core", "False WaitingForDependency"), (waiting.Status("waitingFor"), waiting.Condition("Synced")));
        Assert.False(waiting.HasFinalizer());

        await network.CreateAsync(Kinds.Agent, "core", """{"host":"c"}""");
        await network.HandleAsync(Kinds.Agent, "core");
        Assert.Equal("Agent/core", (await network.SettleAsync(Kinds.Agent, "gate-1")).Status("waitingFor")); // its router is not interior

        await network.EditAsync(Kinds.Agent, "core", """{"routerConfig":{"routerMode":"interior","interRouterPort":56721,"edgeRouterPort":56722}}""");
        var core = await network.SettleAsync(Kinds.Agent, "core");
        Assert.Equal("True Synced", core.Condition("Synced"));

        var handled = await network.SettleAsync(Kinds.Agent, "gate-1");
        Assert.Equal(("True Synced", null), (handled.Condition("Synced"), handled.Status("waitingFor")));
        Assert.Equal([core.Status("uuid")!, "default-router"], (await network.Controller.FindAgentsAsync("gate-1", Cancellation))[0].UpstreamRouters);
    }

    [Fact]
    public async Task Waits_for_the_default_router_of_the_control_plane()
    {
        await using var network = await Network.StartAsync(withRouter: false);
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h"}""");
        Assert.Equal("ControlPlane", (await network.SettleAsync(Kinds.Agent, "gate-1")).Status("waitingFor"));

        await network.RegisterRouterAsync();

        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Agent, "gate-1")).Condition("Synced"));
    }

    [Fact]
    public async Task Refuses_by_the_name_of_the_field()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", "{}");

        var refused = await network.SettleAsync(Kinds.Agent, "gate-1");

        Assert.Equal("True AgentInvalid", refused.Condition("Stalled"));
        Assert.Contains("spec.host", refused["status"]!["conditions"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Empty(await network.Controller.FindAgentsAsync("gate-1", Cancellation));
    }

    [Fact]
    public async Task Deletes_the_agent_before_it_lets_go()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h"}""");
        await network.HandleAsync(Kinds.Agent, "gate-1");

        await network.DeleteAsync(Kinds.Agent, "gate-1");
        Assert.True((await network.ReadAsync(Kinds.Agent, "gate-1")).HasFinalizer());
        Assert.NotNull(await network.FindSecretAsync("gate-1-provisioning"));
        Assert.Null(await network.HandleAsync(Kinds.Agent, "gate-1"));

        Assert.Null(await network.FindSecretAsync("gate-1-provisioning"));
        Assert.Empty(await network.Controller.FindAgentsAsync("gate-1", Cancellation));
    }

    [Fact]
    public async Task A_deletion_waits_for_a_silent_Controller_but_not_for_one_that_is_gone()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h"}""");
        await network.HandleAsync(Kinds.Agent, "gate-1");
        await network.StopControllerAsync();

        await network.DeleteAsync(Kinds.Agent, "gate-1");
        Assert.Equal("Controller", (await network.SettleAsync(Kinds.Agent, "gate-1")).Status("waitingFor"));

        await network.DeleteAsync(Kinds.ControlPlane, "iofog");
        Assert.Null(await network.HandleAsync(Kinds.Agent, "gate-1"));
    }

    [Fact]
    public async Task A_provisioning_key_is_renewed_until_a_device_has_used_it()
    {
        Assert.SkipUnless(Servers.Controller is null, "keys expire by the Controller's clock, which the test has to set");
        var time = new FakeTimeProvider(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        await using var network = await Network.StartAsync(time: time);
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h","controllerEndpoint":"ctrl.example"}""");
        var created = await network.SettleAsync(Kinds.Agent, "gate-1");
        var first = (await network.FindSecretAsync("gate-1-provisioning"))!;
        Assert.Equal("http://ctrl.example:51121/api/v3", first["controller"]);
        Assert.Equal("2026-11-24T12:20:00Z", created["status"]!["provisioning"]!["expires"]!.GetValue<string>());
        Assert.Equal("2026-11-24T12:15:00Z", created.Status("nextReconcileTime"));

        time.Advance(TimeSpan.FromMinutes(14));
        await network.HandleAsync(Kinds.Agent, "gate-1");
        Assert.Equal(first["key"], (await network.FindSecretAsync("gate-1-provisioning"))!["key"]);
        time.Advance(TimeSpan.FromMinutes(2));
        var renewed = await network.SettleAsync(Kinds.Agent, "gate-1", isSeen: false);
        var second = (await network.FindSecretAsync("gate-1-provisioning"))!;
        Assert.NotEqual(first["key"], second["key"]);
        Assert.Equal("2026-11-24T12:31:00Z", renewed.Status("nextReconcileTime"));
        Assert.DoesNotContain(second["key"], string.Concat(await network.EventsAsync("gate-1")) + renewed.ToJsonString(), StringComparison.Ordinal);

        using var device = await Device.ProvisionAsync(second["command"].Replace(second["controller"], $"{network.Endpoint}api/v3", StringComparison.Ordinal));
        await device.ReportAsync(time.GetUtcNow());
        var running = await network.SettleAsync(Kinds.Agent, "gate-1");
        Assert.Equal(("True AgentRunning", null), (running.Condition("Ready"), running.Status("nextReconcileTime")));
        Assert.Null(await network.FindSecretAsync("gate-1-provisioning"));
        var keys = network.Journal.Count(entry => entry.Path.EndsWith("provisioning-key", StringComparison.Ordinal));
        await network.HandleAsync(Kinds.Agent, "gate-1");
        Assert.Equal((2, 2), (keys, network.Journal.Count(entry => entry.Path.EndsWith("provisioning-key", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_provisioning_Secret_that_is_gone_or_wrong_is_made_again_and_a_foreign_one_left_alone()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h"}""");
        await network.HandleAsync(Kinds.Agent, "gate-1");
        const string path = "api/v1/namespaces/default/secrets/gate-1-provisioning";
        var secret = await network.Api.GetAsync(path, KubernetesJson.Default.JsonObject, Cancellation);
        Assert.Equal(("Agent", "iofog-operator"), (secret["metadata"]!["ownerReferences"]![0]!["kind"]!.GetValue<string>(), secret["metadata"]!["labels"]![Names.ManagedByLabel]!.GetValue<string>()));

        await network.Api.DeleteAsync(path, Cancellation);
        await network.HandleAsync(Kinds.Agent, "gate-1");
        Assert.NotNull(await network.FindSecretAsync("gate-1-provisioning"));
        await network.Controller.DeleteAgentAsync((await network.ReadAsync(Kinds.Agent, "gate-1")).Status("uuid")!, Cancellation);
        await network.HandleAsync(Kinds.Agent, "gate-1");
        using var device = await Device.ProvisionAsync((await network.FindSecretAsync("gate-1-provisioning"))!["command"]);

        await network.Api.ApplyAsync(
            "api/v1/namespaces/default/secrets/gate-2-provisioning",
            new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = new JsonObject { ["name"] = "gate-2-provisioning" }, ["stringData"] = new JsonObject { ["theirs"] = "x" } },
            KubernetesJson.Default.JsonObject, "somebody", Cancellation);
        await network.CreateAsync(Kinds.Agent, "gate-2", """{"host":"h"}""");
        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Agent, "gate-2")).Condition("Synced"));
        Assert.Equal(["theirs"], (await network.FindSecretAsync("gate-2-provisioning"))!.Keys);
        Assert.Contains(await network.EventsAsync("gate-2"), told => told.StartsWith("Warning SecretTaken", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_device_that_is_replaced_gets_a_key_on_request()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var network = await Network.StartAsync(time: time);
        using var device = await StartDeviceAsync(network);
        Assert.Null(await network.FindSecretAsync("gate-1-provisioning"));

        await network.AskAsync(Kinds.Agent, "gate-1", "provision");
        await network.HandleAsync(Kinds.Agent, "gate-1", isSeen: false);
        using var other = await Device.ProvisionAsync((await network.FindSecretAsync("gate-1-provisioning"))!["command"], type: 2);
        await network.HandleAsync(Kinds.Agent, "gate-1");
        Assert.NotNull(await network.FindSecretAsync("gate-1-provisioning"));
        time.Advance(TimeSpan.FromMinutes(21));
        var after = await network.SettleAsync(Kinds.Agent, "gate-1", isSeen: false);
        Assert.Equal((null, null), (after.Status("provisioning"), after.Status("nextReconcileTime")));
        Assert.Null(await network.FindSecretAsync("gate-1-provisioning"));
    }

    [Theory]
    [InlineData("reboot", "reboot")]
    [InlineData("prune", "prune")]
    [InlineData("upgrade", "version")]
    [InlineData("rollback", "version")]
    public async Task A_command_reaches_the_device_once(string command, string flag)
    {
        await using var network = await Network.StartAsync();
        using var device = await StartDeviceAsync(network, isReady: true);
        await device.TakeChangesAsync();

        await network.AskAsync(Kinds.Agent, "gate-1", command);
        var asked = await network.SettleAsync(Kinds.Agent, "gate-1", isSeen: false);
        Assert.Equal(("1", "True Synced"), (asked["status"]!["requests"]![command]!.GetValue<string>(), asked.Condition("Synced")));
        Assert.Equal([flag], await device.TakeChangesAsync());
        await network.HandleAsync(Kinds.Agent, "gate-1");
        Assert.Empty(await device.TakeChangesAsync());

        await network.AskAsync(Kinds.Agent, "gate-1", command, "2");
        await network.HandleAsync(Kinds.Agent, "gate-1", isSeen: false);
        Assert.Equal([flag], await device.TakeChangesAsync());
    }

    [Fact]
    public async Task A_command_waits_for_the_Controller_and_is_denied_where_no_device_could_carry_it_out()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h"}""");
        await network.HandleAsync(Kinds.Agent, "gate-1");
        await network.AskAsync(Kinds.Agent, "gate-1", "reboot");
        await network.HandleAsync(Kinds.Agent, "gate-1", isSeen: false);
        Assert.Contains(await network.EventsAsync("gate-1"), told => told.Contains("RequestDenied: The request reboot is not carried out: no device", StringComparison.Ordinal));

        using var device = await Device.ProvisionAsync((await network.FindSecretAsync("gate-1-provisioning"))!["command"]);
        await device.ReportAsync(network.Time.GetUtcNow());
        await network.AskAsync(Kinds.Agent, "gate-1", "upgrade");
        await network.HandleAsync(Kinds.Agent, "gate-1");
        Assert.Contains(await network.EventsAsync("gate-1"), told => told.Contains("The request upgrade is not carried out", StringComparison.Ordinal));
        Assert.DoesNotContain(network.Journal, entry => entry.Path.Contains("version", StringComparison.Ordinal) || entry.Path.Contains("reboot", StringComparison.Ordinal));

        await network.AskAsync(Kinds.Agent, "gate-1", "reboot", "2");
        await network.StopControllerAsync();
        var waiting = await network.SettleAsync(Kinds.Agent, "gate-1", isSeen: false);
        Assert.Equal(("Controller", "reboot"), (waiting.Status("waitingFor"), waiting["status"]!["deferred"]![0]!.GetValue<string>()));
    }

    [Fact]
    public async Task Routers_that_would_wait_for_each_other_are_refused_with_the_circle_and_recover()
    {
        await using var network = await Network.StartAsync();
        foreach (var (name, upstream) in new[] { ("a", "b"), ("b", "c"), ("c", "a") })
            await network.CreateAsync(Kinds.Agent, name, $$"""{"host":"h","upstreamRouters":["{{upstream}}"],"routerConfig":{"routerMode":"interior","interRouterPort":1,"edgeRouterPort":2} }""");
        var refused = await network.SettleAsync(Kinds.Agent, "a");
        Assert.Equal(("True AgentInvalid", "Agent/b"), (refused.Condition("Stalled"), refused.Status("waitingFor")));
        Assert.Contains("a → b → c → a", refused["status"]!["conditions"]![0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Null(refused.Status("nextReconcileTime"));

        await network.EditAsync(Kinds.Agent, "c", """{"upstreamRouters":["default-router"]}""");
        foreach (var name in new[] { "c", "b", "a" })
            Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Agent, name)).Condition("Synced"));
    }

    [Fact]
    public async Task A_router_that_others_connect_to_stays_interior_until_they_have_another()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "core", """{"host":"c","routerConfig":{"routerMode":"interior","interRouterPort":1,"edgeRouterPort":2}}""");
        await network.HandleAsync(Kinds.Agent, "core");
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h","upstreamRouters":["core"]}""");
        await network.HandleAsync(Kinds.Agent, "gate-1");

        await network.EditAsync(Kinds.Agent, "core", """{"routerConfig":{"routerMode":"edge","interRouterPort":null,"edgeRouterPort":null}}""");
        Assert.Equal("Agent/gate-1", (await network.SettleAsync(Kinds.Agent, "core")).Status("waitingFor"));
        await network.EditAsync(Kinds.Agent, "gate-1", """{"upstreamRouters":["default-router"]}""");
        await network.HandleAsync(Kinds.Agent, "gate-1");
        var core = await network.SettleAsync(Kinds.Agent, "core");
        Assert.Equal(("True Synced", "edge"), (core.Condition("Synced"), core.Status("routerMode")));
    }

    [Fact]
    public async Task A_network_router_survives_changes_of_something_else_and_can_be_left()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "core", """{"host":"c"}""");
        var core = (await network.SettleAsync(Kinds.Agent, "core")).Status("uuid");
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"routerConfig":{"routerMode":"none"},"networkRouter":"core"}""");
        await network.HandleAsync(Kinds.Agent, "gate-1");

        await network.EditAsync(Kinds.Agent, "gate-1", """{"config":{"memoryLimit":512}}""");
        await network.HandleAsync(Kinds.Agent, "gate-1");
        Assert.Equal(core, (await network.Controller.FindAgentsAsync("gate-1", Cancellation))[0].NetworkRouter);

        await network.EditAsync(Kinds.Agent, "gate-1", """{"networkRouter":null}""");
        await network.HandleAsync(Kinds.Agent, "gate-1");
        Assert.Equal("default-router", (await network.Controller.FindAgentsAsync("gate-1", Cancellation))[0].NetworkRouter);
        var mark = network.Mark();
        await network.HandleAsync(Kinds.Agent, "gate-1");
        Assert.Empty(network.WritesSince(mark));
    }

    [Fact]
    public async Task What_goes_from_the_spec_goes_back_to_its_default_and_braces_stay_braces()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h","description":"a {{ b } c","config":{"memoryLimit":2048,"timeZone":"{{self.name}}"}}""");
        var uuid = (await network.SettleAsync(Kinds.Agent, "gate-1")).Status("uuid")!;
        var agent = (await network.Controller.FindAgentAsync(uuid, Cancellation))!;
        Assert.Equal(("a {{ b } c", "{{self.name}}"), (agent.Fields!["description"].GetString(), agent.Fields["timeZone"].GetString()));
        var mark = network.Mark();
        await network.HandleAsync(Kinds.Agent, "gate-1");
        Assert.Empty(network.WritesSince(mark));

        await network.EditAsync(Kinds.Agent, "gate-1", """{"description":null,"config":{"memoryLimit":null}}""");
        await network.HandleAsync(Kinds.Agent, "gate-1");
        agent = (await network.Controller.FindAgentAsync(uuid, Cancellation))!;
        Assert.Equal(("", 4096), (agent.Fields!["description"].GetString(), agent.Fields["memoryLimit"].GetInt32()));
    }

    [Fact]
    public async Task What_only_iofogctl_uses_is_taken_and_told()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Agent, "gate-1", """
            {"host":"ssh.example","ssh":{"user":"pi","keyFile":"~/.ssh/id","port":22},"package":{"version":"3.0.1"},"scripts":{"install":{"entrypoint":"i.sh","args":["x"]}},
             "config":{"host":"10.0.0.7","description":"as iofogctl has it","agentType":"arm","routerConfig":{"routerMode":"edge"}}}
            """);
        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Agent, "gate-1")).Condition("Synced"));
        var agent = (await network.Controller.FindAgentsAsync("gate-1", Cancellation))[0];
        Assert.Equal(("10.0.0.7", 2), (agent.Fields!["host"].GetString(), agent.FogTypeId));
        Assert.Contains(await network.EventsAsync("gate-1"), told => told.StartsWith("Normal FieldsIgnored: spec.ssh, spec.package, spec.scripts", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"host":"h","description":"a","config":{"description":"b"}}""", "not under both")]
    [InlineData("""{"host":"h","routerConfig":{"routerMode":"interior"}}""", "needs interRouterPort")]
    [InlineData("""{"host":"h","config":{"routerConfig":{"routerMode":"edge","edgeRouterPort":1}}}""", "routerMode interior only")]
    [InlineData("""{"host":"h","networkRouter":"core"}""", "networkRouter is for routerMode none only")]
    [InlineData("""{"host":"h","config":{"routerConfig":{"routerMode":"none"}},"upstreamRouters":["core"]}""", "routerMode is none")]
    [InlineData("""{"host":"h","name":"a","config":{"name":"b"}}""", "must be spec.name")]
    [InlineData("""{"host":"h","tags":["a","a"]}""", "Duplicate value")]
    [InlineData("""{"host":"h","config":{"statusFrequency":1.5}}""", "statusFrequency")]
    public async Task The_API_server_refuses_what_contradicts_itself(string spec, string says)
    {
        await using var cluster = await ClusterEmulator.StartAsync(new() { RunControllers = false }, null, Cancellation);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, cluster.Kubeconfig, Cancellation);
        var api = KubernetesConnection.Open(file);
        File.Delete(file);
        await Manifests.ApplyAsync(api, Yaml.Parse(await File.ReadAllTextAsync(Path.Combine(Layout.Crds, "agents.yaml"), Cancellation))!.AsObject(), "default", Cancellation);
        using var response = await api.SendAsync(
            new(HttpMethod.Post, "apis/iofog.org/v3/namespaces/default/agents")
            {
                Content = new StringContent($$"""{"apiVersion":"iofog.org/v3","kind":"Agent","metadata":{"name":"x"},"spec":{{spec}}}""", System.Text.Encoding.UTF8, "application/json"),
            },
            HttpCompletionOption.ResponseContentRead, Cancellation);
        Assert.Equal(422, (int)response.StatusCode);
        Assert.Contains(says, await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    private static async Task<Device> StartDeviceAsync(Network network, bool isReady = false)
    {
        await network.CreateAsync(Kinds.Agent, "gate-1", """{"host":"h"}""");
        await network.HandleAsync(Kinds.Agent, "gate-1");
        var device = await Device.ProvisionAsync((await network.FindSecretAsync("gate-1-provisioning"))!["command"]);
        await device.ReportAsync(network.Time.GetUtcNow(), isReadyToUpgrade: isReady, isReadyToRollback: isReady);
        await network.HandleAsync(Kinds.Agent, "gate-1");
        return device;
    }
}
