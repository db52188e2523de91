using IoFog.Operator.Reconciling;
using Microsoft.Extensions.DependencyInjection;

namespace IoFog.Operator.Registries;

public static class RegistryRegistration
{
    /// <summary>Adds the kind Registry.</summary>
    public static IServiceCollection AddRegistry(this IServiceCollection services) =>
        services.AddKind<RegistryReconciler, RegistrySpec, RegistryStatus>(Kinds.Registry, RegistryJson.Default.Registry);
}
