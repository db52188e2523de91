using IoFog.Operator.Controller;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Microservices;

/// <summary>Why a microservice is not there as its spec says.</summary>
/// <param name="Reason">One CamelCase word.</param>
/// <param name="Message">Names the field.</param>
/// <param name="IsFinal">Nothing but another spec helps.</param>
/// <param name="WaitingFor">What would help, where that is an object.</param>
public sealed record MicroserviceProblem(string Reason, string Message, bool IsFinal = false, string? WaitingFor = null)
{
    public const string Invalid = "MicroserviceInvalid";
    public const string ImageMissing = "ImageMissing";
    public const string RegistryMissing = "RegistryMissing";
    public const string CatalogItemMissing = "CatalogItemMissing";
    public const string PortTaken = "PortTaken";
    public const string HostMissing = "HostMissing";
    public const string NotKept = "NotKept";

    /// <summary>A turn that ends with this.</summary>
    public Outcome Outcome =>
        WaitingFor is not null ? Outcome.Wait(WaitingFor, Message)
        : IsFinal ? Outcome.Refused(Reason, Message)
        : Outcome.Later(Reason, Message);

    /// <summary>The agent that is to run it is not there, or does not run it.</summary>
    /// <param name="spec">A microservice.</param>
    /// <param name="path">Where it is: <c>spec</c>, <c>spec.microservices[0]</c>.</param>
    /// <param name="agent">Null when it is not there.</param>
    /// <returns>Null when it can be set up.</returns>
    public static MicroserviceProblem? OfAgent(MicroserviceSpec spec, string path, AgentEntry? agent)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var waitingFor = Reconciling.WaitingFor.On(Kinds.Agent, spec.Agent!.Name);
        if (agent is null)
            return new(Reasons.WaitingForDependency, $"The agent {spec.Agent.Name} is not there yet", WaitingFor: waitingFor);
        return MicroserviceRules.FitOn(spec, agent) switch
        {
            Fit.Runs => null,
            Fit.Unknown => new(Reasons.WaitingForDependency, $"The agent {spec.Agent.Name} has not said yet whether it is x86 or arm", WaitingFor: waitingFor),
            _ => new(ImageMissing, $"{path}.images has none for {MicroserviceRules.ArchitectureOf(agent)}, which the agent {spec.Agent.Name} is", IsFinal: true),
        };
    }

    /// <summary>The Controller refused it. By the name of the error: the code is 500 for most of these.</summary>
    /// <param name="refusal">What it said.</param>
    /// <param name="path">Of the spec.</param>
    /// <param name="spec">The microservice; null where a template makes it.</param>
    /// <returns>Null for what has nothing to do with the spec and may pass.</returns>
    public static MicroserviceProblem? Of(ControllerException refusal, string path, MicroserviceSpec? spec)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        if (Says("registry"))
            return new(RegistryMissing, $"{path}.images.registry: {refusal.Message}");
        if (Says("catalog"))
            return new(CatalogItemMissing, $"{path}.images.catalogId: {refusal.Message}");
        if (Says("is not available"))
            return new(PortTaken, $"{path}.container.ports: {refusal.Message}");
        if (Says("valid image"))
            return new(ImageMissing, $"{path}.images: {refusal.Message}"); // of a catalog item, which can change
        if (Says("host template"))
            return OfHost(refusal, $"{path}.container.extraHosts", spec?.Container?.ExtraHosts ?? []);
        if (refusal.Name == "TypeError" && Says("reading 'uuid'"))
            return new(HostMissing, $"{path}.container.extraHosts: the Controller knows no host of a public port that no system agent has, as on Kubernetes ({refusal.Message})");
        return refusal.IsFinal ? new(Invalid, $"{path}: {refusal.Message}", IsFinal: true) : null;

        bool Says(string words) => refusal.Message.Contains(words, StringComparison.OrdinalIgnoreCase);
    }

    // The Controller names the part of a template that it did not find.
    private static MicroserviceProblem OfHost(ControllerException refusal, string path, IReadOnlyList<MicroserviceHost> hosts)
    {
        for (var i = 0; i < hosts.Count; i++)
        {
            var waitingFor = MicroserviceRules.PartsOf(hosts[i]) switch
            {
                ["Agents", var agent] when IsMissing(agent) => Reconciling.WaitingFor.On(Kinds.Agent, agent),
                ["Apps", var application, ..] when IsMissing(application) => Reconciling.WaitingFor.On(Kinds.Application, application),
                ["Apps", var application, var microservice, ..] when IsMissing(microservice) => Reconciling.WaitingFor.On(Kinds.Microservice, $"{application}/{microservice}"),
                _ => null,
            };
            if (waitingFor is not null)
                return new(HostMissing, $"{path}[{i}].address: {refusal.Message}", WaitingFor: waitingFor);
        }

        return new(HostMissing, $"{path}: {refusal.Message}");

        bool IsMissing(string part) => refusal.Message.EndsWith($"Could not find {part} host template", StringComparison.Ordinal);
    }
}
