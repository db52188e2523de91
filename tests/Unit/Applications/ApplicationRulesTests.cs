using System.Text.Json;
using IoFog.Operator.Applications;

namespace IoFog.Operator.Unit.Applications;

public sealed class ApplicationRulesTests
{
    [Theory]
    [InlineData("""{"template":{"name":"t"},"routes":[{"from":"a","to":"b"}]}""", "spec.template")]
    [InlineData("""{"microservices":[{"agent":{"name":"g"},"images":{"x86":"i"}}]}""", "spec.microservices[0].name")]
    [InlineData("""{"microservices":[{"name":"a","agent":{"name":"g"},"images":{"x86":"i"}},{"name":"a","agent":{"name":"g"},"images":{"x86":"i"}}]}""", "spec.microservices[1].name a is there already")]
    [InlineData("""{"microservices":[{"name":"a","agent":{"name":"g"}}]}""", "spec.microservices[0].images")]
    [InlineData("""{"routes":[{"name":"r","from":"a","to":"b"},{"name":"r","from":"b","to":"a"}]}""", "spec.routes[1].name r is there already")]
    [InlineData("""{"routes":[{"name":"r","from":"a","to":"b"},{"name":"s","from":"a","to":"b"}]}""", "spec.routes[1] leads from a to b, as r does")]
    [InlineData("""{"routes":[{"from":"a","to":"b"},{"name":"r-a-b","from":"b","to":"a"}]}""", "spec.routes[1].name r-a-b is there already")]
    public void Names_the_field_of_what_cannot_work(string spec, string field) =>
        Assert.StartsWith(field, ApplicationRules.Broken(JsonSerializer.Deserialize(spec, ApplicationJson.Default.ApplicationSpec)!), StringComparison.Ordinal);
}
