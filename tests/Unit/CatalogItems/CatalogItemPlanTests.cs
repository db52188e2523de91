using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.CatalogItems;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Unit.CatalogItems;

public sealed class CatalogItemPlanTests
{
    public static TheoryData<string> Cases => GoldenCase.In("CatalogItems");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Plans_as_the_case_says(string name)
    {
        var golden = GoldenCase.Read("CatalogItems", name);
        golden.Expects(Plan(golden));
    }

    internal static JsonNode Plan(GoldenCase golden)
    {
        var spec = golden.Given("desired", CatalogItemJson.Default.CatalogItemSpec)!;
        var observed = golden.Given("observed", ControllerJson.Default.CatalogItemList)?.CatalogItems ?? [];
        var name = spec.Name ?? "meter";
        var own = CatalogItemPlan.Find(name, golden.Given("status", CatalogItemJson.Default.CatalogItemStatus) ?? new(), observed);
        return new JsonArray([.. CatalogItemPlan.Of(name, spec, ImageSources.RegistryIdOf(spec.Registry) ?? 3, own).Select(Step)]);
    }

    [Theory]
    [InlineData("{}", "spec.x86 or spec.arm")]
    [InlineData("""{"x86":"a:1","description":"{%endraw%}"}""", "spec.description")]
    [InlineData("""{"x86":"a:1","registry":"u:s3cret@r"}""", "spec.registry: no account")]
    public void A_spec_that_cannot_work_is_refused_by_field(string spec, string field) =>
        Assert.StartsWith(field, CatalogItemPlan.Problem(JsonSerializer.Deserialize(spec, CatalogItemJson.Default.CatalogItemSpec)), StringComparison.Ordinal);

    private static JsonNode Step(CatalogItemStep step) => step switch
    {
        CatalogItemStep.Create(var body) => new JsonObject { ["create"] = body.DeepClone() },
        CatalogItemStep.Update(var id, var fields) => new JsonObject { ["update"] = id, ["fields"] = fields.DeepClone() },
        _ => throw new InvalidOperationException($"unknown step {step}"),
    };
}
