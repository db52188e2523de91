using System.Text.Json;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Controller;

/// <summary>Microservices with their ports and volumes.</summary>
internal sealed class Microservices(ControllerState state, Routes routes)
{
    private static readonly (string, string)[] Types =
    [
        ("name", "string"), ("config", "string"), ("rootHostAccess", "boolean"), ("logSize", "integer"), ("agentName", "string"), ("iofogUuid", "string"),
        ("images", "array"), ("catalogItemId", "integer 4"), ("registryId", "integer"), ("ports", "array"), ("volumeMappings", "array"), ("env", "array"),
        ("cmd", "array"), ("extraHosts", "array"), ("rebuild", "boolean"),
    ];

    private static readonly string[] Lists = ["ports", "volumeMappings", "env", "cmd", "extraHosts"];

    public IEnumerable<Endpoint> Endpoints =>
    [
        new("GET", "microservices", 200, List),
        new("POST", "microservices", 201, Add),
        new("POST", "microservices/yaml", 201, Add) { Upload = YamlUpload.Microservice },
        new("GET", "microservices/public-ports", 200, _ => PublicPorts()),
        new("GET", "microservices/*", 200, call => Show(Find(call, "Invalid microservice user or UUID"))),
        new("PATCH", "microservices/*", 204, Change),
        new("PATCH", "microservices/yaml/*", 204, Change) { Upload = YamlUpload.Microservice },
        new("DELETE", "microservices/*", 204, call =>
        {
            Applications.Remove(state, Find(call));
            return null;
        }),
        new("POST", "microservices/*/routes/*", 201, call => Connect(call)),
        new("DELETE", "microservices/*/routes/*", 204, call => Disconnect(call[0], call[1])),
        new("GET", "microservices/*/port-mapping", 200, call => new JsonObject { ["ports"] = ShowPorts(Find(call)) }),
        new("POST", "microservices/*/port-mapping", 201, AddPort) { IsRendered = false },
        new("DELETE", "microservices/*/port-mapping/*", 204, RemovePort),
        new("GET", "microservices/*/volume-mapping", 200, call => new JsonObject { ["volumeMappings"] = Find(call)["volumeMappings"]!.DeepClone() }),
        new("POST", "microservices/*/volume-mapping", 201, AddVolume) { IsRendered = false },
        new("DELETE", "microservices/*/volume-mapping/*", 204, RemoveVolume),
    ];

    private JsonObject Add(Call call)
    {
        var row = Create(call.User!, call.Body);
        var answer = new JsonObject { ["uuid"] = Agents.Uuid(row), ["name"] = row["name"]!.DeepClone() };
        if (row["ports"]!.AsArray().Where(port => port!["proxy"] is not null).ToArray() is { Length: > 0 } proxied)
        {
            answer["proxies"] = new JsonArray([.. proxied.Select(port => (JsonNode)new JsonObject
            {
                ["internal"] = port!["internal"]!.DeepClone(),
                ["external"] = port["external"]!.DeepClone(),
                ["proxy"] = port["proxy"]!.DeepClone(),
            })]);
        }

        return answer;
    }

    private JsonNode? Change(Call call)
    {
        Update(call.User!, Find(call), call.Body);
        return null;
    }

    /// <exception cref="Refusal">Half of it may be there all the same.</exception>
    public JsonObject Create(ControllerState.User user, JsonObject body)
    {
        Fields.Require(body, "name");
        Check(body);
        if ((body["application"] ?? body["flowId"]) is not { } reference)
            throw Refusal.Type("Cannot read properties of undefined (reading 'toString')");
        var application = state.FindApplicationOrId(user, reference) ?? throw Refusal.NotFound($"Invalid application id '{reference}'", 500);
        var agent = AgentOf(user, body) ?? throw (body.ContainsKey("agentName") || body.ContainsKey("iofogUuid")
            ? Refusal.Invalid($"Invalid ioFog UUID '{body["agentName"] ?? body["iofogUuid"]}'")
            : NoAgent());
        var name = Fields.Text(body, "name")!;
        if (state.In(application).Any(other => Fields.Text(other, "name") == name))
            throw Refusal.Duplicate($"Duplicate name '{name}'");
        if (!body.ContainsKey("images") && !body.ContainsKey("catalogItemId"))
            throw Refusal.Type("Cannot read properties of undefined (reading 'length')");
        CheckRegistry(body, 500);
        CheckImages(name, ItemOf(body["catalogItemId"]), body["images"] as JsonArray, agent);
        CheckFree(body["ports"] as JsonArray, agent, null);
        Resolve(user, body);
        var now = state.Now();
        var row = new JsonObject
        {
            ["uuid"] = ControllerState.NewId(32),
            ["config"] = Corrupted(Fields.Text(body, "config") ?? "{}"),
            ["name"] = name,
            ["rootHostAccess"] = Fields.IsTrue(body["rootHostAccess"]),
            ["logSize"] = body["logSize"]?.DeepClone() ?? 1,
            ["delete"] = false,
            ["deleteWithCleanup"] = false,
            ["createdAt"] = now,
            ["updatedAt"] = now,
            ["applicationId"] = application["id"]!.DeepClone(),
            ["catalogItemId"] = body["catalogItemId"]?.DeepClone(),
            ["registryId"] = body["registryId"]?.DeepClone() ?? 1,
            ["iofogUuid"] = Agents.Uuid(agent),
            ["userId"] = user.Id,
            ["images"] = body.ContainsKey("catalogItemId") ? new JsonArray() : body["images"]!.DeepClone(),
        };
        foreach (var list in Lists)
            row[list] = new JsonArray();
        state.Microservices.Add(row);
        SetLists(user, row, body);
        row["status"] = BlankStatus(now); // the last thing: a create that breaks off leaves one without
        RaiseList(state, row);
        return row;
    }

    public void Update(ControllerState.User user, JsonObject row, JsonObject body)
    {
        Check(body);
        if (!body.ContainsKey("agentName") && !body.ContainsKey("iofogUuid"))
            throw NoAgent();
        if (!user.Owns(row))
            throw Refusal.NotFound($"Invalid microservice UUID '{Agents.Uuid(row)}'");
        CheckRegistry(body, 404);
        var agent = AgentOf(user, body) ?? state.Agents.Single(agent => Agents.Uuid(agent) == Fields.Text(row, "iofogUuid")); // an unknown one is ignored
        if (Fields.Text(body, "name") is { } name && state.In(state.ApplicationOf(row)).Any(other => other != row && Fields.Text(other, "name") == name))
            throw Refusal.Duplicate($"Duplicate name '{name}'");
        var item = ItemOf(body["catalogItemId"]);
        var isOtherItem = item is not null && !JsonNode.DeepEquals(item["id"], row["catalogItemId"]);
        if (isOtherItem)
            row["images"] = new JsonArray();
        else if (item is null && body["images"] is JsonArray images && !TextsOf(images).SequenceEqual(TextsOf(row["images"]!.AsArray())))
            row["images"] = images.DeepClone(); // stored even when they do not fit; and not at all when only the architectures are others
        CheckImages(Fields.Text(row, "name")!, item ?? (body.ContainsKey("images") ? null : ItemOf(row["catalogItemId"])), (body["images"] ?? row["images"]) as JsonArray, agent);
        Resolve(user, body);
        var former = state.Agents.Single(agent => Agents.Uuid(agent) == Fields.Text(row, "iofogUuid"));
        var moves = agent != former;
        if (body["ports"] is JsonArray ports)
        {
            // Gone also when the new ones are refused, which are looked at on the agent that it is still on.
            CheckUnmapped(row["ports"]!.AsArray());
            if (row["ports"]!.AsArray().Count > 0)
                MarkPortsChanged(row);
            row["ports"] = new JsonArray();
            CheckFree(ports, former, row);
        }

        if (moves)
        {
            CheckFree((body["ports"] ?? row["ports"]) as JsonArray, agent, row);
            row["iofogUuid"] = Agents.Uuid(agent);
            row["status"] = BlankStatus(state.Now());
        }

        foreach (var field in new[] { "name", "rootHostAccess", "registryId", "catalogItemId" })
        {
            if (body[field] is { } value)
                row[field] = value.DeepClone();
        }

        if (isOtherItem)
            row["registryId"] = item!["registryId"]!.DeepClone();
        if (Fields.Text(body, "config") is { Length: > 0 } config)
            row["config"] = Corrupted(config);
        row["logSize"] = body["logSize"]?.DeepClone() ?? 1; // left out: back to 1
        SetLists(user, row, body);
        row["rebuild"] = Fields.IsTrue(body["rebuild"]) || isOtherItem || body.ContainsKey("rootHostAccess") || body.ContainsKey("images") || Lists.Any(body.ContainsKey);
        row["updatedAt"] = state.Now();
        state.Raise(Agents.Uuid(agent), "microserviceList", "microserviceConfig", "routing");
    }

    /// <summary>A proxied port can't go, for the broker that allocated it does not answer.</summary>
    public static void CheckUnmapped(JsonArray ports)
    {
        if (ports.Any(port => port!["proxy"] is not null))
            throw new Refusal(500, "Error", "connect ECONNREFUSED 127.0.0.1:3000");
    }

    /// <summary>Whoever adds or removes a port has the container made anew.</summary>
    private void MarkPortsChanged(JsonObject row)
    {
        row["rebuild"] = true;
        state.Raise(Fields.Text(row, "iofogUuid")!, "microserviceConfig");
    }

    private static IEnumerable<string?> TextsOf(JsonArray images) => images.Select(image => Fields.Text(image!.AsObject(), "containerImage"));

    /// <summary>A device is told that a microservice came or goes.</summary>
    public static void RaiseList(ControllerState state, JsonObject row)
    {
        var hasMore = new[] { "ports", "env", "cmd" }.Any(list => row[list] is JsonArray { Count: > 0 });
        state.Raise(Fields.Text(row, "iofogUuid")!, hasMore ? ["microserviceList", "microserviceConfig"] : ["microserviceList"]);
    }

    public JsonObject Show(JsonObject row)
    {
        var shown = row.DeepClone().AsObject();
        shown.Remove("rebuild"); // only applications show it
        shown["ports"] = ShowPorts(row);
        shown["routes"] = new JsonArray([.. state.Routes.Where(route => Fields.Text(route, "sourceMicroserviceUuid") == Agents.Uuid(row)).Select(route => route["destMicroserviceUuid"]!.DeepClone())]);
        shown["application"] = state.ApplicationOf(row)["name"]!.DeepClone();
        shown["flowId"] = row["applicationId"]!.DeepClone();
        return shown;
    }

    private JsonNode List(Call call)
    {
        IEnumerable<JsonObject> listed = state.Microservices.Where(row => call.User!.Owns(row) && !Fields.IsTrue(state.ApplicationOf(row)["isSystem"]));
        if ((call.Query["application"].ToString() is { Length: > 0 } name ? name : call.Query["flowId"].ToString()) is { Length: > 0 } reference)
            listed = state.In(state.FindApplicationOrId(call.User!, reference) ?? throw Refusal.NotFound($"Invalid application id '{reference}'", 500));
        return new JsonObject { ["microservices"] = new JsonArray([.. listed.OrderBy(row => Fields.Text(row, "name"), StringComparer.Ordinal).Select(row => (JsonNode)Show(row))]) };
    }

    private static void Check(JsonObject body)
    {
        Fields.Check(body, "", Types);
        Fields.CheckName(body, "name");
        if (body["images"] is JsonArray { Count: > 2 })
            throw Refusal.Invalid("""{"property":"instance.images","message":"does not meet maximum length of 2"}""");
        var i = 0;
        foreach (var port in (body["ports"] as JsonArray ?? []).OfType<JsonObject>())
            CheckPort(port, $"ports[{i++}].");
        i = 0;
        foreach (var item in (body["env"] as JsonArray ?? []).OfType<JsonObject>())
        {
            Fields.Require(item, "key", "value");
            Fields.Check(item, $"env[{i++}].", ("key", "string"), ("value", "string"));
        }

        foreach (var item in (body["volumeMappings"] as JsonArray ?? []).OfType<JsonObject>())
            CheckVolume(item);
        foreach (var item in (body["extraHosts"] as JsonArray ?? []).OfType<JsonObject>())
            Fields.Require(item, "name", "address");
        for (i = 0; body["cmd"] is JsonArray cmd && i < cmd.Count; i++)
        {
            if (cmd[i]?.GetValueKind() != JsonValueKind.String)
                throw Refusal.Invalid($"Field 'cmd[{i}]' is not of a type(s) string");
        }
    }

    private static void CheckPort(JsonObject port, string path)
    {
        Fields.Require(port, "internal", "external");
        Fields.Check(port, path, ("internal", "integer"), ("external", "integer"), ("protocol", "string"), ("public", "object"), ("proxy", "boolean"));
        Fields.CheckEnum(port, "protocol", "tcp", "udp");
        if (port["public"] is not JsonObject published)
            return;
        Fields.Require(published, "schemes", "protocol");
        if (Fields.Text(published, "protocol") == "http" && published["schemes"]!.AsArray().Any(scheme => !scheme!.GetValue<string>().StartsWith("http", StringComparison.Ordinal)))
            throw Refusal.Invalid("Schemes must start with http for the protocol http");
        if (published["router"]?["host"]?.ToString() is { } host and not "default-router")
            throw Refusal.NotFound("Invalid router 'undefined'", 500); // a bug of the Controller: it looks at another field
    }

    private static void CheckVolume(JsonObject volume)
    {
        Fields.Require(volume, "hostDestination", "containerDestination", "accessMode");
        Fields.CheckEnum(volume, "type", "bind", "volume");
        if (Fields.Text(volume, "type") == "volume" && Fields.Text(volume, "hostDestination")!.StartsWith('/'))
            throw new Refusal(500, "InvalidArgumentError", "hostDestination includes invalid characters for a local volume name");
    }

    // The images are the item's where there is one; what is given beside must be the same.
    private static void CheckImages(string name, JsonObject? item, JsonArray? images, JsonObject agent)
    {
        if (item?["images"] is JsonArray own)
        {
            if ((images ?? []).Any(image => !own.Any(other => JsonNode.DeepEquals(image!["containerImage"], other!["containerImage"]))))
                throw Refusal.Invalid($"Catalog item {item["id"]} does not match the images");
            images = own;
        }

        var type = Fields.Number(agent["fogTypeId"]!);
        if (!(images ?? []).Any(image => Fields.Number(image!["fogTypeId"]!) == type && Fields.Text(image.AsObject(), "containerImage") is { Length: > 0 }))
            throw Refusal.Invalid($"Microservice {name} does not have a valid image for its Agent type");
    }

    private JsonObject? ItemOf(JsonNode? id) => id is null ? null
        : state.CatalogItems.Find(known => Fields.Number(known["id"]!) == Fields.Number(id)) ?? throw Refusal.NotFound($"Invalid catalog item id '{id}'", 500);

    private void CheckRegistry(JsonObject body, int code)
    {
        if (body["registryId"] is { } registry && !state.Registries.Exists(known => Fields.Number(known["id"]!) == Fields.Number(registry)))
            throw Refusal.NotFound($"Invalid registry id '{registry}'", code);
    }

    private void CheckFree(JsonArray? ports, JsonObject agent, JsonObject? own)
    {
        var taken = state.Microservices.Where(other => other != own && Fields.Text(other, "iofogUuid") == Agents.Uuid(agent))
            .SelectMany(other => other["ports"]!.AsArray()).Select(port => Fields.Number(port!["external"]!)).ToHashSet();
        foreach (var field in new[] { "messagingPort", "interRouterPort", "edgeRouterPort" })
        {
            if (agent[field] is { } port)
                taken.Add(Fields.Number(port));
        }

        foreach (var port in ports ?? [])
        {
            var external = Fields.Number(port!["external"]!);
            if (external is 54321 or 54322)
                throw Refusal.Invalid($"Port '{external}' is reserved for internal use");
            if (taken.Contains(external))
                throw Refusal.Invalid($"Port '{external}' is not available");
            if (port["public"]?["router"]?["port"] is { } wanted && state.Microservices.Where(other => other != own)
                .SelectMany(other => other["ports"]!.AsArray()).Any(other => other!["public"]?["router"]?["port"] is { } used && Fields.Number(used) == Fields.Number(wanted)))
                throw Refusal.Invalid($"Port '{wanted}' is not available");
        }
    }

    private void SetLists(ControllerState.User user, JsonObject row, JsonObject body)
    {
        foreach (var list in Lists.Where(body.ContainsKey))
            row[list] = list == "ports" ? new JsonArray() : body[list]!.DeepClone();
        foreach (var port in body["ports"] as JsonArray ?? [])
            Map(row, port!.DeepClone().AsObject());
        foreach (var volume in row["volumeMappings"]!.AsArray())
        {
            volume!["type"] ??= "bind";
            volume["id"] ??= state.NextId();
        }

        foreach (var host in row["extraHosts"]!.AsArray())
            host!["value"] = Resolve(user, host["address"]!.GetValue<string>());
    }

    // One after the other: what was mapped before one that is refused stays.
    private void Map(JsonObject row, JsonObject port)
    {
        var ports = row["ports"]!.AsArray();
        if (ports.Any(other => Fields.Number(other!["internal"]!) == Fields.Number(port["internal"]!) || Fields.Number(other["external"]!) == Fields.Number(port["external"]!)))
            throw Refusal.Invalid("Port mapping already exists");
        port["protocol"] ??= "tcp";
        if (port["public"] is JsonObject published)
        {
            var number = published["router"]?["port"]?.DeepClone() ?? NextPublicPort();
            port["public"] = new JsonObject
            {
                ["links"] = new JsonArray(),
                ["protocol"] = published["protocol"]!.DeepClone(),
                ["schemes"] = published["schemes"]!.DeepClone(),
                ["enabled"] = true, // whatever was asked for
                ["router"] = new JsonObject { ["port"] = number, ["host"] = "default-router" },
            };
            port["hostId"] = state.Agents.Find(agent => Fields.IsTrue(agent["isSystem"])) is { } system ? Agents.Uuid(system) : null;
        }
        else if (Fields.IsTrue(port["proxy"]))
        {
            port["proxy"] = new JsonObject { ["host"] = null, ["port"] = null, ["protocol"] = port["protocol"]!.DeepClone() }; // nobody answers who would know them
        }
        else
        {
            port.Remove("proxy");
        }

        ports.Add((JsonNode)port);
    }

    // Public ports are at the system agent that was there when they were mapped, else where the configuration says.
    private JsonArray ShowPorts(JsonObject row)
    {
        var shown = row["ports"]!.DeepClone().AsArray();
        foreach (var port in shown.OfType<JsonObject>().Where(port => port.ContainsKey("public")))
        {
            var host = PublicHostOf(port) is { } agent ? HostOf(agent) : state.Config.GetValueOrDefault("default-proxy-host", "undefined-proxy-host");
            port["public"]!["links"] = new JsonArray([.. port["public"]!["schemes"]!.AsArray().Select(scheme => (JsonNode)JsonValue.Create($"{scheme}://{host}:{port["public"]!["router"]!["port"]}")!)]);
            port.Remove("hostId");
        }

        return shown;
    }

    private JsonObject? PublicHostOf(JsonObject port) => port["hostId"]?.ToString() is { } uuid ? state.Agents.Find(agent => Agents.Uuid(agent) == uuid) : null;

    private JsonNode? AddPort(Call call)
    {
        var row = Find(call);
        CheckPort(call.Body, "");
        CheckFree(new JsonArray(call.Body.DeepClone()), state.Agents.Single(agent => Agents.Uuid(agent) == Fields.Text(row, "iofogUuid")), row);
        Map(row, call.Body.DeepClone().AsObject());
        MarkPortsChanged(row);
        return null;
    }

    private JsonNode? RemovePort(Call call)
    {
        var row = Find(call);
        var ports = row["ports"]!.AsArray();
        var gone = ports.FirstOrDefault(port => port!["internal"]!.ToString() == call[1]) ?? throw Refusal.NotFound("port mapping not exists");
        CheckUnmapped([gone.DeepClone()]);
        ports.Remove(gone);
        MarkPortsChanged(row);
        return null;
    }

    private JsonNode AddVolume(Call call)
    {
        var volumes = Find(call)["volumeMappings"]!.AsArray();
        CheckVolume(call.Body);
        if (volumes.Any(volume => JsonNode.DeepEquals(volume!["hostDestination"], call.Body["hostDestination"]) && JsonNode.DeepEquals(volume["containerDestination"], call.Body["containerDestination"])))
            throw Refusal.Invalid("Volume mapping already exists");
        var added = call.Body.DeepClone().AsObject();
        (added["id"], added["type"]) = (state.NextId(), added["type"]?.DeepClone() ?? "bind");
        volumes.Add((JsonNode)added);
        return new JsonObject { ["id"] = added["id"]!.DeepClone() };
    }

    private JsonNode? RemoveVolume(Call call)
    {
        var volumes = Find(call)["volumeMappings"]!.AsArray();
        volumes.Remove(volumes.FirstOrDefault(volume => volume!["id"]!.ToString() == call[1]) ?? throw Refusal.Invalid($"Invalid volume mapping id '{call[1]}'"));
        return null;
    }

    // The ends are anybody's, but then they are looked for by name in an application of the user's.
    private JsonNode? Connect(Call call)
    {
        var (source, destination) = (Find(call[0]), Find(call[1]));
        try
        {
            routes.Create(call.User!, new()
            {
                ["application"] = state.ApplicationOf(source)["name"]!.DeepClone(),
                ["name"] = $"r-{source["name"]}-{destination["name"]}",
                ["from"] = source["name"]!.DeepClone(),
                ["to"] = destination["name"]!.DeepClone(),
            });
        }
        catch (Refusal refusal) when (refusal.Name == "DuplicatePropertyError")
        {
            throw refusal.As(500);
        }

        return null;
    }

    private JsonNode? Disconnect(string from, string to)
    {
        if (state.Routes.RemoveAll(route => Fields.Text(route, "sourceMicroserviceUuid") == from && Fields.Text(route, "destMicroserviceUuid") == to) == 0)
            throw Refusal.NotFound("Route not found");
        return null;
    }

    private void Resolve(ControllerState.User user, JsonObject body)
    {
        foreach (var host in body["extraHosts"] as JsonArray ?? [])
            Resolve(user, host!["address"]!.GetValue<string>());
    }

    private string Resolve(ControllerState.User user, string address)
    {
        if (!(address.StartsWith("${", StringComparison.Ordinal) && address.EndsWith('}')))
            return address;
        var template = address[2..^1];
        switch (template.Split('.'))
        {
            case ["Agents", var name]:
                return HostOf(state.Agents.Find(agent => user.Owns(agent) && Fields.Text(agent, "name") == name) ?? throw NoHost(name));
            case ["Apps", var name, var part, .. { Length: > 0 } at]:
                var application = state.FindApplication(user, name) ?? throw NoHost(name);
                var microservice = state.In(application).FirstOrDefault(row => Fields.Text(row, "name") == part) ?? throw NoHost(part);
                return at switch
                {
                    ["local"] => HostOf(AgentOf(microservice)),
                    ["public", var port] => PublicHost(microservice, port),
                    _ => throw InvalidHost(template),
                };
            default:
                throw InvalidHost(template);
        }
    }

    // Where no system agent has the port, as on Kubernetes, the Controller trips over it.
    private string PublicHost(JsonObject microservice, string number)
    {
        var port = microservice["ports"]!.AsArray().OfType<JsonObject>().FirstOrDefault(port => port["public"]?["router"]?["port"]?.ToString() == number) ?? throw NoHost(number);
        return HostOf(PublicHostOf(port) ?? throw Refusal.Type("Cannot read properties of null (reading 'uuid')"));
    }

    private JsonObject AgentOf(JsonObject microservice) => state.Agents.Single(agent => Agents.Uuid(agent) == Fields.Text(microservice, "iofogUuid"));

    private static string HostOf(JsonObject agent) => Fields.Text(agent, "host") ?? Fields.Text(agent, "ipAddress") ?? "";

    private static Refusal NoHost(string part) => Refusal.Invalid($"Could not find {part} host template");

    private static Refusal InvalidHost(string template) => Refusal.Invalid($"{template} is not a valid host template");

    private int NextPublicPort()
    {
        var used = state.Microservices.SelectMany(row => row["ports"]!.AsArray()).Select(port => port!["public"]?["router"]?["port"])
            .Where(port => port is not null).Select(port => (int)Fields.Number(port!)).ToHashSet();
        return Enumerable.Range(6000, 1000).First(port => !used.Contains(port));
    }

    private JsonArray PublicPorts() => new([.. state.Microservices.SelectMany(row => row["ports"]!.AsArray()
        .Where(port => port!["public"] is not null)
        .Select(port => (JsonNode)new JsonObject
        {
            ["microserviceUuid"] = Agents.Uuid(row),
            ["publicPort"] = new JsonObject
            {
                ["protocol"] = port!["public"]!["protocol"]!.DeepClone(), ["queueName"] = Agents.Uuid(row), ["publicPort"] = port["public"]!["router"]!["port"]!.DeepClone(),
                ["isTcp"] = port["public"]!["protocol"]!.GetValue<string>() == "tcp", ["hostId"] = port["hostId"]?.DeepClone(),
            },
        }))]);

    private static JsonObject BlankStatus(string now) => new()
    {
        ["operatingDuration"] = 0,
        ["startTime"] = 0,
        ["memoryUsage"] = 0,
        ["status"] = "QUEUED",
        ["cpuUsage"] = 0,
        ["containerId"] = "",
        ["percentage"] = 0,
        ["errorMessage"] = "",
        ["createdAt"] = now,
        ["updatedAt"] = now,
    };

    // What the Controller does to escaped quotes.
    private static string Corrupted(string config) => config.Replace("\\\"", "\"", StringComparison.Ordinal);

    private static Refusal NoAgent() => new(500, "Error", "WHERE parameter \"name\" has invalid \"undefined\" value");

    private JsonObject Find(Call call, string? message = null) =>
        state.Microservices.Find(row => Agents.Uuid(row) == call[0] && call.User!.Owns(row)) ?? throw Refusal.NotFound(message ?? $"Invalid microservice UUID '{call[0]}'");

    private JsonObject Find(string uuid) => state.Microservices.Find(row => Agents.Uuid(row) == uuid) ?? throw Refusal.NotFound($"Invalid microservice UUID '{uuid}'");

    // A uuid is anybody's, a name the user's.
    private JsonObject? AgentOf(ControllerState.User user, JsonObject body) => Fields.Text(body, "iofogUuid") is { } uuid
        ? state.Agents.Find(agent => Agents.Uuid(agent) == uuid)
        : Fields.Text(body, "agentName") is { } name ? state.Agents.Find(agent => user.Owns(agent) && Fields.Text(agent, "name") == name) : null;
}
