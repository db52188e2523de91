using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace IoFog.Operator.Reconciling;

/// <summary>Registers kinds with a host.</summary>
public static class KindRegistration
{
    /// <summary>Adds the loop of one kind; the host finds it as a <see cref="ReconcileLoop"/>.</summary>
    /// <param name="services">Where <see cref="KubernetesApi"/> is registered.</param>
    /// <param name="kind">From <see cref="Kinds"/>.</param>
    /// <param name="type">How the kind's objects are read and written.</param>
    public static IServiceCollection AddKind<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TReconciler, TSpec, TStatus>(
        this IServiceCollection services, Kind kind, JsonTypeInfo<Resource<TSpec, TStatus>> type)
        where TReconciler : class, IReconciler<TSpec, TStatus>
        where TSpec : class
        where TStatus : Status, new()
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<KubernetesEvents>();
        services.AddSingleton<TReconciler>();
        return services.AddSingleton<ReconcileLoop>(provider => new ReconcileLoop<TSpec, TStatus>(
            new(provider.GetRequiredService<KubernetesApi>(), kind, type),
            provider.GetRequiredService<TReconciler>(),
            provider.GetRequiredService<KubernetesEvents>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ReconcileLoop>>())
        {
            Namespace = provider.GetService<IConfiguration>()?["WATCH_NAMESPACE"] is { Length: > 0 } served ? served : null,
            ControlPlaneLost = @namespace => provider.GetService<ControllerConnection>()?.Forget(@namespace),
        });
    }
}
