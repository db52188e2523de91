using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Microservices;

namespace IoFog.Operator.Unit.Microservices;

public sealed class MicroservicePlanTests
{
    public static TheoryData<string> Cases => GoldenCase.In("Microservices");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Plans_as_the_case_says(string name)
    {
        var golden = GoldenCase.Read("Microservices", name);
        golden.Expects(Plan(golden));
    }

    internal static JsonNode Plan(GoldenCase golden)
    {
        var spec = golden.Given("desired", MicroserviceJson.Default.MicroserviceSpec)!;
        var observed = golden.Given("observed", ControllerJson.Default.MicroserviceEntry);

        var plan = MicroservicePlan.Of(spec.Name ?? "heart", spec, golden.Names("uuids")[spec.Agent!.Name], observed);

        var steps = new JsonObject();
        if (plan.Delete)
            steps["delete"] = observed!.Uuid;
        if (plan.Create is { } create)
            steps["create"] = create.DeepClone();
        if (plan.Update is { } update)
            steps["update"] = update.DeepClone();
        return steps;
    }
}
