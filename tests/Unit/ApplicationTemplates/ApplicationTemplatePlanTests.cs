using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.ApplicationTemplates;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Unit.ApplicationTemplates;

public sealed class ApplicationTemplatePlanTests
{
    public static TheoryData<string> Cases => GoldenCase.In("ApplicationTemplates");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Plans_as_the_case_says(string name)
    {
        var golden = GoldenCase.Read("ApplicationTemplates", name);
        golden.Expects(Plan(golden));
    }

    internal static JsonNode Plan(GoldenCase golden)
    {
        var spec = golden.Given("desired", ApplicationTemplateJson.Default.ApplicationTemplateSpec)!;
        var body = ApplicationTemplateBody.Of(spec.Name ?? "meter", spec, (isRegistry, _) => isRegistry ? 3 : 15);
        return ApplicationTemplatePlan.Of(body, golden.Given("observed", ControllerJson.Default.TemplateEntry)) is { } plan
            ? new JsonObject { ["put"] = plan.Path, ["because"] = plan.Because, ["body"] = plan.Body.DeepClone() }
            : new JsonObject();
    }

    [Theory]
    [InlineData("{}", "spec.application.microservices")]
    [InlineData("""{"application":{"microservices":[{"images":{"x86":"a"}}]}}""", "spec.application.microservices[0].name")]
    [InlineData("""{"application":{"microservices":[{"name":"a","images":{"x86":"a","registry":"u:s3cret@r"}}]}}""", "spec.application.microservices[0].images.registry: no account")]
    [InlineData("""{"application":{"microservices":[{"name":"a"}]}}""", "spec.application.microservices[0].images")]
    public void A_spec_that_cannot_work_is_refused_by_field(string spec, string field) => Assert.StartsWith(
        field, ApplicationTemplatePlan.Problem(JsonSerializer.Deserialize(spec, ApplicationTemplateJson.Default.ApplicationTemplateSpec)), StringComparison.Ordinal);
}
