using System.Net;
using System.Text.Json;
using IoFog.Operator.Controller;
using IoFog.Operator.Microservices;

namespace IoFog.Operator.Unit.Microservices;

public sealed class MicroserviceRulesTests
{
    [Theory]
    [InlineData("""{"images":{"x86":"i"}}""", "spec.agent.name")]
    [InlineData("""{"agent":{"name":"g"},"images":{"x86":"i","registry":"u:s3cret@r"}}""", "spec.images.registry: no account")]
    [InlineData("""{"agent":{"name":"g"},"images":{"registry":"1"}}""", "spec.images needs")]
    [InlineData("""{"agent":{"name":"g"},"images":{"x86":"i"},"container":{"ports":[{"internal":80,"external":54321}]}}""", "spec.container.ports[0].external 54321")]
    [InlineData("""{"agent":{"name":"g"},"images":{"x86":"i"},"container":{"ports":[{"internal":80,"external":1},{"internal":80,"external":2}]}}""", "spec.container.ports[1].internal 80")]
    [InlineData("""{"agent":{"name":"g"},"images":{"x86":"i"},"container":{"ports":[{"internal":80,"external":1},{"internal":81,"external":1}]}}""", "spec.container.ports[1].external 1")]
    [InlineData("""{"agent":{"name":"g"},"images":{"x86":"i"},"container":{"ports":[{"internal":80,"external":1,"protocol":"udp","public":{"schemes":["http"],"protocol":"http"}}]}}""", "spec.container.ports[0].public needs the protocol tcp")]
    [InlineData("""{"agent":{"name":"g"},"images":{"x86":"i"},"container":{"ports":[{"internal":80,"external":1,"public":{"schemes":["ftp"],"protocol":"http"}}]}}""", "spec.container.ports[0].public.schemes: ftp")]
    [InlineData("""{"agent":{"name":"g"},"images":{"x86":"i"},"container":{"ports":[{"internal":80,"external":1,"public":{"schemes":["http"],"protocol":"http","router":{"host":"hub"}}}]}}""", "spec.container.ports[0].public.router.host")]
    [InlineData("""{"agent":{"name":"g"},"images":{"x86":"i"},"container":{"volumes":[{"hostDestination":"/h","containerDestination":"/c","accessMode":"rw","type":"volume"}]}}""", "spec.container.volumes[0].hostDestination")]
    [InlineData("""{"agent":{"name":"g"},"images":{"x86":"i"},"container":{"ports":[{"internal":80,"external":1,"proxy":true,"public":{"schemes":["http"],"protocol":"http"}}]}}""", "spec.container.ports[0].proxy")]
    [InlineData("""{"agent":{"name":"g"},"images":{"x86":"i"},"container":{"extraHosts":[{"name":"h","address":"10.0.0.1"},{"name":"i","address":"${Apps.a.m.private}"}]}}""", "spec.container.extraHosts[1].address")]
    [InlineData("""{"agent":{"name":"g"},"images":{"x86":"i"},"container":{"extraHosts":[{"name":"h","address":"${Nodes.n}"}]}}""", "spec.container.extraHosts[0].address")]
    public void Names_the_field_of_what_cannot_work(string spec, string field) =>
        Assert.StartsWith(field, MicroserviceRules.Broken(JsonSerializer.Deserialize(spec, MicroserviceJson.Default.MicroserviceSpec)!, "spec"), StringComparison.Ordinal);

    [Theory]
    [InlineData(0, Fit.Unknown)]
    [InlineData(1, Fit.Runs)]
    [InlineData(2, Fit.ImageMissing)]
    public void An_agent_that_has_not_said_what_it_is_may_still_fit(int type, Fit fit) =>
        Assert.Equal(fit, MicroserviceRules.FitOn(new() { Images = new() { X86 = "i" } }, new() { Uuid = "u", Name = "g", FogTypeId = type }));

    [Theory]
    [InlineData(0, Fit.Unknown)]
    [InlineData(1, Fit.Runs)]
    [InlineData(2, Fit.Runs)]
    public void What_an_item_of_the_catalog_fits_only_the_Controller_knows(int type, Fit fit) =>
        Assert.Equal(fit, MicroserviceRules.FitOn(new() { Images = new() { CatalogId = 4 } }, new() { Uuid = "u", Name = "g", FogTypeId = type }));

    [Theory]
    [InlineData(500, "NotFoundError", "Invalid registry id '9'", MicroserviceProblem.RegistryMissing, "spec.images.registry", false)]
    [InlineData(404, "NotFoundError", "Invalid registry id '9'", MicroserviceProblem.RegistryMissing, "spec.images.registry", false)]
    [InlineData(500, "NotFoundError", "Invalid catalog item id '99'", MicroserviceProblem.CatalogItemMissing, "spec.images.catalogId", false)]
    [InlineData(400, "ValidationError", "Port '8080' is not available", MicroserviceProblem.PortTaken, "spec.container.ports", false)]
    [InlineData(400, "ValidationError", "Could not find zz host template", MicroserviceProblem.HostMissing, "spec.container.extraHosts", false)]
    [InlineData(400, "ValidationError", "Microservice m does not have a valid image for its Agent type", MicroserviceProblem.ImageMissing, "spec.images", false)]
    [InlineData(500, "TypeError", "Cannot read properties of null (reading 'uuid')", MicroserviceProblem.HostMissing, "spec.container.extraHosts", false)]
    [InlineData(400, "ValidationError", "Field 'logSize' is not of a type(s) integer", MicroserviceProblem.Invalid, "spec", true)]
    [InlineData(500, "InvalidArgumentError", "hostDestination includes invalid characters", MicroserviceProblem.Invalid, "spec", true)]
    public void A_refusal_is_known_by_its_name_and_not_by_its_code(int code, string name, string message, string reason, string path, bool isFinal)
    {
        var problem = MicroserviceProblem.Of(new ControllerException((HttpStatusCode)code, name, message), "spec", null)!;
        Assert.Equal((reason, isFinal), (problem.Reason, problem.IsFinal));
        Assert.StartsWith($"{path}: ", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zz", "${Agents.zz}", "Agent/zz")]
    [InlineData("zz", "${Apps.zz.m.local}", "Application/zz")]
    [InlineData("zz", "${Apps.a.zz.public.6000}", "Microservice/a/zz")]
    [InlineData("6000", "${Apps.a.zz.public.6000}", null)]
    [InlineData("zz", "zz", null)]
    public void A_host_that_is_missing_is_waited_for(string missing, string address, string? waitingFor)
    {
        var spec = new MicroserviceSpec { Container = new() { ExtraHosts = [new("literal", "10.0.0.1"), new("h", address)] } };
        var problem = MicroserviceProblem.Of(new ControllerException(HttpStatusCode.BadRequest, "ValidationError", $"Could not find {missing} host template"), "spec", spec)!;
        Assert.Equal((MicroserviceProblem.HostMissing, waitingFor, false), (problem.Reason, problem.WaitingFor, problem.IsFinal));
        Assert.StartsWith(waitingFor is null ? "spec.container.extraHosts: " : "spec.container.extraHosts[1].address: ", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500, "SequelizeForeignKeyConstraintError")]
    [InlineData(500, "TypeError")]
    [InlineData(500, "DuplicatePropertyError")]
    public void What_may_pass_is_no_problem_of_the_spec(int code, string name) =>
        Assert.Null(MicroserviceProblem.Of(new ControllerException((HttpStatusCode)code, name, "x"), "spec", null));
}
