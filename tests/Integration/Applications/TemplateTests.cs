using System.Text.Json.Nodes;

namespace IoFog.Operator.Integration.Applications;

/// <summary>Applications that the Controller makes of its templates.</summary>
public sealed class TemplateTests
{
    private const string Web = """{"template":{"name":"web","variables":[{"key":"agent","value":"gate-1"},{"key":"tag","value":"1"}]}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_template_that_is_missing_is_said_and_tried_again_without_a_write()
    {
        await using var network = await StartAsync(withTemplate: false);
        var mark = network.Mark();
        await network.CreateAsync(Kinds.Application, "shop", Web);
        var handled = await network.SettleAsync(Kinds.Application, "shop");
        Assert.Equal("False TemplateMissing", handled.Condition("Ready"));
        Assert.NotNull(handled.Status("nextReconcileTime"));
        Assert.Empty(network.WritesSince(mark));

        await StoreAsync(network);
        handled = await network.SettleAsync(Kinds.Application, "shop");
        Assert.Equal(("True Synced", "0/2"), (handled.Condition("Synced"), handled.Status("running")));
        mark = network.Mark();
        await network.SettleAsync(Kinds.Application, "shop");
        Assert.Empty(network.WritesSince(mark));
    }

    [Fact]
    public async Task A_variable_that_is_missing_is_named()
    {
        await using var network = await StartAsync();
        await network.CreateAsync(Kinds.Application, "shop", """{"template":{"name":"web"}}""");
        var handled = await network.SettleAsync(Kinds.Application, "shop");
        Assert.Contains("spec.template.variables lacks agent", handled["status"]!["conditions"]![0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Null(await network.Controller.FindApplicationAsync("shop", Cancellation));
    }

    [Fact]
    public async Task Another_variable_makes_it_anew_in_place()
    {
        await using var network = await StartAsync();
        await network.CreateAsync(Kinds.Application, "shop", Web);
        await network.SettleAsync(Kinds.Application, "shop");
        var before = (await network.Controller.FindApplicationAsync("shop", Cancellation))!;

        await network.EditAsync(Kinds.Application, "shop", Web.Replace("\"value\":\"1\"", "\"value\":\"{{2}}\"", StringComparison.Ordinal));
        await network.SettleAsync(Kinds.Application, "shop");

        var after = (await network.Controller.FindApplicationAsync("shop", Cancellation))!;
        Assert.Equal(before.Microservices!.Select(entry => entry.Uuid), after.Microservices!.Select(entry => entry.Uuid));
        Assert.All(after.Microservices!, entry => Assert.EndsWith(":{{2}}", entry.Images![0].ContainerImage, StringComparison.Ordinal));
        Assert.Single(after.Routes!);
    }

    [Fact]
    public async Task What_somebody_changes_is_put_right()
    {
        await using var network = await StartAsync();
        await network.CreateAsync(Kinds.Application, "shop", Web);
        await network.SettleAsync(Kinds.Application, "shop");
        var entry = (await network.Controller.FindApplicationAsync("shop", Cancellation))!.Microservices![0];
        await network.Controller.UpdateMicroserviceAsync(entry.Uuid, new() { ["iofogUuid"] = entry.IofogUuid, ["config"] = """{"x":1}""" }, Cancellation);
        await network.SettleAsync(Kinds.Application, "shop");
        Assert.Equal("{}", (await network.Controller.FindApplicationAsync("shop", Cancellation))!.Microservices!.Single(other => other.Name == entry.Name).Config);
    }

    [Fact]
    public async Task Nothing_that_others_have_put_there_is_deleted()
    {
        await using var network = await StartAsync();
        await network.CreateAsync(Kinds.Application, "shop", Web);
        await network.SettleAsync(Kinds.Application, "shop");
        await network.CreateAsync(Kinds.Microservice, "extra", """{"application":"shop","agent":{"name":"gate-1"},"images":{"x86":"extra:1"}}""");
        await network.SettleAsync(Kinds.Microservice, "extra");
        await network.EditAsync(Kinds.Application, "shop", Web.Replace("\"value\":\"1\"", "\"value\":\"2\"", StringComparison.Ordinal));

        Assert.Equal("False TemplateBlocked", (await network.SettleAsync(Kinds.Application, "shop")).Condition("Synced"));

        await network.DeleteAsync(Kinds.Microservice, "extra");
        Assert.Null(await network.HandleAsync(Kinds.Microservice, "extra"));
        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Application, "shop")).Condition("Synced"));
    }

    [Fact]
    public async Task An_error_that_was_rendered_into_a_field_is_shown()
    {
        await using var network = await StartAsync(image: "web:{{ tag");
        await network.CreateAsync(Kinds.Application, "shop", Web);
        var handled = await network.SettleAsync(Kinds.Application, "shop");
        Assert.Equal("False TemplateBroken", handled.Condition("Ready"));
        Assert.Contains("page.images", handled["status"]!["conditions"]![1]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private static async Task<Network> StartAsync(bool withTemplate = true, string image = "web:{{tag}}")
    {
        var network = await Network.StartAsync();
        await network.CreateAgentAsync("gate-1");
        await network.SendAsync(HttpMethod.Delete, "applicationTemplate/web"); // no error where there is none
        if (withTemplate)
            await StoreAsync(network, image);
        return network;
    }

    // Templates come from iofogctl; the operator only reads them.
    private static async Task StoreAsync(Network network, string image = "web:{{tag}}")
    {
        await network.SendAsync(HttpMethod.Post, "applicationTemplate", JsonNode.Parse($$$"""
            {"name":"web","description":"","variables":[{"key":"agent"},{"key":"tag","defaultValue":"latest"}],
             "application":{"microservices":[
               {"name":"page","agentName":"{{agent}}","images":[{"fogTypeId":1,"containerImage":"{{{image}}}"}]},
               {"name":"store","agentName":"{{agent}}","images":[{"fogTypeId":1,"containerImage":"store:{{tag}}"}]}],
              "routes":[{"name":"page-to-store","from":"page","to":"store"}]}}
            """)!.AsObject());
    }
}
