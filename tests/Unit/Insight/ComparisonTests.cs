using System.Text.Json.Nodes;
using IoFog.Operator.Insight;
using IoFog.Operator.Local;

namespace IoFog.Operator.Unit.Insight;

public sealed class ComparisonTests
{
    [Fact]
    public void Finds_what_differs_of_an_agent_and_names_its_routers() => Expect(
        Kinds.Agent,
        """{"host":"10.0.0.1","upstreamRouters":["hub"],"config":{"memoryLimit":1024,"logLevel":"INFO"},"agentType":"arm","tags":["b","a"]}""",
        """{"host":"10.0.0.9","upstreamRouters":["u-1"],"memoryLimit":1024,"logLevel":"DEBUG","fogTypeId":2,"tags":["a","b","of-a-door"],"diskLimit":50}""",
        "host", "config.logLevel");

    [Fact]
    public void Compares_a_microservice_whatever_the_order_and_the_defaults() => Expect(
        Kinds.Microservice,
        """{"agent":{"name":"hub"},"images":{"x86":"a:1","arm":"b:1"},"config":{"x":1},"container":{"env":[{"key":"B","value":"2"},{"key":"A","value":"1"}],"ports":[{"internal":80,"external":5000}]}}""",
        """{"iofogUuid":"u-1","images":[{"containerImage":"b:1","fogTypeId":2},{"containerImage":"a:2","fogTypeId":1}],"config":"{\"x\":1}","env":[{"key":"A","value":"1"},{"key":"B","value":"2"}],"ports":[{"internal":80,"external":5000,"protocol":"tcp","public":null}]}""",
        "images.x86");

    [Fact]
    public void Leaves_out_what_others_own_of_an_application() => Expect(
        Kinds.Application,
        """{"description":"d","microservices":[{"name":"a"}],"routes":[]}""",
        """{"description":"d","microservices":[{"name":"a"},{"name":"somebody-else's"}],"routes":[]}""");

    [Fact]
    public void Compares_routes_and_edge_resources()
    {
        Expect(Kinds.Route, """{"application":"x","from":"a","to":"b"}""", """{"from":"a","to":"c"}""", "to");
        Expect(Kinds.EdgeResource, """{"version":"v1","interface":{"endpoints":[{"name":"open","method":"PUT","url":"/o"}]},"display":{"icon":"door"}}""",
            """{"id":7,"version":"v1","interface":{"id":3,"endpoints":[{"id":1,"name":"open","method":"PUT","url":"/o"}]},"display":{"icon":"gate"}}""", "display.icon");
    }

    [Fact]
    public void Compares_a_control_plane_with_what_cluster_and_Controller_hold() => Expect(
        Kinds.ControlPlane,
        """
        {"user":{"name":"Jane","surname":"Doe","email":"j@example.com","password":"s3cret"},"images":{"controller":"c:1","router":"r:1"},"replicas":{"controller":2,"router":2},
         "controller":{"ecnViewerPort":8080,"ecn":"mine"},"services":{"controller":{"type":"ClusterIP","annotations":{"a":"b"}},"router":{"type":"LoadBalancer"}},
         "ingresses":{"controller":{"host":"h"},"router":{"address":"1.2.3.4","edgePort":7}},"storage":{"size":"2Gi"},"pods":{"router":{"nodeSelector":{"zone":"a"}}}}
        """,
        """
        {"user":{"name":"Jane","surname":"Smith","email":"j@example.com"},
         "deployments":{"controller":{"spec":{"replicas":2,"template":{"spec":{"containers":[{"name":"sidecar","image":"s"},{"name":"controller","image":"c:2","env":[{"name":"VIEWER_PORT","value":"8080"},{"name":"ECN_NAME","value":"other"}]}]}}}},
          "router":{"spec":{"template":{"spec":{"nodeSelector":{"zone":"b"},"containers":[{"name":"router","image":"r:1"}]}}}}},
         "services":{"controller":{"metadata":{"annotations":{"a":"b","others":"x"}},"spec":{"type":"ClusterIP"}},"router":{"spec":{"type":"NodePort"}}},
         "ingress":{"spec":{"rules":[{"host":"h"}]}},"claim":{"spec":{"resources":{"requests":{"storage":"1Gi"}}}},"router":{"address":"1.2.3.4","edgePort":8}}
        """,
        "user.surname", "images.controller", "replicas.router", "controller.ecn", "storage.size", "services.router.type", "ingresses.router.edgePort", "pods.router.nodeSelector");

    [Fact]
    public void Differs_in_everything_where_the_Controller_holds_nothing()
    {
        var rows = Comparison.Of(Object(Kinds.Route, """{"from":"a","to":"b"}"""), null, uuid => uuid);
        Assert.All(rows, row => Assert.False(row.Same));
        Assert.All(rows, row => Assert.Null(row.Observed));
    }

    [Fact]
    public void Shows_no_secret()
    {
        var rows = Comparison.Of(Object(Kinds.Microservice, """{"container":{"env":[{"key":"PASSWORD","value":"s3cret"}]}}"""), JsonNode.Parse("""{"env":[{"key":"PASSWORD","value":"0ther-s3cret"}]}""")!.AsObject(), uuid => uuid);
        Assert.DoesNotContain(rows, row => $"{row.Desired}{row.Observed}".Contains("s3cret", StringComparison.Ordinal));
    }

    [Fact]
    public void Knows_fields_of_every_sample()
    {
        foreach (var kind in Kinds.All)
        {
            var sample = Yaml.ParseAll(File.ReadAllText(Path.Combine(Layout.Samples, $"{kind.Name.ToLowerInvariant()}.yaml"))).First(document => document["kind"]!.GetValue<string>() == kind.Name);
            Assert.NotEmpty(Comparison.Of(NetworkObject.Read(kind, sample), null, uuid => uuid));
        }
    }

    private static void Expect(Kind kind, string spec, string entry, params string[] different) => Assert.Equal(
        different,
        Comparison.Of(Object(kind, spec), JsonNode.Parse(entry)!.AsObject(), uuid => uuid == "u-1" ? "hub" : uuid).Where(row => !row.Same).Select(row => row.Field));

    private static NetworkObject Object(Kind kind, string spec) => NetworkObject.Read(kind, new() { ["metadata"] = new JsonObject { ["name"] = "x" }, ["spec"] = JsonNode.Parse(spec) });
}
