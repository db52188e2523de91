using IoFog.Operator.Controller;

namespace IoFog.Operator.Routes;

/// <summary>What has to be done so that the Controller holds a route as its spec says.</summary>
/// <param name="Delete">The route is there and leads elsewhere; the Controller cannot change a destination, so it goes first.</param>
/// <param name="Create">The route is not there, or was deleted.</param>
public sealed record RoutePlan(bool Delete, bool Create)
{
    /// <param name="from">Name of the sending microservice.</param>
    /// <param name="to">Name of the receiving microservice.</param>
    /// <param name="observed">What the Controller holds; null when nothing.</param>
    public static RoutePlan Of(string from, string to, RouteEntry? observed)
    {
        var differs = observed is not null && (observed.From != from || observed.To != to);
        return new(differs, differs || observed is null);
    }
}
