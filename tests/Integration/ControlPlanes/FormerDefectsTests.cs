using System.Text.Json.Nodes;

namespace IoFog.Operator.Integration.ControlPlanes;

/// <summary>What users of the Go operators met and no other test shows; the unit tests' <c>defects.json</c> has all of it by number.</summary>
public sealed class FormerDefectsTests
{
    private const string Image = "spec.template.spec.containers.0.image";

    [Fact]
    public async Task A_change_that_is_not_rolled_out_yet_is_not_ready()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.CreateAsync();
        await stage.PatchAsync(stage.PathOf("iofog"), """{"spec":{"images":{"controller":"example.com/controller:2"}}}""");
        var rolling = (await stage.LookAsync())!;
        Assert.Equal("False RollingOut", rolling.Condition("Ready"));
        Assert.Equal("False RollingOut", rolling.Condition("ready"));
        Assert.Equal("True RollingOut", rolling.Condition("deploying"));
        Assert.Contains("Deployment controller is rolling out", rolling["status"]!["components"]![0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("True ControlPlaneReady", (await stage.SettleAsync()).Condition("ready"));
    }

    [Theory]
    [InlineData(ControlPlaneStage.Spec)]
    [InlineData("""{"user":{"name":"Jane","surname":"Doe","email":"jane@example.com","password":"change-me-please"},"database":{"provider":"mysql","host":"db","port":3306,"user":"u","password":"db-password","databaseName":"iofog"},"replicas":{"controller":2}}""")]
    public async Task Comes_up_without_starting_its_Controller_a_second_time(string spec)
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        Assert.Equal("True ControlPlaneReady", (await stage.CreateAsync(spec)).Condition("Ready"));
        var controller = await stage.ReadAsync(stage.Deployment("controller"));
        Assert.Equal(1, controller["metadata"]!["generation"]!.GetValue<long>());
        Assert.Equal(spec.Contains("replicas", StringComparison.Ordinal) ? 2 : 1, controller["spec"]!["replicas"]!.GetValue<int>());
    }

    [Fact]
    public async Task Control_planes_that_are_looked_at_at_once_know_nothing_of_each_other()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        var all = new Dictionary<string, string>();
        for (var i = 0; i < 6; i++)
        {
            var @namespace = $"{stage.Namespace}-{i}";
            all[@namespace] = $"example.com/controller:{i}";
            await stage.ApplyAsync($"api/v1/namespaces/{@namespace}", $$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{{@namespace}}}"} }""");
            await stage.ApplyAsync(
                Kinds.ControlPlane.PathOf(new ResourceKey(@namespace, "iofog")),
                $$$"""{"apiVersion":"iofog.org/v3","kind":"ControlPlane","metadata":{"name":"iofog"},"spec":{"user":{"name":"Jane","surname":"Doe","email":"{{{@namespace}}}@example.com","password":"secret-of-{{{@namespace}}}"},"images":{"controller":"{{{all[@namespace]}}}"} } }""");
        }

        await Task.WhenAll(all.Keys.Select(@namespace => stage.LookAsync(@namespace: @namespace)));
        foreach (var (@namespace, image) in all)
        {
            var controller = await stage.ReadAsync($"apis/apps/v1/namespaces/{@namespace}/deployments/controller");
            Assert.Equal(image, ControlPlaneTests.Read(controller, Image)!.ToString());
            var credentials = (await stage.ReadAsync($"api/v1/namespaces/{@namespace}/secrets/controller-credentials"))["data"]!.AsObject();
            Assert.Equal(($"{@namespace}@example.com", $"secret-of-{@namespace}"), (Text(credentials, "email"), Text(credentials, "password")));
            await stage.DeleteAsync($"api/v1/namespaces/{@namespace}");
        }

        static string Text(JsonObject data, string key) => System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(data[key]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_wait_for_an_address_outlives_the_end_of_any_other_Service()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.ApplyAsync(stage.PathOf("iofog"), $$"""{"apiVersion":"iofog.org/v3","kind":"ControlPlane","metadata":{"name":"iofog"},"spec":{{ControlPlaneStage.Spec}}}""");
        Assert.Equal("False WaitingForAddress", (await stage.LookAsync())!.Condition("Ready"));
        await stage.ApplyAsync(stage.Service("other"), """{"apiVersion":"v1","kind":"Service","metadata":{"name":"other"},"spec":{"ports":[{"port":80}]}}""");
        await stage.DeleteAsync(stage.Service("other"));
        Assert.Equal("False WaitingForAddress", (await stage.LookAsync())!.Condition("Ready"));
        Assert.Equal("True ControlPlaneReady", (await stage.SettleAsync()).Condition("Ready"));
    }

    [Theory]
    [InlineData("LoadBalancer", "ClusterIP", "edge.example.com")]
    [InlineData("ClusterIP", "LoadBalancer", "10.1.2.3")]
    [InlineData("NodePort", "NodePort", "edge.example.com")]
    public async Task The_router_waits_by_its_own_type_of_Service(string controller, string router, string address)
    {
        var ingress = router == "LoadBalancer" ? "" : $$$""","ingresses":{"router":{"address":"{{{address}}}"} }""";
        await using var stage = await ControlPlaneStage.StartAsync();
        var ready = await stage.CreateAsync(
            $$$"""{"user":{"name":"Jane","surname":"Doe","email":"jane@example.com","password":"change-me-please"},"services":{"controller":{"type":"{{{controller}}}"},"router":{"type":"{{{router}}}"} }{{{ingress}}} }""");
        Assert.Equal(("True ControlPlaneReady", address), (ready.Condition("Ready"), ready.Status("routerAddress")));
        var registered = (await stage.ClientOf(ControlPlaneStage.Password).FindDefaultRouterAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal((address, 5672, 55672, 45672), (registered.Host, registered.MessagingPort, registered.InterRouterPort, registered.EdgeRouterPort)); // though no spec says ports
    }

    [Fact]
    public async Task A_Secret_that_can_not_be_written_is_said_and_written_once_it_can()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.ApplyAsync(stage.Secret("router-ca"), """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"router-ca"},"type":"Opaque","stringData":{"tls.crt":"somebody's"}}""");
        var refused = await stage.CreateAsync();
        Assert.StartsWith("False ", refused.Condition("Ready"), StringComparison.Ordinal);
        Assert.Contains("router-ca", refused["status"]!["conditions"]!.AsArray().First(condition => condition!["type"]!.GetValue<string>() == "Ready")!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains(refused.Condition("Ready")!.Split(' ')[1], await stage.EventsAsync());

        await stage.DeleteAsync(stage.Secret("router-ca"));
        Assert.Equal("True ControlPlaneReady", (await stage.SettleAsync()).Condition("Ready"));
        Assert.Contains("PRIVATE KEY", await stage.SecretTextAsync("router-ca", "tls.key"), StringComparison.Ordinal);
    }
}
