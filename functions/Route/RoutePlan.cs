using IoFog.Operator.Controller;

namespace IoFog.Operator.Routes;

/// <summary>What has to be done so that the Controller holds a route as its spec says.</summary>
/// <param name="Delete">The route is there and leads elsewhere; the Controller cannot change a destination, so it goes first.</param>
/// <param name="Create">The route is not there, or was deleted.</param>
/// <param name="Holder">Another route that leads there already: the Controller has one for a pair, so that nothing can be done.</param>
/// <param name="Present">Where the route leads while another one has its pair; null when it is not there, or leads where it is to.</param>
public sealed record RoutePlan(bool Delete, bool Create, string? Holder = null, RouteEntry? Present = null)
{
    /// <param name="name">In the Controller.</param>
    /// <param name="from">Name of the sending microservice.</param>
    /// <param name="to">Name of the receiving microservice.</param>
    /// <param name="routes">All routes of the application; null when there are none.</param>
    /// <param name="former">The name that the object had before; that route goes first.</param>
    public static RoutePlan Of(string name, string from, string to, IReadOnlyList<RouteEntry>? routes, string? former = null)
    {
        var observed = routes?.FirstOrDefault(route => route.Name == name);
        var differs = observed is not null && (observed.From != from || observed.To != to);
        if (observed is not null && !differs)
            return new(false, false);
        return routes?.FirstOrDefault(route => route.From == from && route.To == to && route.Name != name && route.Name != former) is { } holder
            ? new(false, false, holder.Name, observed ?? routes.FirstOrDefault(route => route.Name == former))
            : new(differs, true);
    }
}
