using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IoFog.Operator.ControlPlanes;
using IoFog.Operator.Local;
using IoFog.Operator.Local.Cluster.Schemas;

namespace IoFog.Operator.Unit.ControlPlanes;

/// <summary>
/// The defects of the Go operators' ControlPlane that their users feel, by number: defects.json names for each the test that it can't come back.
/// </summary>
public sealed partial class DefectsTests
{
    private static readonly string Tests = Path.Combine(Layout.Repository, "tests");

    [Fact]
    public void Each_defect_has_a_test()
    {
        var table = JsonNode.Parse(File.ReadAllText(Path.Combine(Tests, "Unit", "ControlPlanes", "defects.json")))!.AsArray();
        Assert.Equal(Enumerable.Range(1, 43), table.Select(row => row!["number"]!.GetValue<int>()));
        var names = Directory.EnumerateFiles(Tests, "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(file => TestName().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value)).ToHashSet(StringComparer.Ordinal);
        foreach (var row in table)
        {
            var test = row!["test"]!.GetValue<string>();
            Assert.True(names.Contains(test), $"{row["number"]}: there is no test {test}");
            if (row["case"]?.GetValue<string>() is { } golden)
                Assert.True(Directory.Exists(Path.Combine(Tests, "Unit", "ControlPlanes", "Cases", golden)), $"{row["number"]}: there is no case {golden}");
        }
    }

    [Theory]
    [InlineData("""{"type":"Progressing","status":"True","reason":"ReplicaSetUpdated","message":"going on"}""", "")]
    [InlineData("""{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded","message":"ReplicaSet has timed out progressing"}""", "; ReplicaSet has timed out progressing")]
    [InlineData("""{"type":"ReplicaFailure","status":"True","reason":"FailedCreate","message":"pods is forbidden: no pull secret"}""", "; pods is forbidden: no pull secret")]
    public void A_rollout_says_what_keeps_it(string condition, string trouble)
    {
        var deployment = JsonNode.Parse($$"""
            {"metadata":{"generation":2},"spec":{"replicas":2},
             "status":{"observedGeneration":2,"replicas":2,"updatedReplicas":1,"availableReplicas":2,"conditions":[{"type":"Available","status":"True","message":"fine"},{{condition}}]} }
            """)!.AsObject();
        Assert.Equal($"Deployment router is rolling out: 1 of 2 pods{trouble}", Rollout.Missing("router", deployment));
        deployment["status"]!["updatedReplicas"] = 2L;
        Assert.Null(Rollout.Missing("router", deployment));
    }

    [Fact]
    public void Every_listener_takes_TLS()
    {
        var listeners = RouterConfiguration.Of(1).Split("listener {").Skip(1).Select(text => text[..text.IndexOf('}', StringComparison.Ordinal)]).ToArray();
        Assert.Equal(4, listeners.Length);
        foreach (var listener in listeners.Where(listener => !listener.Contains("healthz", StringComparison.Ordinal)))
        {
            Assert.Matches("sslProfile: router-(amqps|internal)", listener);
            Assert.Contains("requireSsl: no", listener, StringComparison.Ordinal); // agents of Controller 3.0 have no TLS
        }

        Assert.Contains("verifyHostname: true", RouterConfiguration.Of(2, "router-mesh-1.edge.svc"), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_field_of_the_spec_is_in_the_definition()
    {
        var definition = Yaml.Parse(File.ReadAllText(Path.Combine(Layout.Crds, "controlplanes.yaml")))!;
        foreach (var version in definition["spec"]!["versions"]!.AsArray())
        {
            var schema = StructuralSchema.Parse(version!["schema"]!["openAPIV3Schema"]!.AsObject()).Member("spec")!;
            Check(typeof(ControlPlaneSpec), schema, "spec");
        }
    }

    [Fact]
    public void Shapes_the_proxy_that_the_port_manager_made()
    {
        var service = Yaml.Parse("it: {metadata: {name: http-proxy, namespace: edge, uid: u}, spec: {type: LoadBalancer}}")!["it"]!.AsObject();
        var observed = new ObservedObjects(new Dictionary<string, JsonObject> { ["api/v1/namespaces/edge/services/http-proxy"] = service });
        var spec = new ControlPlaneSpec { Services = new(null, null, new() { Type = "NodePort", Annotations = new Dictionary<string, string> { ["a"] = "b" } }) };
        var wanted = Assert.Single(ClusterObjects.ProxiesOf(spec, observed, "edge"));
        Assert.Equal("""{"type":"NodePort"}""", wanted.Content["spec"]!.ToJsonString());
        Assert.Equal("b", wanted.Content["metadata"]!["annotations"]!["a"]!.GetValue<string>());
        Assert.Equal("u", wanted.Content["metadata"]!["uid"]!.GetValue<string>()); // never made by us
        Assert.Empty(ClusterObjects.ProxiesOf(new(), observed, "edge"));
    }

    private static void Check(Type type, StructuralSchema schema, string path)
    {
        foreach (var property in type.GetProperties().Where(property => property.GetMethod is { IsPublic: true } && property.Name != "EqualityContract"))
        {
            var name = char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
            var member = schema.Member(name);
            Assert.True(member is not null, $"{path}.{name} is not in the definition");
            if (property.PropertyType.Namespace == typeof(ControlPlaneSpec).Namespace)
                Check(property.PropertyType, member, $"{path}.{name}");
        }
    }

    [GeneratedRegex(@"public (?:async )?(?:void|Task) (?<name>\w+)\(")]
    private static partial Regex TestName();
}
