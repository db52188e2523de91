using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Integration.Applications;

/// <summary>One entry of the Controller has one owner, be it an object or a declaration inside of an application.</summary>
public sealed class OwnershipTests
{
    private const string Declared = """{"microservices":[{"name":"viewer","agent":{"name":"gate-1"},"images":{"x86":"declared:1"}},{"name":"other","agent":{"name":"gate-1"},"images":{"x86":"other:1"}}],"routes":[{"name":"r","from":"other","to":"viewer"}]}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_application_leaves_what_an_earlier_object_stands_for_and_sets_up_the_rest()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAgentAsync("gate-1");
        await network.CreateAsync(Kinds.Microservice, "viewer", """{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"object:1"}}""");
        await network.PassSecondAsync();
        await network.CreateAsync(Kinds.Application, "health", Declared);

        var handled = await network.SettleAsync(Kinds.Application, "health", owned: 5);
        await network.SettleAsync(Kinds.Microservice, "viewer");
        handled = await network.SettleAsync(Kinds.Application, "health", owned: 5);

        Assert.Equal("False NameTaken", handled.Condition("Synced"));
        Assert.Contains("microservice/viewer belongs to Microservice viewer", handled["status"]!["conditions"]![0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(["microservice/other", "route/r"], handled["status"]!["children"]!.AsArray().Select(child => child!.GetValue<string>()));
        Assert.Equal(["other:1", "object:1"], await ImagesAsync(network));

        await network.DeleteAsync(Kinds.Microservice, "viewer");
        Assert.Null(await network.HandleAsync(Kinds.Microservice, "viewer"));
        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Application, "health", owned: 6)).Condition("Synced"));
        Assert.Equal(["other:1", "declared:1"], await ImagesAsync(network));
    }

    [Fact]
    public async Task An_application_keeps_what_a_later_object_claims()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAgentAsync("gate-1");
        await network.CreateAsync(Kinds.Application, "health", Declared);
        await network.SettleAsync(Kinds.Application, "health");
        await network.PassSecondAsync();
        await network.CreateAsync(Kinds.Microservice, "viewer", """{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"object:1"}}""");

        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Application, "health", owned: 5)).Condition("Synced"));
    }

    [Fact]
    public async Task The_second_of_two_applications_that_were_created_at_once_goes()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAsync(Kinds.Application, "health", "{}");
        network.Emulator.Answering = (request, state) =>
        {
            if (request == "POST application")
                state.Applications.Insert(0, new() { ["id"] = 0, ["name"] = "health", ["description"] = "", ["isActivated"] = true, ["isSystem"] = false, ["userId"] = state.Users[0].Id });
        };

        Assert.Equal("0", (await network.SettleAsync(Kinds.Application, "health")).Status("id"));
        Assert.Equal(1, (await network.CountAsync()).Applications);
    }

    [Fact]
    public async Task A_deletion_tells_what_of_others_went_along()
    {
        await using var network = await Network.StartAsync();
        await network.CreateAgentAsync("gate-1");
        await network.CreateAsync(Kinds.Application, "health", "{}");
        await network.SettleAsync(Kinds.Application, "health");
        await network.CreateAsync(Kinds.Microservice, "a", """{"application":"health","agent":{"name":"gate-1"},"images":{"x86":"a:1"}}""");
        await network.SettleAsync(Kinds.Microservice, "a");

        await network.DeleteAsync(Kinds.Application, "health");
        Assert.Null(await network.HandleAsync(Kinds.Application, "health"));

        Assert.Equal("Application/health", (await network.SettleAsync(Kinds.Microservice, "a")).Status("waitingFor"));
        await network.DeleteAsync(Kinds.Microservice, "a");
        Assert.Null(await network.HandleAsync(Kinds.Microservice, "a"));
    }

    [Fact]
    public async Task An_application_of_the_same_name_that_another_user_has_is_left_alone()
    {
        await using var network = await Network.StartAsync();
        var bob = new ControllerCredentials($"bob-{Guid.NewGuid():N}@example.com", "secret-of-bob");
        var theirs = network.Connection.Connect(network.Endpoint, bob);
        await theirs.SignUpAsync("Bob", "Other", bob, Cancellation);
        var agent = await theirs.CreateAgentAsync(new() { ["name"] = $"of-{bob.Email}", ["fogType"] = 1, ["host"] = "h" }, Cancellation);
        var id = await theirs.CreateApplicationAsync(new() { ["name"] = "health" }, Cancellation);
        await theirs.CreateMicroserviceAsync(
            new() { ["name"] = "m", ["application"] = "health", ["iofogUuid"] = agent, ["images"] = JsonNode.Parse("""[{"fogTypeId":1,"containerImage":"i:1"}]""") }, Cancellation);

        await network.CreateAgentAsync("gate-1");
        await network.CreateAsync(Kinds.Application, "health", """{"microservices":[{"name":"m","agent":{"name":"gate-1"},"images":{"x86":"i:1"}}]}""");
        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Application, "health")).Condition("Synced"));
        await network.DeleteAsync(Kinds.Application, "health");
        Assert.Null(await network.HandleAsync(Kinds.Application, "health"));

        Assert.Null(await network.Controller.FindApplicationAsync("health", Cancellation));
        Assert.Equal("m", Assert.Single((await theirs.FindApplicationAsync("health", Cancellation))!.Microservices!).Name);
        await theirs.DeleteApplicationAsync(id, Cancellation);
        await theirs.DeleteAgentAsync(agent, Cancellation);
    }

    private static async Task<IEnumerable<string?>> ImagesAsync(Network network) =>
        (await network.Controller.FindApplicationAsync("health", Cancellation))!.Microservices!.OrderBy(entry => entry.Name, StringComparer.Ordinal).Select(entry => entry.Images![0].ContainerImage);
}
