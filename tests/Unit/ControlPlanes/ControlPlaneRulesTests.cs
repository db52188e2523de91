using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.ControlPlanes;
using IoFog.Operator.Local;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Unit.ControlPlanes;

/// <summary>What can't work is refused with a sentence, by the CRD and again by the reconciler.</summary>
public sealed class ControlPlaneRulesTests
{
    private const string User = "user: {name: Jane, surname: Doe, email: jane@example.com, password: change-me-please}";

    [Theory]
    [InlineData("user: {name: Jane, surname: Doe, email: jane@example.com}", "user.passwordSecretRef")]
    [InlineData(User + "\nreplicas: {controller: 2}", "SQLite takes one")]
    [InlineData(User + "\nreplicas: {controller: 2}\ndatabase: {host: ''}", "SQLite takes one")]
    [InlineData(User + "\nreplicas: {portManager: 2}", "no leader election")]
    [InlineData(User + "\nservices: {router: {type: ClusterIP}}", "ingresses.router.address")]
    [InlineData(User + "\nservices: {router: {type: NodePort}}\ningresses: {router: {address: ''}}", "ingresses.router.address")]
    [InlineData(User + "\ndatabase: {host: db, provider: mysql, port: 3306, user: u, databaseName: d}", "password")]
    [InlineData(User + "\ndatabase: {host: db, provider: mysql, port: 3306, user: u, password: p}", "databaseName")]
    [InlineData(User + "\ndatabase: {host: db, port: 3306, user: u, password: p, databaseName: d}", "provider")]
    [InlineData(User + "\ningresses: {controller: {host: ecn}}", "ClusterIP")]
    public void What_cant_work_is_refused_twice(string spec, string says)
    {
        using var cluster = new InMemoryCluster(TimeProvider.System);
        var refused = Assert.Throws<InvalidOperationException>(() => cluster.Create(Kinds.ControlPlane, "iofog", Yaml.Parse(spec)!.AsObject()));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        var outcome = Assert.IsType<Outcome.RefusedOutcome>(ControlPlaneRules.Refuse(Read(spec)));
        Assert.Contains(says.Split('.')[^1], outcome.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(User)]
    [InlineData(User + "\nservices: {controller: {type: ''}, router: {type: LoadBalancer, address: ''}}")]
    [InlineData(User + "\ndatabase: {provider: '', host: '', port: 0, user: '', password: '', databaseName: ''}")] // as the old chart writes SQLite
    [InlineData(User + "\nreplicas: {controller: 3, router: 2, portManager: 1}\ndatabase: {provider: postgres, host: db, port: 5432, user: u, passwordSecretRef: {name: s}, databaseName: d}")]
    [InlineData(User + "\nservices: {router: {type: ClusterIP}}\ningresses: {router: {address: edge.example.com, messagePort: 0}}")]
    public void What_others_write_is_taken(string spec)
    {
        using var cluster = new InMemoryCluster(TimeProvider.System);
        cluster.Create(Kinds.ControlPlane, "iofog", Yaml.Parse(spec)!.AsObject());
        Assert.Null(ControlPlaneRules.Refuse(Read(spec)));
    }

    [Fact]
    public void Both_versions_are_served_and_hold_the_same()
    {
        using var cluster = new InMemoryCluster(TimeProvider.System);
        cluster.Send(HttpMethod.Post, "apis/iofog.org/v2/namespaces/default/controlplanes", new()
        {
            ["apiVersion"] = "iofog.org/v2",
            ["kind"] = "ControlPlane",
            ["metadata"] = new JsonObject { ["name"] = "iofog" },
            ["spec"] = Yaml.Parse(User),
        });
        Assert.Equal("iofog.org/v3", cluster.Send(HttpMethod.Get, "apis/iofog.org/v3/namespaces/default/controlplanes/iofog")["apiVersion"]!.GetValue<string>());
        Assert.Equal("iofog.org/v2", cluster.Send(HttpMethod.Get, "apis/iofog.org/v2/namespaces/default/controlplanes/iofog")["apiVersion"]!.GetValue<string>());
        Assert.Equal("v3", cluster.Send(HttpMethod.Get, "apis/iofog.org")["preferredVersion"]!["version"]!.GetValue<string>());
    }

    private static ControlPlaneSpec Read(string spec) => Yaml.Parse(spec)!.Deserialize(ControlPlaneJson.Default.ControlPlaneSpec)!;
}
