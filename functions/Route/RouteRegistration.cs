using IoFog.Operator.Reconciling;
using Microsoft.Extensions.DependencyInjection;

namespace IoFog.Operator.Routes;

public static class RouteRegistration
{
    /// <summary>Adds the kind Route.</summary>
    public static IServiceCollection AddRoute(this IServiceCollection services) =>
        services.AddKind<RouteReconciler, RouteSpec, RouteStatus>(Kinds.Route, RouteJson.Default.Route);
}
