using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Integration.Controller;

public sealed class ControllerClientTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_call_is_understood()
    {
        await using var network = await Network.StartAsync();
        var client = network.Controller;

        Assert.Equal(("online", "3.0.4"), ((await client.GetStatusAsync(Cancellation)).Status, (await client.GetStatusAsync(Cancellation)).Versions!.Controller));
        Assert.Equal(new("router", 5672, 56721, 56722), await client.FindDefaultRouterAsync(Cancellation));

        var agent = await client.CreateAgentAsync(new() { ["name"] = "a1", ["fogType"] = 1, ["host"] = "h" }, Cancellation);
        await client.UpdateAgentAsync(agent, new() { ["description"] = "first" }, Cancellation);
        Assert.Equal("first", (await client.FindAgentAsync(agent, Cancellation))!.Fields!["description"].GetString());

        await client.CreateApplicationAsync(new() { ["name"] = "shop" }, Cancellation);
        await client.UpdateApplicationAsync("shop", new() { ["description"] = "d" }, Cancellation);
        var (from, to) = (await CreateMicroserviceAsync(client, agent, "from"), await CreateMicroserviceAsync(client, agent, "to"));
        await client.UpdateMicroserviceAsync(from, new() { ["iofogUuid"] = agent, ["logSize"] = 5, ["config"] = "{}" }, Cancellation);
        Assert.Equal(5, (await client.ListMicroservicesAsync("shop", Cancellation)).Single(entry => entry.Uuid == from).LogSize);
        await client.CreateRouteAsync("shop", "r1", "from", "to", Cancellation);
        var route = (await client.FindRouteAsync("shop", "r1", Cancellation))!;
        Assert.Equal((from, to), (route.SourceMicroserviceUuid, route.DestMicroserviceUuid));
        var application = (await client.FindApplicationAsync("shop", Cancellation))!;
        Assert.Equal((2, 1, "d"), (application.Microservices!.Count, application.Routes!.Count, application.Description));
        Assert.True(await client.DeleteRouteAsync("shop", "r1", Cancellation));
        Assert.False(await client.DeleteRouteAsync("shop", "r1", Cancellation));
        Assert.True(await client.DeleteMicroserviceAsync(to, Cancellation));
        Assert.False(await client.DeleteMicroserviceAsync(to, Cancellation));
        await client.DeleteApplicationAsync(application.Id, Cancellation);
        await client.DeleteApplicationAsync(application.Id, Cancellation);
        Assert.Null(await client.FindApplicationAsync("shop", Cancellation));

        await client.PutEdgeResourceAsync("cam", "1.0.0", new() { ["interfaceProtocol"] = "http", ["interface"] = new JsonObject() }, Cancellation);
        await client.LinkEdgeResourceAsync("cam", "1.0.0", agent, Cancellation);
        await client.UnlinkEdgeResourceAsync("cam", "1.0.0", agent, Cancellation);
        Assert.True(await client.DeleteEdgeResourceAsync("cam", "1.0.0", Cancellation));
        Assert.False(await client.DeleteEdgeResourceAsync("cam", "1.0.0", Cancellation));

        Assert.True(await client.DeleteAgentAsync(agent, Cancellation));
        Assert.False(await client.DeleteAgentAsync(agent, Cancellation));
        Assert.Null(await client.FindAgentAsync(agent, Cancellation));
    }

    [Fact]
    public async Task A_version_that_the_Controller_does_not_take_is_final()
    {
        await using var network = await Network.StartAsync();
        var body = new JsonObject { ["interfaceProtocol"] = "http", ["interface"] = new JsonObject() };

        var refused = await Assert.ThrowsAsync<ControllerException>(() => network.Controller.PutEdgeResourceAsync("cam", "10.20.30", body, Cancellation));

        Assert.True(refused.IsFinal);
        Assert.Contains("'version'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_token_serves_until_the_Controller_forgets_it()
    {
        await using var network = await Network.StartAsync();
        for (var i = 0; i < 5; i++)
            await network.Controller.FindDefaultRouterAsync(Cancellation);
        Assert.Single(network.Journal, entry => entry.Path == "/api/v3/user/login");

        await network.SendAsync(HttpMethod.Post, "user/logout"); // all of the user's tokens
        Assert.NotNull(await network.Controller.FindDefaultRouterAsync(Cancellation));

        Assert.Equal(2, network.Journal.Count(entry => entry.Path == "/api/v3/user/login"));
    }

    [Fact]
    public async Task A_password_is_changed_by_its_user()
    {
        await using var network = await Network.StartAsync();
        var (endpoint, old, now) = (network.Endpoint, new ControllerCredentials($"{Guid.NewGuid():N}@example.com", "first-password"), new ControllerCredentials("", "second-password"));
        now = now with { Email = old.Email };
        var anonymous = network.Connection.Connect(endpoint, null);
        Assert.True(await anonymous.SignUpAsync("Ann", "Other", old, Cancellation));
        Assert.False(await anonymous.SignUpAsync("Ann", "Other", now, Cancellation));

        await network.Connection.Connect(endpoint, old).ChangePasswordAsync(old.Password, now.Password, Cancellation);

        Assert.Equal((false, true), (await anonymous.CanLogInAsync(old, Cancellation), await anonymous.CanLogInAsync(now, Cancellation)));
    }

    [Fact]
    public async Task The_address_is_read_again_as_soon_as_nobody_answered()
    {
        await using var network = await Network.StartAsync();
        await using var other = await network.OpenDoorAsync();
        var client = await network.Connection.OpenAsync(Network.Namespace, Cancellation);
        await client.FindDefaultRouterAsync(Cancellation);
        await network.MoveControllerAsync(other.Endpoint);
        Assert.Equal(network.Endpoint, (await network.Connection.OpenAsync(Network.Namespace, Cancellation)).Endpoint);

        await network.StopControllerAsync();
        var away = await Assert.ThrowsAsync<ControllerUnavailableException>(() => client.FindDefaultRouterAsync(Cancellation));

        Assert.Equal("Controller", away.WaitingFor);
        client = await network.Connection.OpenAsync(Network.Namespace, Cancellation);
        Assert.Equal(other.Endpoint, client.Endpoint);
        Assert.NotNull(await client.FindDefaultRouterAsync(Cancellation));
    }

    private static Task<string> CreateMicroserviceAsync(ControllerClient client, string agent, string name) => client.CreateMicroserviceAsync(
        new()
        {
            ["application"] = "shop",
            ["name"] = name,
            ["iofogUuid"] = agent,
            ["config"] = "{}",
            ["registryId"] = 1,
            ["images"] = new JsonArray(new JsonObject { ["containerImage"] = "busybox:1", ["fogTypeId"] = 1 }),
        },
        Cancellation);
}
