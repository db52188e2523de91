using System.Text.Json.Nodes;
using IoFog.Operator.Applications;
using IoFog.Operator.Controller;
using IoFog.Operator.Unit.Microservices;

namespace IoFog.Operator.Unit.Applications;

public sealed class ApplicationPlanTests
{
    public static TheoryData<string> Cases => GoldenCase.In("Applications");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Plans_as_the_case_says(string name)
    {
        var golden = GoldenCase.Read("Applications", name);
        golden.Expects(Plan(golden));
    }

    internal static JsonNode Plan(GoldenCase golden)
    {
        var spec = golden.Given("desired", ApplicationJson.Default.ApplicationSpec)!;
        spec = spec with { Microservices = spec.Microservices?.Select(MicroservicePlanTests.WithIds).ToArray() };
        var status = golden.Given("status", ApplicationJson.Default.ApplicationStatus) ?? new();
        var observed = golden.Given("observed", ControllerJson.Default.ApplicationEntry);

        var steps = spec.Template is null
            ? ApplicationPlan.Of(spec.Name ?? "health", spec, golden.Names("uuids"), status.Children ?? [], observed, golden.Texts("untouched"))
            : ApplicationPlan.OfTemplate(spec.Name ?? "health", spec, status.Children ?? [], status.Template, observed);

        return new JsonArray([.. steps.Select(Step)]);
    }

    private static JsonNode Step(ApplicationStep step) => step switch
    {
        ApplicationStep.Create(var body) => new JsonObject { ["create"] = body.DeepClone() },
        ApplicationStep.Update(var name, var fields) => new JsonObject { ["update"] = name, ["fields"] = fields.DeepClone() },
        ApplicationStep.Instantiate(var body) => new JsonObject { ["instantiate"] = body.DeepClone() },
        ApplicationStep.DeleteRoute(var name) => new JsonObject { ["deleteRoute"] = name },
        ApplicationStep.DeleteMicroservice(_, var uuid) => new JsonObject { ["deleteMicroservice"] = uuid },
        ApplicationStep.CreateMicroservice(var name, var body) => new JsonObject { ["createMicroservice"] = name, ["on"] = body["iofogUuid"]!.DeepClone() },
        ApplicationStep.UpdateMicroservice(_, var uuid, var write) => new JsonObject { ["updateMicroservice"] = uuid, ["fields"] = MicroservicePlanTests.Shown(write) },
        ApplicationStep.CreateRoute(var name, var from, var to) => new JsonObject { ["createRoute"] = name, ["from"] = from, ["to"] = to },
        _ => throw new InvalidOperationException($"unknown step {step}"),
    };
}
