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
        new("GET", "microservices/*", 200, call => Show(Find(call[0], "Invalid microservice user or UUID"))),
        new("PATCH", "microservices/*", 204, Change),
        new("PATCH", "microservices/yaml/*", 204, Change) { Upload = YamlUpload.Microservice },
        new("DELETE", "microservices/*", 204, call =>
        {
            Applications.Remove(state, Find(call[0], $"Invalid microservice UUID '{call[0]}'"));
            return null;
        }),
        new("POST", "microservices/*/routes/*", 201, call => Connect(call[0], call[1])),
        new("DELETE", "microservices/*/routes/*", 204, call => Disconnect(call[0], call[1])),
        new("GET", "microservices/*/port-mapping", 200, call => new JsonObject { ["ports"] = Find(call[0])["ports"]!.DeepClone() }),
        new("POST", "microservices/*/port-mapping", 201, AddPort) { IsRendered = false },
        new("DELETE", "microservices/*/port-mapping/*", 204, RemovePort),
        new("GET", "microservices/*/volume-mapping", 200, call => new JsonObject { ["volumeMappings"] = Find(call[0])["volumeMappings"]!.DeepClone() }),
        new("POST", "microservices/*/volume-mapping", 201, AddVolume) { IsRendered = false },
        new("DELETE", "microservices/*/volume-mapping/*", 204, RemoveVolume),
    ];

    private JsonObject Add(Call call)
    {
        var row = Create(call.Body);
        return new() { ["uuid"] = Agents.Uuid(row), ["name"] = row["name"]!.DeepClone() };
    }

    private JsonNode? Change(Call call)
    {
        Update(Find(call[0], $"Invalid microservice UUID '{call[0]}'"), call.Body);
        return null;
    }

    /// <exception cref="Refusal">Half of it may be there all the same.</exception>
    public JsonObject Create(JsonObject body)
    {
        Fields.Require(body, "name");
        Check(body);
        if ((body["application"] ?? body["flowId"]) is not { } reference)
            throw Refusal.Type("Cannot read properties of undefined (reading 'toString')");
        var application = state.FindApplicationOrId(reference) ?? throw Refusal.NotFound($"Invalid application id '{reference}'", 500);
        var agent = AgentOf(body) ?? throw (body.ContainsKey("agentName") || body.ContainsKey("iofogUuid")
            ? Refusal.Invalid($"Invalid ioFog UUID '{body["agentName"] ?? body["iofogUuid"]}'")
            : NoAgent());
        var name = Fields.Text(body, "name")!;
        if (state.In(application).Any(other => Fields.Text(other, "name") == name))
            throw Refusal.Duplicate($"Duplicate name '{name}'");
        if (!body.ContainsKey("images") && !body.ContainsKey("catalogItemId"))
            throw Refusal.Type("Cannot read properties of undefined (reading 'length')");
        CheckCatalog(body);
        CheckRegistry(body, 500);
        CheckImages(name, body["images"] as JsonArray, agent);
        CheckFree(body["ports"] as JsonArray, agent, null);
        Resolve(body);
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
            ["userId"] = 1,
            ["images"] = body.ContainsKey("catalogItemId") ? new JsonArray() : body["images"]!.DeepClone(),
        };
        foreach (var list in Lists)
            row[list] = new JsonArray();
        state.Microservices.Add(row);
        SetLists(row, body);
        row["status"] = BlankStatus(now); // the last thing: a create that breaks off leaves one without
        RaiseList(state, row);
        return row;
    }

    public void Update(JsonObject row, JsonObject body)
    {
        Check(body);
        if (!body.ContainsKey("agentName") && !body.ContainsKey("iofogUuid"))
            throw NoAgent();
        CheckRegistry(body, 404);
        var agent = AgentOf(body) ?? state.Agents.Single(agent => Agents.Uuid(agent) == Fields.Text(row, "iofogUuid")); // an unknown one is ignored
        if (Fields.Text(body, "name") is { } name && state.In(state.ApplicationOf(row)).Any(other => other != row && Fields.Text(other, "name") == name))
            throw Refusal.Duplicate($"Duplicate name '{name}'");
        if (body["images"] is JsonArray images)
            row["images"] = images.DeepClone(); // stored even when they do not fit
        CheckImages(Fields.Text(row, "name")!, row["images"] as JsonArray, agent);
        Resolve(body);
        var moves = Agents.Uuid(agent) != Fields.Text(row, "iofogUuid");
        if (moves)
            CheckFree((body["ports"] ?? row["ports"]) as JsonArray, agent, row);
        if (body["ports"] is JsonArray ports)
        {
            row["ports"] = new JsonArray(); // gone also when the new ones are refused
            CheckFree(ports, agent, row);
        }

        if (moves)
        {
            row["iofogUuid"] = Agents.Uuid(agent);
            row["status"] = BlankStatus(state.Now());
        }

        foreach (var field in new[] { "name", "rootHostAccess", "registryId", "catalogItemId" })
        {
            if (body[field] is { } value)
                row[field] = value.DeepClone();
        }

        if (Fields.Text(body, "config") is { Length: > 0 } config)
            row["config"] = Corrupted(config);
        row["logSize"] = body["logSize"]?.DeepClone() ?? 1; // left out: back to 1
        SetLists(row, body);
        row["rebuild"] = Fields.IsTrue(body["rebuild"]) || body.ContainsKey("rootHostAccess") || body.ContainsKey("images") || Lists.Any(body.ContainsKey);
        row["updatedAt"] = state.Now();
        state.Raise(Agents.Uuid(agent), "microserviceList", "microserviceConfig", "routing");
    }

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
        shown["routes"] = new JsonArray([.. state.Routes.Where(route => Fields.Text(route, "sourceMicroserviceUuid") == Agents.Uuid(row)).Select(route => route["destMicroserviceUuid"]!.DeepClone())]);
        shown["application"] = state.ApplicationOf(row)["name"]!.DeepClone();
        shown["flowId"] = row["applicationId"]!.DeepClone();
        return shown;
    }

    private JsonNode List(Call call)
    {
        IEnumerable<JsonObject> listed = state.Microservices.Where(row => !Fields.IsTrue(state.ApplicationOf(row)["isSystem"]));
        if ((call.Query["application"].ToString() is { Length: > 0 } name ? name : call.Query["flowId"].ToString()) is { Length: > 0 } reference)
            listed = state.In(state.FindApplicationOrId(reference) ?? throw Refusal.NotFound($"Invalid application id '{reference}'", 500));
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
        Fields.Check(port, path, ("internal", "integer"), ("external", "integer"), ("protocol", "string"), ("public", "object"));
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

    private static void CheckImages(string name, JsonArray? images, JsonObject agent)
    {
        if (images is not { Count: > 0 })
            return;
        var type = Fields.Number(agent["fogTypeId"]!);
        if (!images.Any(image => Fields.Number(image!["fogTypeId"]!) == type))
            throw Refusal.Invalid($"Microservice {name} does not have a valid image for its Agent type");
    }

    private void CheckCatalog(JsonObject body)
    {
        if (body["catalogItemId"] is { } item && !state.CatalogItems.Exists(known => Fields.Number(known["id"]!) == Fields.Number(item)))
            throw Refusal.NotFound($"Invalid catalog item id '{item}'", 500);
    }

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

    private void SetLists(JsonObject row, JsonObject body)
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
            host!["value"] = Resolve(host["address"]!.GetValue<string>());
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
                ["links"] = new JsonArray([.. published["schemes"]!.AsArray().Select(scheme =>
                    (JsonNode)JsonValue.Create($"{scheme}://{state.Config.GetValueOrDefault("default-proxy-host", "undefined-proxy-host")}:{number}")!)]),
                ["protocol"] = published["protocol"]!.DeepClone(),
                ["schemes"] = published["schemes"]!.DeepClone(),
                ["enabled"] = true, // whatever was asked for
                ["router"] = new JsonObject { ["port"] = number, ["host"] = "default-router" },
            };
        }

        ports.Add((JsonNode)port);
    }

    private JsonNode? AddPort(Call call)
    {
        var row = Find(call[0]);
        CheckPort(call.Body, "");
        CheckFree(new JsonArray(call.Body.DeepClone()), state.Agents.Single(agent => Agents.Uuid(agent) == Fields.Text(row, "iofogUuid")), row);
        Map(row, call.Body.DeepClone().AsObject());
        return null;
    }

    private JsonNode? RemovePort(Call call)
    {
        var ports = Find(call[0])["ports"]!.AsArray();
        ports.Remove(ports.FirstOrDefault(port => port!["internal"]!.ToString() == call[1]) ?? throw Refusal.NotFound("port mapping not exists"));
        return null;
    }

    private JsonNode AddVolume(Call call)
    {
        var volumes = Find(call[0])["volumeMappings"]!.AsArray();
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
        var volumes = Find(call[0])["volumeMappings"]!.AsArray();
        volumes.Remove(volumes.FirstOrDefault(volume => volume!["id"]!.ToString() == call[1]) ?? throw Refusal.Invalid($"Invalid volume mapping id '{call[1]}'"));
        return null;
    }

    private JsonNode? Connect(string from, string to)
    {
        var (source, destination) = (Find(from), Find(to));
        if (state.Routes.Exists(route => Fields.Text(route, "sourceMicroserviceUuid") == from && Fields.Text(route, "destMicroserviceUuid") == to))
            throw Refusal.Duplicate("route already exists");
        routes.Add(state.ApplicationOf(source), $"r-{source["name"]}-{destination["name"]}", source, destination);
        return null;
    }

    private JsonNode? Disconnect(string from, string to)
    {
        if (state.Routes.RemoveAll(route => Fields.Text(route, "sourceMicroserviceUuid") == from && Fields.Text(route, "destMicroserviceUuid") == to) == 0)
            throw Refusal.NotFound("Route not found");
        return null;
    }

    private void Resolve(JsonObject body)
    {
        foreach (var host in body["extraHosts"] as JsonArray ?? [])
            Resolve(host!["address"]!.GetValue<string>());
    }

    private string Resolve(string address)
    {
        if (!address.StartsWith("${", StringComparison.Ordinal))
            return address;
        var parts = address.Trim('$', '{', '}').Split('.');
        var agent = parts is ["Agents", var name]
            ? state.Agents.Find(agent => Fields.Text(agent, "name") == name)
            : parts is ["Apps", var application, var microservice, "local"] && state.FindApplication(application) is { } found
                && state.In(found).FirstOrDefault(row => Fields.Text(row, "name") == microservice) is { } other
                ? state.Agents.Find(agent => Agents.Uuid(agent) == Fields.Text(other, "iofogUuid"))
                : null;
        return agent is null ? throw Refusal.Invalid($"Could not find {parts[^1]} host template") : Fields.Text(agent, "host") ?? "";
    }

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
                ["isTcp"] = port["public"]!["protocol"]!.GetValue<string>() == "tcp", ["hostId"] = null,
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

    private JsonObject Find(string uuid, string? message = null) =>
        state.Microservices.Find(row => Agents.Uuid(row) == uuid) ?? throw Refusal.NotFound(message ?? $"Invalid microservice UUID '{uuid}'");

    private JsonObject? AgentOf(JsonObject body) => Fields.Text(body, "iofogUuid") is { } uuid
        ? state.Agents.Find(agent => Agents.Uuid(agent) == uuid)
        : Fields.Text(body, "agentName") is { } name ? state.Agents.Find(agent => Fields.Text(agent, "name") == name) : null;
}
