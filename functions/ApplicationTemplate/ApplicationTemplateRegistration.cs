using IoFog.Operator.Reconciling;
using Microsoft.Extensions.DependencyInjection;

namespace IoFog.Operator.ApplicationTemplates;

public static class ApplicationTemplateRegistration
{
    /// <summary>Adds the kind ApplicationTemplate.</summary>
    public static IServiceCollection AddApplicationTemplate(this IServiceCollection services) =>
        services.AddKind<ApplicationTemplateReconciler, ApplicationTemplateSpec, ApplicationTemplateStatus>(
            Kinds.ApplicationTemplate, ApplicationTemplateJson.Default.ApplicationTemplate);
}
