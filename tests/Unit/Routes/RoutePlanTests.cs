using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Routes;

namespace IoFog.Operator.Unit.Routes;

public sealed class RoutePlanTests
{
    private static readonly RouteEntry[] Others = [new() { Name = "other", From = "x", To = "y" }];

    [Theory]
    [InlineData(null, null, false, true)]
    [InlineData("a", "b", false, false)]
    [InlineData("a", "c", true, true)]
    [InlineData("b", "a", true, true)]
    [InlineData("c", "b", true, true)]
    public void A_route_that_leads_elsewhere_is_made_anew(string? from, string? to, bool delete, bool create) =>
        Assert.Equal(new(delete, create), RoutePlan.Of("r", "a", "b", from is null ? Others : [.. Others, new() { Name = "r", From = from, To = to! }]));

    [Fact]
    public void A_route_to_itself_is_a_route() => Assert.Equal(new(false, true), RoutePlan.Of("r", "a", "a", null));

    [Fact]
    public void The_pair_of_another_route_is_taken() => Assert.Equal(new(false, false, "other"), RoutePlan.Of("r", "x", "y", Others));

    [Fact]
    public void A_route_that_is_there_is_not_given_up_for_a_pair_that_is_taken() =>
        Assert.Equal(("other", "r", false), RoutePlan.Of("r", "x", "y", [.. Others, new() { Name = "r", From = "a", To = "b" }]) is var plan ? (plan.Holder, plan.Present?.Name, plan.Delete) : default);

    [Fact]
    public void The_former_name_of_a_route_takes_no_pair() => Assert.Equal(new(false, true), RoutePlan.Of("r", "x", "y", Others, former: "other"));

    internal static JsonNode Plan(GoldenCase golden)
    {
        var spec = golden.Given("desired", RouteJson.Default.RouteSpec)!;
        var observed = golden.Given("observed", ControllerJson.Default.ApplicationEntry)!;
        var plan = RoutePlan.Of(spec.Name ?? "r", spec.From!, spec.To!, observed.Name == spec.Application ? observed.Routes : [], former: "r");
        var steps = new JsonObject();
        if (plan.Delete)
            steps["delete"] = spec.Name ?? "r";
        if (plan.Create)
            steps["create"] = $"{spec.Name ?? "r"}: {spec.From} to {spec.To} in {spec.Application}";
        return steps;
    }
}
