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
        var spec = golden.Given("desired", AgentJson.Default.AgentSpec)!;
        var status = golden.Given("status", AgentJson.Default.AgentStatus) ?? new();
        var observed = golden.Given("observed", ControllerJson.Default.AgentList) ?? new([]);

        Assert.Null(AgentPlan.Problem(spec.Name ?? "gate-1", spec));
        golden.Expects(Steps(AgentPlan.Of(spec.Name ?? "gate-1", spec, status, golden.Names("uuids"), observed.Fogs)));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_was_done_needs_no_doing(string name)
    {
        var golden = GoldenCase.Read("Agents", name);
        var spec = golden.Given("desired", AgentJson.Default.AgentSpec)!;
        var status = golden.Given("status", AgentJson.Default.AgentStatus) ?? new();
        var observed = golden.Given("observed", ControllerJson.Default.AgentList) ?? new([]);
        var plan = AgentPlan.Of(spec.Name ?? "gate-1", spec, status, golden.Names("uuids"), observed.Fogs);

        var after = After(plan, AgentPlan.Own(status, observed.Fogs));

        Assert.Equal("{}", Steps(AgentPlan.Of(spec.Name ?? "gate-1", spec, status with { Uuid = after.Uuid, Tags = spec.Tags }, golden.Names("uuids"), [after])).ToJsonString());
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
        return JsonSerializer.Deserialize(shown, ControllerJson.Default.AgentEntry)!;
    }
}
