using System.Text.Json.Nodes;
using IoFog.Operator.Controller;

namespace IoFog.Operator.Microservices;

/// <summary>A microservice in the Controller's terms.</summary>
public static class MicroserviceBody
{
    private const int DefaultLogSize = 1;

    /// <summary>The body of a create.</summary>
    public static JsonObject ForCreate(string application, string name, MicroserviceSpec spec, string agentUuid)
    {
        var body = Wanted(spec);
        body["name"] = name;
        body["application"] = application;
        body["iofogUuid"] = agentUuid;
        return body;
    }

    /// <summary>The body of an update that changes nothing and lets the agent make the container anew.</summary>
    public static JsonObject ForRebuild(MicroserviceEntry observed)
    {
        ArgumentNullException.ThrowIfNull(observed);
        return new() { ["iofogUuid"] = observed.IofogUuid, ["logSize"] = observed.LogSize ?? DefaultLogSize, ["rebuild"] = true };
    }

    /// <summary>Every field of a microservice but its name and place, defaults included.</summary>
    internal static JsonObject Wanted(MicroserviceSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var container = spec.Container ?? new();
        var body = new JsonObject
        {
            ["config"] = MicroserviceConfig.Text(spec.Config),
            ["rootHostAccess"] = container.RootHostAccess ?? false,
            ["logSize"] = spec.LogSize ?? container.LogSize ?? DefaultLogSize,
            ["ports"] = new JsonArray([.. (container.Ports ?? []).Select(Port)]),
            ["volumeMappings"] = new JsonArray([.. (container.Volumes ?? []).Select(Volume)]),
            ["env"] = new JsonArray([.. (container.Env ?? []).Select(variable => (JsonNode)new JsonObject { ["key"] = variable.Key, ["value"] = variable.Value })]),
            ["cmd"] = new JsonArray([.. (container.Commands ?? []).Select(command => (JsonNode)JsonValue.Create(command)!)]),
            ["extraHosts"] = new JsonArray([.. (container.ExtraHosts ?? []).Select(host => (JsonNode)new JsonObject { ["name"] = host.Name, ["address"] = host.Address })]),
        };
        if (IsFromCatalog(spec))
        {
            body["catalogItemId"] = spec.Images!.CatalogId;
        }
        else
        {
            body["images"] = Images(spec);
            body["registryId"] = ImageSources.RegistryIdOf(spec.Images?.Registry);
        }

        return body;
    }

    internal static bool IsFromCatalog(MicroserviceSpec spec) => spec.Images is { CatalogId: > 0 } or { CatalogItem.Length: > 0 };

    private static JsonArray Images(MicroserviceSpec spec)
    {
        var images = new JsonArray();
        if (!string.IsNullOrEmpty(spec.Images?.X86))
            images.Add((JsonNode)new JsonObject { ["containerImage"] = spec.Images.X86, ["fogTypeId"] = 1 });
        if (!string.IsNullOrEmpty(spec.Images?.Arm))
            images.Add((JsonNode)new JsonObject { ["containerImage"] = spec.Images.Arm, ["fogTypeId"] = 2 });
        return images;
    }

    private static JsonNode Port(MicroservicePort port)
    {
        var body = new JsonObject { ["internal"] = port.Internal, ["external"] = port.External, ["protocol"] = port.Protocol ?? "tcp" };
        if (port.Proxy == true)
            body["proxy"] = true;
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
}
