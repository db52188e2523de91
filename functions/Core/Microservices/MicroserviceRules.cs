using IoFog.Operator.Controller;

namespace IoFog.Operator.Microservices;

/// <summary>What the Controller would refuse, or break on, whatever it holds. The CRDs say most of it earlier.</summary>
public static class MicroserviceRules
{
    private static readonly int[] Reserved = [54321, 54322];

    /// <summary>The first thing that can't work, with the path of its field; null when there is none.</summary>
    /// <param name="spec">A microservice.</param>
    /// <param name="path">Where it is: <c>spec</c>, <c>spec.microservices[0]</c>.</param>
    public static string? Broken(MicroserviceSpec spec, string path)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (string.IsNullOrEmpty(spec.Agent?.Name))
            return $"{path}.agent.name is needed";
        if (!MicroserviceBody.IsFromCatalog(spec) && Architectures(spec).Count == 0)
            return $"{path}.images needs x86, arm, catalogId or catalogItem";
        if (ImageSources.HasAccount(spec.Images?.Registry))
            return $"{path}.images.registry: no account may stand in it; a Registry has it";
        return BrokenPort(spec.Container?.Ports ?? [], $"{path}.container.ports")
            ?? BrokenVolume(spec.Container?.Volumes ?? [], $"{path}.container.volumes")
            ?? BrokenHost(spec.Container?.ExtraHosts ?? [], $"{path}.container.extraHosts");
    }

    /// <summary>The ids of the architectures that the images are for: 1 x86, 2 arm; none where a catalog item decides.</summary>
    public static IReadOnlyList<int> Architectures(MicroserviceSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (MicroserviceBody.IsFromCatalog(spec))
            return [];
        var architectures = new List<int>(2);
        if (!string.IsNullOrEmpty(spec.Images?.X86))
            architectures.Add(1);
        if (!string.IsNullOrEmpty(spec.Images?.Arm))
            architectures.Add(2);
        return architectures;
    }

    /// <summary>Whether an agent can run it.</summary>
    public static Fit FitOn(MicroserviceSpec spec, AgentEntry agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        if (agent.FogTypeId == 0)
            return Fit.Unknown; // not even an item of the catalog fits then
        var architectures = Architectures(spec);
        return architectures.Count == 0 || architectures.Contains(agent.FogTypeId) ? Fit.Runs : Fit.ImageMissing;
    }

    /// <summary>The parts of the template that an address is; empty for an address that is none.</summary>
    public static string[] PartsOf(MicroserviceHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.Address.StartsWith("${", StringComparison.Ordinal) && host.Address.EndsWith('}') ? host.Address[2..^1].Split('.') : [];
    }

    /// <summary>As people call the architecture of an agent.</summary>
    public static string ArchitectureOf(AgentEntry agent)
    {
        ArgumentNullException.ThrowIfNull(agent);
        return agent.FogTypeId == 1 ? "x86" : "arm";
    }

    private static string? BrokenPort(IReadOnlyList<MicroservicePort> ports, string path)
    {
        for (var i = 0; i < ports.Count; i++)
        {
            var (port, published) = (ports[i], ports[i].Public);
            if (Reserved.Contains(port.External))
                return $"{path}[{i}].external {port.External} is what ioFog itself listens on";
            for (var other = 0; other < i; other++)
            {
                if (ports[other].Internal == port.Internal)
                    return $"{path}[{i}].internal {port.Internal} is there already";
                if (ports[other].External == port.External)
                    return $"{path}[{i}].external {port.External} is there already";
                if (published?.Router?.Port is { } number && ports[other].Public?.Router?.Port == number)
                    return $"{path}[{i}].public.router.port {number} is there already";
            }

            if (published is null or { Enabled: false })
                continue;
            if (port.Proxy == true)
                return $"{path}[{i}].proxy: a port is public or proxied, not both";
            if (port.Protocol == "udp")
                return $"{path}[{i}].public needs the protocol tcp";
            if (published.Protocol == "http" && published.Schemes?.FirstOrDefault(scheme => !scheme.StartsWith("http", StringComparison.Ordinal)) is { } scheme)
                return $"{path}[{i}].public.schemes: {scheme} is none of the protocol http";
            if (published.Router?.Host is { Length: > 0 } host and not "default-router")
                return $"{path}[{i}].public.router.host can only be default-router, not {host}";
        }

        return null;
    }

    private static string? BrokenHost(IReadOnlyList<MicroserviceHost> hosts, string path)
    {
        for (var i = 0; i < hosts.Count; i++)
        {
            if (PartsOf(hosts[i]) is not ([] or ["Agents", _] or ["Apps", _, _, "local"] or ["Apps", _, _, "public", _]))
                return $"{path}[{i}].address is none of ${{Agents.AGENT}}, ${{Apps.APPLICATION.MICROSERVICE.local}} and ${{Apps.APPLICATION.MICROSERVICE.public.PORT}}";
        }

        return null;
    }

    private static string? BrokenVolume(IReadOnlyList<MicroserviceVolume> volumes, string path)
    {
        for (var i = 0; i < volumes.Count; i++)
        {
            if (volumes[i] is { Type: "volume", HostDestination: var name } && !(name.Length > 0 && (char.IsAsciiLetterOrDigit(name[0]) || name[0] is '_' or '.' or '-')))
                return $"{path}[{i}].hostDestination is the name of a volume and can't begin as it does";
        }

        return null;
    }
}

/// <summary>Whether an agent can run a microservice.</summary>
public enum Fit
{
    Runs,

    /// <summary>The agent has not said yet what it is.</summary>
    Unknown,

    /// <summary>There is no image for what it is.</summary>
    ImageMissing,
}
