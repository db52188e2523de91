using IoFog.Operator.Controller;
using IoFog.Operator.Routes;

namespace IoFog.Operator.Unit.Routes;

public sealed class RoutePlanTests
{
    [Theory]
    [InlineData(null, null, false, true)]
    [InlineData("a", "b", false, false)]
    [InlineData("a", "c", true, true)]
    [InlineData("b", "a", true, true)]
    public void A_route_that_leads_elsewhere_is_made_anew(string? from, string? to, bool delete, bool create) =>
        Assert.Equal(new(delete, create), RoutePlan.Of("a", "b", from is null ? null : new() { Name = "r", From = from, To = to! }));
}
