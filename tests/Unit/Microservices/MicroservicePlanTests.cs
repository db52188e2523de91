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
        var spec = WithIds(golden.Given("desired", MicroserviceJson.Default.MicroserviceSpec)!);
        var observed = golden.Given("observed", ControllerJson.Default.MicroserviceEntry);

        var plan = MicroservicePlan.Of(spec.Name ?? "heart", spec, golden.Names("uuids")[spec.Agent!.Name], observed);

        var steps = new JsonObject();
        if (plan.Delete)
            steps["delete"] = observed!.Uuid;
        if (plan.Create is { } create)
            steps["create"] = create.DeepClone();
        if (plan.Updates is [MicroserviceWrite.Patch only])
            steps["update"] = only.Fields.DeepClone();
        else if (plan.Updates.Count > 0)
            steps["updates"] = new JsonArray([.. plan.Updates.Select(Shown)]);
        return steps;
    }

    internal static JsonNode Shown(MicroserviceWrite write) => write switch
    {
        MicroserviceWrite.Patch(var fields, _) => fields.DeepClone(),
        MicroserviceWrite.AddPort(var port) => new JsonObject { ["addPort"] = port.DeepClone() },
        MicroserviceWrite.RemovePort(var port) => new JsonObject { ["removePort"] = port },
        _ => throw new InvalidOperationException($"unknown write {write}"),
    };

    /// <summary>As the reconciler hands it to the plan, with the id of its catalog item.</summary>
    internal static MicroserviceSpec WithIds(MicroserviceSpec spec) =>
        spec.Images is { CatalogItem: not null } images ? spec with { Images = images with { CatalogId = 15 } } : spec;
}
