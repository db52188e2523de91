using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Microservices;

/// <summary>A microservice in the Controller's terms, and how it differs from what the Controller holds.</summary>
public static class MicroserviceBody
{
    private const int DefaultLogSize = 1;
    private const int RemoteRegistry = 1;
    private const int LocalRegistry = 2;

    /// <summary>The body of a create.</summary>
    public static JsonObject ForCreate(string application, string name, MicroserviceSpec spec, string agentUuid)
    {
        var body = Wanted(spec);
        body["name"] = name;
        body["application"] = application;
        body["iofogUuid"] = agentUuid;
        return body;
    }

    /// <summary>
    /// The body of an update with what differs, and what every update must carry; null when nothing differs. A list that is the same is
    /// left out, for its mere presence restarts the container.
    /// </summary>
    public static JsonObject? ForUpdate(string name, MicroserviceSpec spec, string agentUuid, MicroserviceEntry observed)
    {
        ArgumentNullException.ThrowIfNull(observed);
        var wanted = Wanted(spec);
        var changes = new JsonObject();
        foreach (var (field, value) in wanted)
        {
            if (!IsSame(field, value!, observed))
                changes[field] = value!.DeepClone();
        }

        if (name != observed.Name)
            changes["name"] = name;
        if (changes.Count == 0 && observed.IofogUuid == agentUuid)
            return null;
        changes["iofogUuid"] = agentUuid; // without it every update fails
        changes["logSize"] = wanted["logSize"]!.DeepClone(); // without it the size is reset
        return changes;
    }

    /// <summary>The ids of the architectures that the images are for: 1 x86, 2 arm; none where a catalog item decides.</summary>
    public static IReadOnlyList<int> Architectures(MicroserviceSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Images?.CatalogId is > 0 ? [] : [.. Images(spec).Select(image => image!["fogTypeId"]!.GetValue<int>())];
    }

    private static JsonObject Wanted(MicroserviceSpec spec)
    {
        var container = spec.Container ?? new();
        var body = new JsonObject
        {
            ["config"] = (spec.Config ?? []).ToJsonString(Compact),
            ["rootHostAccess"] = container.RootHostAccess ?? false,
            ["logSize"] = spec.LogSize ?? DefaultLogSize,
            ["ports"] = new JsonArray([.. (container.Ports ?? []).Select(Port)]),
            ["volumeMappings"] = new JsonArray([.. (container.Volumes ?? []).Select(Volume)]),
            ["env"] = new JsonArray([.. (container.Env ?? []).Select(variable => (JsonNode)new JsonObject { ["key"] = variable.Key, ["value"] = variable.Value })]),
            ["cmd"] = new JsonArray([.. (container.Commands ?? []).Select(command => (JsonNode)JsonValue.Create(command)!)]),
            ["extraHosts"] = new JsonArray([.. (container.ExtraHosts ?? []).Select(host => (JsonNode)new JsonObject { ["name"] = host.Name, ["address"] = host.Address })]),
        };
        if (spec.Images?.CatalogId is > 0)
        {
            body["catalogItemId"] = spec.Images.CatalogId;
        }
        else
        {
            body["images"] = Images(spec);
            body["registryId"] = Registry(spec.Images?.Registry);
        }

        return body;
    }

    private static readonly JsonSerializerOptions Compact = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static JsonArray Images(MicroserviceSpec spec)
    {
        var images = new JsonArray();
        if (!string.IsNullOrEmpty(spec.Images?.X86))
            images.Add((JsonNode)new JsonObject { ["containerImage"] = spec.Images.X86, ["fogTypeId"] = 1 });
        if (!string.IsNullOrEmpty(spec.Images?.Arm))
            images.Add((JsonNode)new JsonObject { ["containerImage"] = spec.Images.Arm, ["fogTypeId"] = 2 });
        return images;
    }

    private static int Registry(string? registry) => registry switch
    {
        null or "" or "remote" => RemoteRegistry,
        "local" => LocalRegistry,
        _ => int.Parse(registry, CultureInfo.InvariantCulture),
    };

    private static JsonNode Port(MicroservicePort port)
    {
        var body = new JsonObject { ["internal"] = port.Internal, ["external"] = port.External, ["protocol"] = port.Protocol ?? "tcp" };
        if (port.Public is not { } published || published.Enabled == false)
            return body;
        var wire = new JsonObject
        {
            ["schemes"] = new JsonArray([.. (published.Schemes ?? []).Select(scheme => (JsonNode)JsonValue.Create(scheme)!)]),
            ["protocol"] = published.Protocol,
        };
        if (published.Router?.Port is { } number)
            wire["router"] = new JsonObject { ["port"] = number };
        body["public"] = wire;
        return body;
    }

    private static JsonNode Volume(MicroserviceVolume volume) => new JsonObject
    {
        ["hostDestination"] = volume.HostDestination,
        ["containerDestination"] = volume.ContainerDestination,
        ["accessMode"] = volume.AccessMode,
        ["type"] = volume.Type ?? "bind",
    };

    private static bool IsSame(string field, JsonNode wanted, MicroserviceEntry observed) => field switch
    {
        "config" => IsSameConfig(wanted.GetValue<string>(), observed.Config),
        "rootHostAccess" => wanted.GetValue<bool>() == observed.RootHostAccess,
        "logSize" => wanted.GetValue<int>() == observed.LogSize,
        "registryId" => wanted.GetValue<int>() == observed.RegistryId,
        "catalogItemId" => wanted.GetValue<int>() == observed.CatalogItemId,
        "images" => Keys(wanted, "containerImage", "fogTypeId").SetEquals((observed.Images ?? []).Select(image => $"{image.ContainerImage}|{image.FogTypeId}")),
        "env" => Keys(wanted, "key", "value").SetEquals((observed.Env ?? []).Select(variable => $"{variable.Key}|{variable.Value}")),
        "extraHosts" => Keys(wanted, "name", "address").SetEquals((observed.ExtraHosts ?? []).Select(host => $"{host.Name}|{host.Address}")),
        "cmd" => wanted.AsArray().Select(command => command!.GetValue<string>()).SequenceEqual(observed.Cmd ?? []),
        "volumeMappings" => Keys(wanted, "hostDestination", "containerDestination", "accessMode", "type")
            .SetEquals((observed.VolumeMappings ?? []).Select(volume => $"{volume.HostDestination}|{volume.ContainerDestination}|{volume.AccessMode}|{volume.Type ?? "bind"}")),
        "ports" => wanted.AsArray().Count == (observed.Ports ?? []).Count && wanted.AsArray().All(port => (observed.Ports ?? []).Any(has => IsSamePort(port!.AsObject(), has))),
        _ => throw new InvalidOperationException($"no rule compares {field}"),
    };

    // The Controller breaks escaped quotes, so what is read back is compared with what it makes of what is wanted.
    private static bool IsSameConfig(string wanted, string? observed)
    {
        if (wanted == observed || wanted.Replace("\\\"", "\"", StringComparison.Ordinal) == observed)
            return true;
        try
        {
            return JsonNode.DeepEquals(JsonNode.Parse(wanted), JsonNode.Parse(observed ?? "{}"));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsSamePort(JsonObject wanted, PortEntry has)
    {
        var published = wanted["public"] as JsonObject;
        if (wanted["internal"]!.GetValue<int>() != has.Internal || wanted["external"]!.GetValue<int>() != has.External
            || wanted["protocol"]!.GetValue<string>() != (has.Protocol ?? "tcp") || (published is null) != (has.Public is null))
            return false;
        return published is null
            || (published["protocol"]?.GetValue<string>() == has.Public!.Protocol
                && published["schemes"]!.AsArray().Select(scheme => scheme!.GetValue<string>()).SequenceEqual(has.Public.Schemes ?? [])
                && (published["router"]?["port"] is not { } number || number.GetValue<int>() == has.Public.Router?.Port));
    }

    private static HashSet<string> Keys(JsonNode list, params string[] members) =>
        [.. list.AsArray().Select(item => string.Join('|', members.Select(member => item![member]?.ToString())))];
}
