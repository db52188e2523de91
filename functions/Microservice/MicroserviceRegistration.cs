using IoFog.Operator.Reconciling;
using Microsoft.Extensions.DependencyInjection;

namespace IoFog.Operator.Microservices;

public static class MicroserviceRegistration
{
    /// <summary>Adds the kind Microservice.</summary>
    public static IServiceCollection AddMicroservice(this IServiceCollection services) =>
        services.AddKind<MicroserviceReconciler, MicroserviceSpec, MicroserviceStatus>(Kinds.Microservice, MicroserviceJson.Default.Microservice);
}
