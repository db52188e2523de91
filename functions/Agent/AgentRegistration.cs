using IoFog.Operator.Reconciling;
using Microsoft.Extensions.DependencyInjection;

namespace IoFog.Operator.Agents;

public static class AgentRegistration
{
    /// <summary>Adds the kind Agent.</summary>
    public static IServiceCollection AddAgent(this IServiceCollection services) =>
        services.AddKind<AgentReconciler, AgentSpec, AgentStatus>(Kinds.Agent, AgentJson.Default.Agent);
}
