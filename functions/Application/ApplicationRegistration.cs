using IoFog.Operator.Reconciling;
using Microsoft.Extensions.DependencyInjection;

namespace IoFog.Operator.Applications;

public static class ApplicationRegistration
{
    /// <summary>Adds the kind Application.</summary>
    public static IServiceCollection AddApplication(this IServiceCollection services) =>
        services.AddSingleton<ChildOwners>().AddKind<ApplicationReconciler, ApplicationSpec, ApplicationStatus>(Kinds.Application, ApplicationJson.Default.Application);
}
