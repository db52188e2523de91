namespace IoFog.Operator.Integration.Applications;

/// <summary>Routes as objects of their own.</summary>
public sealed class RouteTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_destination_is_a_route_made_anew()
    {
        await using var network = await StartAsync();
        await network.EditAsync(Kinds.Route, "r", """{"to":"c"}""");
        Assert.Equal("True RouteConnected", (await network.SettleAsync(Kinds.Route, "r")).Condition("Ready"));
        Assert.Equal("c", (await network.Controller.FindRouteAsync("health", "r", Cancellation))!.To);
        await network.EditAsync(Kinds.Route, "r", """{"from":"b"}""");
        await network.SettleAsync(Kinds.Route, "r");
        Assert.Equal("b", (await network.Controller.FindRouteAsync("health", "r", Cancellation))!.From);
    }

    [Fact]
    public async Task What_somebody_turns_or_deletes_is_put_right()
    {
        await using var network = await StartAsync();
        await network.Controller.DeleteRouteAsync("health", "r", Cancellation);
        await network.Controller.CreateRouteAsync("health", "r", "c", "a", Cancellation);
        await network.SettleAsync(Kinds.Route, "r");
        var route = (await network.Controller.FindRouteAsync("health", "r", Cancellation))!;
        Assert.Equal(("a", "b"), (route.From, route.To));
        await network.Controller.DeleteRouteAsync("health", "r", Cancellation);
        await network.SettleAsync(Kinds.Route, "r");
        Assert.NotNull(await network.Controller.FindRouteAsync("health", "r", Cancellation));
        var mark = network.Mark();
        await network.SettleAsync(Kinds.Route, "r");
        Assert.Empty(network.WritesSince(mark));
    }

    [Fact]
    public async Task A_pair_that_another_route_has_is_waited_for()
    {
        await using var network = await StartAsync();
        await network.CreateAsync(Kinds.Route, "s", """{"application":"health","from":"a","to":"b"}""");
        var handled = await network.SettleAsync(Kinds.Route, "s");
        Assert.Equal("False PairTaken", handled.Condition("Synced"));
        Assert.Contains("The route r leads from a to b already", handled["status"]!["conditions"]![0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        await network.DeleteAsync(Kinds.Route, "r");
        Assert.Null(await network.HandleAsync(Kinds.Route, "r"));
        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Route, "s")).Condition("Synced"));
    }

    [Fact]
    public async Task Waits_for_an_end_by_its_name_in_the_application()
    {
        await using var network = await StartAsync();
        await network.CreateAsync(Kinds.Route, "to-d", """{"application":"health","from":"a","to":"d"}""");
        Assert.Equal("Microservice/health/d", (await network.SettleAsync(Kinds.Route, "to-d")).Status("waitingFor"));
        await network.CreateAsync(Kinds.Microservice, "health-d", """{"name":"d","application":"health","agent":{"name":"gate-1"},"images":{"x86":"d:1"}}""");
        await network.SettleAsync(Kinds.Microservice, "health-d");
        Assert.Equal("True Synced", (await network.SettleAsync(Kinds.Route, "to-d")).Condition("Synced"));
    }

    [Fact]
    public async Task Goes_though_all_around_it_is_gone_already()
    {
        await using var network = await StartAsync();
        await network.SendAsync(HttpMethod.Delete, "application/health");
        await network.DeleteAsync(Kinds.Route, "r");
        Assert.Null(await network.HandleAsync(Kinds.Route, "r"));
        await network.DeleteAsync(Kinds.Application, "health");
        Assert.Null(await network.HandleAsync(Kinds.Application, "health"));
    }

    private static async Task<Network> StartAsync()
    {
        var network = await Network.StartAsync();
        await network.CreateAgentAsync("gate-1");
        await network.CreateAsync(Kinds.Application, "health", """
            {"microservices":[{"name":"a","agent":{"name":"gate-1"},"images":{"x86":"a:1"}},{"name":"b","agent":{"name":"gate-1"},"images":{"x86":"b:1"}},{"name":"c","agent":{"name":"gate-1"},"images":{"x86":"c:1"}}]}
            """);
        await network.SettleAsync(Kinds.Application, "health");
        await network.CreateAsync(Kinds.Route, "r", """{"application":"health","from":"a","to":"b"}""");
        await network.SettleAsync(Kinds.Route, "r");
        return network;
    }
}
