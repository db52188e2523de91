using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Registries;

namespace IoFog.Operator.Unit.Registries;

public sealed class RegistryPlanTests
{
    public static TheoryData<string> Cases => GoldenCase.In("Registries");

    [Theory]
    [MemberData(nameof(Cases))]
    public void Plans_as_the_case_says(string name)
    {
        var golden = GoldenCase.Read("Registries", name);
        golden.Expects(Plan(golden));
    }

    internal static JsonNode Plan(GoldenCase golden)
    {
        var spec = golden.Given("desired", RegistryJson.Default.RegistrySpec)!;
        var password = spec.PasswordSecretRef is { } reference ? new SecretValue($"{reference.Name} {reference.KeyOrDefault}", $"{reference.Name}/{reference.KeyOrDefault}/7") : null;
        var observed = golden.Given("observed", ControllerJson.Default.RegistryList)?.Registries ?? [];
        return new JsonArray([.. RegistryPlan.Of(spec, golden.Given("status", RegistryJson.Default.RegistryStatus) ?? new(), password, observed).Select(Step)]);
    }

    [Theory]
    [InlineData("{}", "spec.url")]
    [InlineData("""{"url":"2"}""", "spec.url")]
    [InlineData("""{"url":"https://fleet:s3cret@registry.example.com"}""", "spec.url: no account")]
    [InlineData("""{"url":"remote"}""", "spec.url")]
    [InlineData("""{"url":"r","private":true}""", "spec.username")]
    [InlineData("""{"url":"r","private":true,"username":"u"}""", "spec.passwordSecretRef")]
    [InlineData("""{"url":"r","requiresCert":true}""", "spec.certificate")]
    [InlineData("""{"url":"r","username":"{%endraw%}"}""", "spec.username")]
    [InlineData("""{"url":"99999999999"}""", "spec.url: microservices mean another registry")]
    [InlineData("""{"url":"r","certificate":"-----BEGIN CERTIFICATE-----\nx\n-----BEGIN PRIVATE KEY-----\ny"}""", "spec.certificate: a private key")]
    public void A_spec_that_cannot_work_is_refused_by_field(string spec, string field) =>
        Assert.StartsWith(field, RegistryPlan.Problem(JsonSerializer.Deserialize(spec, RegistryJson.Default.RegistrySpec)), StringComparison.Ordinal);

    [Fact]
    public void A_step_never_prints_its_password() => Assert.DoesNotContain(
        "s3cret",
        string.Join(' ', RegistryPlan.Of(new() { Url = "r", Private = true, Username = "u" }, new(), new("s3cret", "fleet/password/7"), [])) + new SecretValue("s3cret", "fleet/password/7"),
        StringComparison.Ordinal);

    private static JsonNode Step(RegistryStep step) => step switch
    {
        RegistryStep.Create(var body) => new JsonObject { ["create"] = body.DeepClone() },
        RegistryStep.Update(var id, var fields) => new JsonObject { ["update"] = id, ["fields"] = fields.DeepClone() },
        RegistryStep.DeleteDuplicate(var id) => new JsonObject { ["deleteDuplicate"] = id },
        _ => throw new InvalidOperationException($"unknown step {step}"),
    };
}
