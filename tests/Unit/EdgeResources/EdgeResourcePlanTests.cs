using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.EdgeResources;

namespace IoFog.Operator.Unit.EdgeResources;

public sealed class EdgeResourcePlanTests
{
    public static TheoryData<string> Cases => GoldenCase.In("EdgeResources");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Plans_as_the_case_says(string name)
    {
        var golden = GoldenCase.Read("EdgeResources", name);
        golden.Expects(Plan(golden));
    }

    internal static JsonNode Plan(GoldenCase golden)
    {
        var spec = golden.Given("desired", EdgeResourceJson.Default.EdgeResourceSpec)!;
        var status = golden.Given("status", EdgeResourceJson.Default.EdgeResourceStatus) ?? new();
        var observed = golden.Given("observed", ControllerJson.Default.EdgeResourceEntry) is { } one
            ? [one]
            : golden.Given("duplicates", ControllerJson.Default.EdgeResourceList)?.EdgeResources ?? [];
        var agents = golden.Given("agents", ControllerJson.Default.AgentList) ?? new([]);

        var id = new EdgeResourceId(spec.Name ?? "cam", spec.Version!);
        var steps = EdgeResourcePlan.Of(
            id, spec, status, agents.Fogs.ToDictionary(agent => agent.Name), [.. observed.Where(entry => entry.Name == id.Name && entry.Version == id.Version)],
            golden.Given("heirs", EdgeResourceJson.Default.EdgeResourceSpec)?.Agents);

        return new JsonArray([.. steps.Select(Step)]);
    }

    [Theory]
    [InlineData("""{"interfaceProtocol":"http"}""", "spec.version")]
    [InlineData("""{"version":"1.0.0"}""", "spec.interfaceProtocol")]
    [InlineData("""{"version":"1.0.0","interfaceProtocol":"http","custom":{"a":["{%endraw%}"]}}""", "spec.custom.a[0]")]
    public void A_spec_that_cannot_work_is_refused_by_field(string spec, string field) =>
        Assert.StartsWith(field, EdgeResourcePlan.Problem(JsonSerializer.Deserialize(spec, EdgeResourceJson.Default.EdgeResourceSpec)), StringComparison.Ordinal);

    private static JsonNode Step(EdgeResourceStep step) => step switch
    {
        EdgeResourceStep.Delete(var id) => new JsonObject { ["delete"] = id.ToString() },
        EdgeResourceStep.Put(var id, var body) => new JsonObject { ["put"] = id.ToString(), ["body"] = body.DeepClone() },
        EdgeResourceStep.Attach(var id, _, var uuid) => new JsonObject { ["attach"] = id.ToString(), ["to"] = uuid },
        EdgeResourceStep.Detach(var id, _, var uuid) => new JsonObject { ["detach"] = id.ToString(), ["from"] = uuid },
        _ => throw new InvalidOperationException($"unknown step {step}"),
    };
}
