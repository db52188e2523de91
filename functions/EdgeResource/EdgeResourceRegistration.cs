using IoFog.Operator.Reconciling;
using Microsoft.Extensions.DependencyInjection;

namespace IoFog.Operator.EdgeResources;

public static class EdgeResourceRegistration
{
    /// <summary>Adds the kind EdgeResource.</summary>
    public static IServiceCollection AddEdgeResource(this IServiceCollection services) =>
        services.AddKind<EdgeResourceReconciler, EdgeResourceSpec, EdgeResourceStatus>(Kinds.EdgeResource, EdgeResourceJson.Default.EdgeResource);
}
