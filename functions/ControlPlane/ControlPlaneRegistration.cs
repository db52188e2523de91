using IoFog.Operator.Reconciling;
using Microsoft.Extensions.DependencyInjection;

namespace IoFog.Operator.ControlPlanes;

public static class ControlPlaneRegistration
{
    /// <summary>Adds the kind ControlPlane.</summary>
    public static IServiceCollection AddControlPlane(this IServiceCollection services) =>
        services.AddKind<ControlPlaneReconciler, ControlPlaneSpec, ControlPlaneStatus>(Kinds.ControlPlane, ControlPlaneJson.Default.ControlPlane);
}
