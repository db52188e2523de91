using System.Text.Json.Nodes;
using IoFog.Operator.ControlPlanes;

namespace IoFog.Operator.Unit.ControlPlanes;

public sealed class AdoptionTests
{
    private const string Path = "apis/apps/v1/namespaces/default/deployments/controller";

    private const string Made = """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"controller","labels":{"theirs":"yes"}},
         "spec":{"selector":{"matchLabels":{"name":"controller"}},"template":{"metadata":{"labels":{"name":"controller"}},"spec":{"containers":[{"name":"controller","image":"i"}]}}}}
        """;

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Survives_writes_of_the_status_between(int writes)
    {
        using var cluster = new InMemoryCluster(TimeProvider.System);
        cluster.Send(HttpMethod.Post, "apis/apps/v1/namespaces/default/deployments?fieldManager=iofog-operator", JsonNode.Parse(Made)!.AsObject());
        var left = writes;
        var objects = new ClusterObjects(cluster.Client(request =>
        {
            if (request.Content?.Headers.ContentType?.MediaType == "application/merge-patch+json" && left-- > 0)
            {
                var status = new JsonObject { ["status"] = new JsonObject { ["replicas"] = left + 1 } };
                cluster.Send(HttpMethod.Patch, $"{Path}/status?fieldManager=kubelet", status, "application/merge-patch+json");
            }

            return Task.CompletedTask;
        }));

        var adopted = await objects.AdoptAsync(Wanted(), cluster.Send(HttpMethod.Get, Path), TestContext.Current.CancellationToken);

        Assert.True(left <= 0);
        Assert.False(Adoption.IsNeeded(adopted));
        Assert.Equal("""{"name":"controller"}""", adopted["metadata"]!["labels"]!.ToJsonString()); // what only the Go operator wanted is gone
    }

    [Fact]
    public async Task Makes_anew_what_goes_in_between()
    {
        using var cluster = new InMemoryCluster(TimeProvider.System);
        cluster.Send(HttpMethod.Post, "apis/apps/v1/namespaces/default/deployments?fieldManager=iofog-operator", JsonNode.Parse(Made)!.AsObject());
        var observed = cluster.Send(HttpMethod.Get, Path);
        cluster.Send(HttpMethod.Patch, $"{Path}/status?fieldManager=kubelet", new() { ["status"] = new JsonObject { ["replicas"] = 1 } }, "application/merge-patch+json");
        var objects = new ClusterObjects(cluster.Client(request =>
        {
            if (request.Method == HttpMethod.Get)
                cluster.Send(HttpMethod.Delete, Path);
            return Task.CompletedTask;
        }));

        var made = await objects.AdoptAsync(Wanted(), observed, TestContext.Current.CancellationToken);

        Assert.NotEqual(observed["metadata"]!["uid"]!.ToString(), made["metadata"]!["uid"]!.ToString());
    }

    private static OwnedObject Wanted()
    {
        var content = JsonNode.Parse(Made)!.AsObject();
        content["metadata"]!["labels"] = new JsonObject { ["name"] = "controller" };
        return new(Path, content);
    }
}
