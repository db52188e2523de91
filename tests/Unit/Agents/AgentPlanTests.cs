using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Agents;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Unit.Agents;

public sealed class AgentPlanTests
{
    public static TheoryData<string> Cases => GoldenCase.In("Agents");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Plans_as_the_case_says(string name)
    {
        var golden = GoldenCase.Read("Agents", name);
        golden.Expects(Plan(golden));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_was_done_needs_no_doing(string name)
    {
        var golden = GoldenCase.Read("Agents", name);
        var spec = golden.Given("desired", AgentJson.Default.AgentSpec)!.Flat();
        var status = golden.Given("status", AgentJson.Default.AgentStatus) ?? new();
        var observed = golden.Given("observed", ControllerJson.Default.AgentList) ?? new([]);
        var plan = AgentPlan.Of(spec.Name ?? "gate-1", spec, status, golden.Names("uuids"), observed.Fogs);

        var after = After(plan, AgentPlan.Own(status, observed.Fogs));

        Assert.Equal("{}", Steps(AgentPlan.Of(spec.Name ?? "gate-1", spec, status with { Uuid = after.Uuid, Tags = spec.Tags, Fields = plan.Given }, golden.Names("uuids"), [after])).ToJsonString());
    }

    [Theory]
    [InlineData("""{}""", "spec.host")]
    [InlineData("""{"routerConfig":{"routerMode":"interior"}}""", "spec.host")]
    [InlineData("""{"host":"h","routerConfig":{"routerMode":"interior","edgeRouterPort":1}}""", "spec.routerConfig.interRouterPort")]
    [InlineData("""{"host":"h","networkRouter":"core"}""", "spec.networkRouter")]
    [InlineData("""{"routerConfig":{"routerMode":"none"},"upstreamRouters":["core"]}""", "spec.upstreamRouters")]
    [InlineData("""{"host":"h","upstreamRouters":["gate-1"]}""", "spec.upstreamRouters")]
    public void A_spec_that_cannot_work_is_refused_by_field(string spec, string field) =>
        Assert.StartsWith(field, AgentPlan.Problem("gate-1", Spec(spec)), StringComparison.Ordinal);

    [Fact]
    public void No_agent_is_called_like_the_default_router() =>
        Assert.StartsWith("spec.name", AgentPlan.Problem("default-router", Spec("""{"host":"h"}""")), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"host":"h","config":{"name":"other"}}""", "spec.config.name")]
    [InlineData("""{"routerConfig":{"routerMode":"none"},"networkRouter":"gate-1"}""", "spec.networkRouter")]
    [InlineData("""{"host":"h","description":"{% endraw %}"}""", "spec.description")]
    [InlineData("""{"host":"h","tags":["a","{%- endraw -%}"]}""", "spec.tags[1]")]
    public void What_the_Controller_would_take_wrongly_is_refused_by_field(string spec, string field) =>
        Assert.StartsWith(field, AgentPlan.Problem("gate-1", Spec(spec)), StringComparison.Ordinal);

    [Theory]
    [InlineData("a", "b:c c:d", "")]
    [InlineData("a", "b:c c:a", "a b c a")]
    [InlineData("a", "b:c,d c:b d:a", "a b d a")]
    [InlineData("a", "b:c c:b", "")]
    [InlineData("a", "", "")]
    public void A_circle_of_routers_is_found(string name, string others, string circle)
    {
        var upstreams = others.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(other => other.Split(':'))
            .ToDictionary(other => other[0], other => (IReadOnlyList<string>)other[1].Split(','));
        upstreams[name] = ["b"];
        Assert.Equal(circle, string.Join(' ', AgentPlan.Circle(name, upstreams)));
    }

    [Theory]
    [InlineData("reboot", false, false, "no device")]
    [InlineData("prune", true, false, null)]
    [InlineData("provision", false, false, null)]
    [InlineData("provision", true, false, null)]
    [InlineData("upgrade", true, false, "latest version")]
    [InlineData("upgrade", true, true, null)]
    [InlineData("rollback", true, false, "former version")]
    [InlineData("rollback", true, true, null)]
    [InlineData("rollback", false, true, "no device")]
    public void A_command_needs_a_device_that_can_do_it(string command, bool hasDevice, bool isReady, string? problem)
    {
        var agent = new AgentEntry { Uuid = "u", Name = "gate-1", LastActive = hasDevice ? 1 : 0, IsReadyToUpgrade = isReady, IsReadyToRollback = isReady };
        if (AgentPlan.ProblemOfCommand(command, agent) is { } found)
            Assert.Contains(problem!, found, StringComparison.Ordinal);
        else
            Assert.Null(problem);
    }

    [Theory]
    [InlineData(null, "http://controller.edge.svc:51121/api/v3")]
    [InlineData("10.0.0.5", "http://10.0.0.5:51121/api/v3")]
    [InlineData("10.0.0.5:80", "http://10.0.0.5/api/v3")]
    [InlineData("[fd00::5]", "http://[fd00::5]:51121/api/v3")]
    [InlineData("10.0.0.5:8080", "http://10.0.0.5:8080/api/v3")]
    [InlineData("https://ctrl.example", "https://ctrl.example/api/v3")]
    [InlineData("http://ctrl.example:51121/api/v3/", "http://ctrl.example:51121/api/v3")]
    public void The_device_is_told_where_the_Controller_is(string? endpoint, string expected) =>
        Assert.Equal(expected, ProvisioningSecret.ControllerOf(new() { ControllerEndpoint = endpoint }, new("http://controller.edge.svc:51121/")));

    [Theory]
    [InlineData(10, 10)]
    [InlineData(-100, 20)]
    [InlineData(100, 20)]
    public void A_key_expires_by_our_clock_when_the_Controllers_is_wrong(int minutesSaid, int minutes)
    {
        var now = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal(now.AddMinutes(minutes), ProvisioningSecret.ExpiryOf(new("key", now.AddMinutes(minutesSaid).ToUnixTimeMilliseconds()), now));
    }

    [Theory]
    [InlineData("""{"host":"h"}""", true)]
    [InlineData("""{"host":"h","upstreamRouters":["core"]}""", false)]
    [InlineData("""{"host":"h","upstreamRouters":[]}""", false)]
    [InlineData("""{"host":"h","upstreamRouters":["core","default-router"]}""", true)]
    [InlineData("""{"routerConfig":{"routerMode":"none"}}""", true)]
    [InlineData("""{"routerConfig":{"routerMode":"none"},"networkRouter":"core"}""", false)]
    public void Only_what_leads_to_the_default_router_waits_for_it(string spec, bool needs) =>
        Assert.Equal(needs, AgentPlan.NeedsDefaultRouter(Spec(spec)));

    [Theory]
    [InlineData("edge", "interior", true)]
    [InlineData("edge", "edge", false)]
    [InlineData("edge", "none", false)]
    [InlineData("none", "edge", true)]
    [InlineData("none", "none", false)]
    public void A_named_router_must_be_of_use(string mode, string named, bool isUsable) =>
        Assert.Equal(isUsable, AgentPlan.ProblemOfRouter(
            Spec($$$"""{"host":"h","routerConfig":{"routerMode":"{{{mode}}}"}}"""), new() { Uuid = "u", Name = "core", RouterMode = named }) is null);

    private static AgentSpec Spec(string json) => JsonSerializer.Deserialize(json, AgentJson.Default.AgentSpec)!;

    internal static JsonNode Plan(GoldenCase golden)
    {
        var spec = golden.Given("desired", AgentJson.Default.AgentSpec)!.Flat();
        var status = golden.Given("status", AgentJson.Default.AgentStatus) ?? new();
        var observed = golden.Given("observed", ControllerJson.Default.AgentList) ?? new([]);
        Assert.Null(AgentPlan.Problem(spec.Name ?? "gate-1", spec));
        return Steps(AgentPlan.Of(spec.Name ?? "gate-1", spec, status, golden.Names("uuids"), observed.Fogs));
    }

    private static JsonObject Steps(AgentPlan plan)
    {
        var steps = new JsonObject();
        if (plan.Create is { } create)
            steps["create"] = create.DeepClone();
        if (plan.Update is { } update)
            steps["update"] = new JsonObject { ["uuid"] = update.Uuid, ["fields"] = update.Fields.DeepClone() };
        if (plan.Remove.Count > 0)
            steps["remove"] = new JsonArray([.. plan.Remove.Select(uuid => (JsonNode)JsonValue.Create(uuid)!)]);
        return steps;
    }

    // What the Controller shows after it did as it was told.
    private static AgentEntry After(AgentPlan plan, AgentEntry? before)
    {
        var shown = before is null
            ? new JsonObject { ["uuid"] = "new" }
            : JsonSerializer.SerializeToNode(before, ControllerJson.Default.AgentEntry)!.AsObject();
        foreach (var (field, value) in plan.Create ?? plan.Update?.Fields ?? [])
            shown[field == "fogType" ? "fogTypeId" : field] = value!.DeepClone();

        // Without a name the default router is taken, also by a change of something else.
        if (shown["routerMode"]!.GetValue<string>() == "none" && (plan.Create ?? plan.Update?.Fields) is { } sent && !sent.ContainsKey("networkRouter"))
            shown["networkRouter"] = "default-router";
        return JsonSerializer.Deserialize(shown, ControllerJson.Default.AgentEntry)!;
    }
}
