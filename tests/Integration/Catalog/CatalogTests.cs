using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local;

namespace IoFog.Operator.Integration.Catalog;

/// <summary>Where images come from: registries, catalog items, and the templates, applications and microservices that name them.</summary>
public sealed class CatalogTests
{
    private const string Fleet = """{"url":"r.example.com","private":true,"username":"fleet","email":"f@example.com","passwordSecretRef":{"name":"fleet"}}""";
    private const string Meter = """{"x86":"r.example.com/meter:1","registry":"r.example.com"}""";
    private const string Template = """
        {"variables":[{"key":"agent"},{"key":"tag","defaultValue":"v1"}],"application":{"microservices":[
          {"name":"show","agent":{"name":"{{ agent }}"},"images":{"x86":"show:{{ tag }}"}},{"name":"measure","agent":{"name":"{{ agent }}"},"images":{"catalogItem":"meter"}}]}}
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_waits_for_what_it_is_made_of_and_comes_up_in_the_end()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAgentAsync("gate-1");
        using var device = await network.ProvisionAsync("gate-1");
        await network.CreateAsync(Kinds.Application, "hall", """{"template":{"name":"hall","variables":[{"key":"agent","value":"gate-1"}]}}""");
        await network.CreateAsync(Kinds.Application, "yard", """{"microservices":[{"name":"plain","agent":{"name":"gate-1"},"images":{"x86":"p:1"}},{"name":"private","agent":{"name":"gate-1"},"images":{"x86":"p:1","registry":"r.example.com"}}]}""");
        await network.CreateAsync(Kinds.Microservice, "gauge", """{"application":"yard","agent":{"name":"gate-1"},"images":{"catalogItem":"meter"}}""");
        await network.CreateAsync(Kinds.ApplicationTemplate, "hall", Template);
        await network.CreateAsync(Kinds.CatalogItem, "meter", Meter);
        await network.CreateAsync(Kinds.Registry, "fleet", Fleet);

        Assert.Equal("ApplicationTemplate/hall", (await network.SettleAsync(Kinds.Application, "hall")).Status("waitingFor"));
        Assert.Equal("CatalogItem/meter", (await network.SettleAsync(Kinds.ApplicationTemplate, "hall")).Status("waitingFor"));
        Assert.Equal("Registry/r.example.com", (await network.SettleAsync(Kinds.CatalogItem, "meter")).Status("waitingFor"));
        Assert.Equal("Registry/r.example.com", (await network.SettleAsync(Kinds.Application, "yard")).Status("waitingFor"));
        Assert.NotNull(await network.Controller.FindApplicationAsync("yard", Cancellation)); // the rest is set up
        Assert.Equal("CatalogItem/meter", (await network.SettleAsync(Kinds.Microservice, "gauge")).Status("waitingFor"));
        Assert.Contains("SecretMissing", (await network.SettleAsync(Kinds.Registry, "fleet")).Condition("Synced"), StringComparison.Ordinal);

        await PutSecretAsync(network, "s3cret-one");
        foreach (var (kind, name) in new[]
        {
            (Kinds.Registry, "fleet"), (Kinds.CatalogItem, "meter"), (Kinds.ApplicationTemplate, "hall"), (Kinds.Application, "hall"), (Kinds.Application, "yard"), (Kinds.Microservice, "gauge"),
        })
            Assert.Equal("True Synced", (await network.SettleAsync(kind, name)).Condition("Synced"));
        var mark = network.Mark();
        foreach (var (kind, name) in new[] { (Kinds.Registry, "fleet"), (Kinds.CatalogItem, "meter"), (Kinds.ApplicationTemplate, "hall"), (Kinds.Application, "hall"), (Kinds.Application, "yard"), (Kinds.Microservice, "gauge") })
            await network.SettleAsync(kind, name);
        Assert.Empty(network.WritesSince(mark));

        // What the device is told.
        var registry = Assert.Single((await device.GetAsync("registries"))["registries"]!.AsArray(), one => one!["url"]!.GetValue<string>() == "r.example.com");
        Assert.Equal("s3cret-one", registry!["password"]!.GetValue<string>());
        var runs = (await device.GetAsync("microservices"))["microservices"]!.AsArray().Select(one => $"{one!["imageId"]} {(one["registryId"]!.ToString() == registry["id"]!.ToString() ? "private" : "public")}").Order();
        Assert.Equal(["p:1 private", "p:1 public", "r.example.com/meter:1 private", "r.example.com/meter:1 private", "show:v1 public"], runs);

        await PutSecretAsync(network, "s3cret-two");
        await network.SettleAsync(Kinds.Registry, "fleet");
        Assert.Equal("s3cret-two", Assert.Single((await device.GetAsync("registries"))["registries"]!.AsArray(), one => one!["url"]!.GetValue<string>() == "r.example.com")!["password"]!.GetValue<string>());
        Assert.DoesNotContain("s3cret", (await network.ReadAsync(Kinds.Registry, "fleet")).ToJsonString() + string.Join('\n', await network.EventsAsync("fleet")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_in_use_goes_last()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAgentAsync("gate-1");
        await PutSecretAsync(network, "s3cret-one");
        await network.CreateAsync(Kinds.Registry, "fleet", Fleet);
        await network.CreateAsync(Kinds.CatalogItem, "meter", Meter);
        await network.CreateAsync(Kinds.Application, "yard", """{"microservices":[{"name":"a","agent":{"name":"gate-1"},"images":{"x86":"p:1","registry":"r.example.com"}},{"name":"b","agent":{"name":"gate-1"},"images":{"catalogItem":"meter"}}]}""");
        foreach (var (kind, name) in new[] { (Kinds.Registry, "fleet"), (Kinds.CatalogItem, "meter"), (Kinds.Application, "yard") })
            await network.SettleAsync(kind, name);

        await network.DeleteAsync(Kinds.Registry, "fleet");
        await network.DeleteAsync(Kinds.CatalogItem, "meter");
        Assert.Contains("RegistryInUse", (await network.SettleAsync(Kinds.Registry, "fleet")).Condition("Synced"), StringComparison.Ordinal);
        Assert.Contains("CatalogItemInUse", (await network.SettleAsync(Kinds.CatalogItem, "meter")).Condition("Synced"), StringComparison.Ordinal);

        await network.DeleteAsync(Kinds.Application, "yard");
        Assert.Null(await network.HandleAsync(Kinds.Application, "yard"));
        Assert.Null(await network.HandleAsync(Kinds.CatalogItem, "meter"));
        Assert.Null(await network.HandleAsync(Kinds.Registry, "fleet"));
        Assert.DoesNotContain(await network.Controller.ListRegistriesAsync(Cancellation), registry => registry.Url == "r.example.com");
    }

    [Fact]
    public async Task An_account_that_somebody_has_put_into_an_address_is_told_to_nobody()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Registry, "fleet", """{"url":"r.example.com"}""");
        await network.SettleAsync(Kinds.Registry, "fleet");
        var own = Assert.Single(await network.Controller.ListRegistriesAsync(Cancellation), registry => registry.Url == "r.example.com");
        await network.Controller.UpdateRegistryAsync(own.Id, new() { ["url"] = "https://jane:s3cret@r.example.com" }, Cancellation);
        await network.DeleteAsync(Kinds.Registry, "fleet");
        Assert.Null(await network.HandleAsync(Kinds.Registry, "fleet"));
        var told = string.Join('\n', await network.EventsAsync("fleet"));
        Assert.Contains("Deleted registry https://(hidden)@r.example.com", told, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", told, StringComparison.Ordinal);
    }

    private static Task PutSecretAsync(Network network, string password) => Manifests.ApplyAsync(
        network.Api,
        new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = "fleet" },
            ["stringData"] = new JsonObject { ["password"] = password },
        },
        Network.Namespace,
        Cancellation);
}
