using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Microservices;

/// <summary>How a microservice that the Controller holds becomes what its spec says.</summary>
/// <param name="Update">The fields to change; null when it has to be made anew.</param>
/// <param name="Because">What differs, for people.</param>
public sealed record MicroserviceChange(JsonObject? Update, string Because)
{
    /// <summary>What has to be done; null when nothing differs.</summary>
    /// <param name="name">In the Controller.</param>
    /// <param name="spec">What it is to be.</param>
    /// <param name="agentUuid">Of the agent that is to run it.</param>
    /// <param name="observed">What the Controller holds.</param>
    public static MicroserviceChange? Between(string name, MicroserviceSpec spec, string agentUuid, MicroserviceEntry observed)
    {
        ArgumentNullException.ThrowIfNull(observed);
        if (observed.Status is null)
            return new(null, "its create was broken off"); // no agent ever learns of one without a status
        if (MicroserviceBody.IsFromCatalog(spec) != observed.CatalogItemId is not null)
            return new(null, MicroserviceBody.IsFromCatalog(spec) ? "a catalog item takes the place of its images" : "images take the place of its catalog item");
        var wanted = MicroserviceBody.Wanted(spec);
        var changes = new JsonObject();
        foreach (var (field, value) in wanted)
        {
            // A list that is the same is left out, for its mere presence restarts the container.
            if (!IsSame(field, value!, observed))
                changes[field] = value!.DeepClone();
        }

        if (name != observed.Name)
            changes["name"] = name;
        var differs = changes.Select(field => field.Key).ToList();
        if (observed.IofogUuid != agentUuid)
            differs.Add("agent");
        if (differs.Count == 0)
            return null;
        changes["iofogUuid"] = agentUuid; // without it every update fails
        changes["logSize"] = wanted["logSize"]!.DeepClone(); // without it the size is reset
        if (observed.Rebuild)
            changes["rebuild"] = true; // a change of the configuration alone would take it back
        if (changes["ports"] is JsonArray ports)
            KeepPublicPorts(ports, observed);
        return new(changes, string.Join(", ", differs));
    }

    // Ports are replaced together: one that did not name its public port would get another, and its links with it.
    private static void KeepPublicPorts(JsonArray ports, MicroserviceEntry observed)
    {
        foreach (var port in ports)
        {
            if (port!["public"] is not JsonObject published || published.ContainsKey("router"))
                continue;
            var has = (observed.Ports ?? []).FirstOrDefault(has => has.Public is not null && has.Internal == port["internal"]!.GetValue<int>());
            if (has?.Public?.Router?.Port is { } number)
                published["router"] = new JsonObject { ["port"] = number };
        }
    }

    private static bool IsSame(string field, JsonNode wanted, MicroserviceEntry observed) => field switch
    {
        "config" => MicroserviceConfig.IsSame(wanted.GetValue<string>(), observed.Config),
        "rootHostAccess" => wanted.GetValue<bool>() == observed.RootHostAccess,
        "logSize" => wanted.GetValue<int>() == observed.LogSize,
        "registryId" => wanted.GetValue<long>() == observed.RegistryId,
        "catalogItemId" => wanted.GetValue<int>() == observed.CatalogItemId,
        "images" => Same(wanted, ["containerImage", "fogTypeId"], (observed.Images ?? []).Where(image => image.ContainerImage is not null), image => [image.ContainerImage, $"{image.FogTypeId}"]),
        "env" => Same(wanted, ["key", "value"], observed.Env, variable => [variable.Key, variable.Value]),
        "extraHosts" => Same(wanted, ["name", "address"], observed.ExtraHosts, host => [host.Name, host.Address]),
        "cmd" => wanted.AsArray().Select(command => command!.GetValue<string>()).SequenceEqual(observed.Cmd ?? []),
        "volumeMappings" => Same(
            wanted,
            ["hostDestination", "containerDestination", "accessMode", "type"],
            observed.VolumeMappings,
            volume => [volume.HostDestination, volume.ContainerDestination, volume.AccessMode, volume.Type ?? "bind"]),
        "ports" => wanted.AsArray().Count == (observed.Ports ?? []).Count && wanted.AsArray().All(port => (observed.Ports ?? []).Any(has => IsSamePort(port!.AsObject(), has))),
        _ => throw new InvalidOperationException($"no rule compares {field}"),
    };

    private static bool IsSamePort(JsonObject wanted, PortEntry has)
    {
        var published = wanted["public"] as JsonObject;
        if (wanted["internal"]!.GetValue<int>() != has.Internal || wanted["external"]!.GetValue<int>() != has.External
            || wanted["protocol"]!.GetValue<string>() != (has.Protocol ?? "tcp") || (published is null) != (has.Public is null)
            || wanted.ContainsKey("proxy") != has.Proxy is not null)
            return false;
        return published is null
            || (published["protocol"]?.GetValue<string>() == has.Public!.Protocol
                && published["schemes"]!.AsArray().Select(scheme => scheme!.GetValue<string>()).SequenceEqual(has.Public.Schemes ?? [])
                && (published["router"]?["port"] is not { } number || number.GetValue<int>() == has.Public.Router?.Port));
    }

    // In any order: the Controller promises none, and none of these has one.
    private static bool Same<T>(JsonNode wanted, string[] members, IEnumerable<T>? observed, Func<T, string?[]> read) =>
        wanted.AsArray().Select(item => Key([.. members.Select(member => item![member]?.ToString())])).Order(StringComparer.Ordinal)
            .SequenceEqual((observed ?? []).Select(item => Key(read(item))).Order(StringComparer.Ordinal), StringComparer.Ordinal);

    private static string Key(string?[] parts) => string.Concat(parts.Select(part => $"{part?.Length ?? -1}:{part}"));
}
