using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Microservices;

/// <summary>How a microservice that the Controller holds becomes what its spec says.</summary>
/// <param name="Writes">The requests that do it, in this order; null when it has to be made anew.</param>
/// <param name="Because">What differs, for people.</param>
public sealed record MicroserviceChange(IReadOnlyList<MicroserviceWrite>? Writes, string Because)
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
        if (wanted["images"] is JsonArray images && !IsSame("images", images, observed) && HaveSameTexts(images, observed))
            return new(null, "its images are for another architecture"); // the Controller compares nothing but their texts
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
        var (patched, ports) = (differs.Where(field => field != "ports").ToArray(), changes["ports"] as JsonArray);
        var (gone, missing) = ports is null ? ([], []) : Compare(ports, observed);
        changes.Remove("ports");
        changes["iofogUuid"] = agentUuid; // without it every update fails
        changes["logSize"] = wanted["logSize"]!.DeepClone(); // without it the size is reset
        if (observed.Rebuild)
            changes["rebuild"] = true; // a change of the configuration alone would take it back
        MicroserviceWrite[] patch = patched.Length == 0 ? [] : [new MicroserviceWrite.Patch(changes, string.Join(", ", patched))];

        // What goes must not be in the way on the next agent, and what comes is looked at on the one that it is on. On the same agent the new ones
        // come first, so that one that is refused takes nothing away; only a port that changes goes before it comes again.
        var moves = observed.IofogUuid != agentUuid;
        var changed = gone.Where(port => moves || missing.Any(other => Collide(other, port))).ToArray();
        var free = missing.Where(port => !moves && !gone.Any(other => Collide(port, other))).ToArray();
        return new(
            [
                .. moves ? [] : patch,
                .. free.Select(static port => new MicroserviceWrite.AddPort(port)),
                .. changed.Select(static port => new MicroserviceWrite.RemovePort(port.Internal)),
                .. moves ? patch : [],
                .. missing.Except(free).Select(static port => new MicroserviceWrite.AddPort(port)),
                .. gone.Except(changed).Select(static port => new MicroserviceWrite.RemovePort(port.Internal)),
            ],
            string.Join(", ", differs));
    }

    /// <summary>The ports that are there and not wanted, and those that are wanted and not there.</summary>
    private static (IReadOnlyList<PortEntry> Gone, IReadOnlyList<JsonObject> Missing) Compare(JsonArray wanted, MicroserviceEntry observed)
    {
        var has = observed.Ports ?? [];
        JsonObject[] missing = [.. wanted.Where(port => !has.Any(other => IsSamePort(port!.AsObject(), other))).Select(static port => port!.DeepClone().AsObject())];

        // Made anew without the number of its public port, it would get another, and its links with it.
        foreach (var port in missing)
        {
            if (port["public"] is JsonObject published && !published.ContainsKey("router")
                && has.FirstOrDefault(other => other.Internal == port["internal"]!.GetValue<int>())?.Public?.Router?.Port is { } number)
                published["router"] = new JsonObject { ["port"] = number };
        }

        return ([.. has.Where(port => !wanted.Any(other => IsSamePort(other!.AsObject(), port)))], missing);
    }

    // The Controller maps neither twice, and no public port.
    private static bool Collide(JsonObject wanted, PortEntry has) =>
        wanted["internal"]!.GetValue<int>() == has.Internal || wanted["external"]!.GetValue<int>() == has.External
        || (wanted["public"]?["router"]?["port"] is { } number && number.GetValue<int>() == has.Public?.Router?.Port);

    private static bool HaveSameTexts(JsonArray images, MicroserviceEntry observed) =>
        images.Select(image => image!["containerImage"]!.GetValue<string>()).SequenceEqual((observed.Images ?? []).Select(image => image.ContainerImage));

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
