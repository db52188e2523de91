using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Controller;

/// <summary>What a device calls: provisioning, its configuration, what it is to run, and what it reports.</summary>
internal sealed class AgentApi(ControllerState state, ControllerOptions options)
{
    private static readonly (string, string)[] Settings =
    [
        ("networkInterface", "string"), ("dockerUrl", "string"), ("diskLimit", "integer 0"), ("diskDirectory", "string"), ("memoryLimit", "integer 0"),
        ("cpuLimit", "integer 0"), ("logLimit", "integer 0"), ("logDirectory", "string"), ("logFileCount", "integer 0"), ("statusFrequency", "integer 0"),
        ("changeFrequency", "integer 0"), ("deviceScanFrequency", "integer 0"), ("watchdogEnabled", "boolean"), ("latitude", "number -90 90"),
        ("longitude", "number -180 180"), ("gpsMode", "string"), ("logLevel", "string"), ("availableDiskThreshold", "integer 0"),
        ("dockerPruningFrequency", "integer 0"), ("timeZone", "string"),
    ];

    private static readonly string[] Reported =
    [
        "daemonStatus", "daemonOperatingDuration", "daemonLastStart", "memoryUsage", "diskUsage", "cpuUsage", "memoryViolation", "diskViolation",
        "cpuViolation", "systemAvailableDisk", "systemAvailableMemory", "systemTotalCpu", "securityStatus", "securityViolationInfo", "repositoryCount",
        "repositoryStatus", "systemTime", "lastStatusTime", "ipAddress", "ipAddressExternal", "processedMessages", "messageSpeed", "lastCommandTime",
        "version", "isReadyToUpgrade", "isReadyToRollback",
    ];

    public IEnumerable<Endpoint> Endpoints =>
    [
        new("POST", "agent/provision", 200, Provision) { IsPublic = true, IsRendered = false },
        ForDevice("POST", "agent/deprovision", 204, Deprovision),
        ForDevice("GET", "agent/config", 200, Configuration),
        ForDevice("PATCH", "agent/config", 204, Configure),
        ForDevice("GET", "agent/config/changes", 200, call => state.Changes(Agents.Uuid(call.Agent!))),
        ForDevice("PATCH", "agent/config/changes", 200, call =>
        {
            state.ClearChanges(Agents.Uuid(call.Agent!), Fields.Text(call.Body, "lastUpdated"));
            return new JsonObject();
        }),
        ForDevice("PUT", "agent/status", 204, Report),
        ForDevice("GET", "agent/microservices", 200, call => new JsonObject { ["microservices"] = new JsonArray([.. Runnable(call.Agent!)]) }),
        ForDevice("GET", "agent/microservices/*", 200, call => Runnable(call.Agent!).FirstOrDefault(microservice => Fields.Text(microservice, "uuid") == call[0])
            ?? throw Refusal.NotFound($"Invalid microservice UUID '{call[0]}'")),
        ForDevice("GET", "agent/registries", 200, call => new JsonObject
        {
            ["registries"] = new JsonArray([.. Catalog.RegistriesOf(state, (long)Fields.Number(call.Agent!["userId"]!)).Select(row => row.DeepClone())]),
        }),
        ForDevice("GET", "agent/edgeResources", 200, call => new JsonObject
        {
            ["edgeResources"] = new JsonArray([.. state.Links.Where(link => link.Agent == Agents.Uuid(call.Agent!))
                .Select(link => (JsonNode)EdgeResources.Show(state.EdgeResources.Single(resource => EdgeResources.IdOf(resource) == link.Resource), withInterface: true, isBrokenError: true))]),
        }),
        ForDevice("GET", "agent/version", 200, Version),
        ForDevice("GET", "agent/tunnel", 200, _ => throw Refusal.NotFound("Invalid Tunnel Id")),
        ForDevice("GET", "agent/strace", 200, _ => throw Refusal.NotFound("Invalid strace id")),
        ForDevice("GET", "agent/image-snapshot", 200, _ => throw Refusal.NotFound("Image snapshot not found")),
        ForDevice("PUT", "agent/hal/hw", 204, call => PutHal(call, "hw")),
        ForDevice("PUT", "agent/hal/usb", 204, call => PutHal(call, "usb")),
        ForDevice("DELETE", "agent/delete-node", 204, call => throw new Refusal(500, "SequelizeForeignKeyConstraintError", "SQLITE_CONSTRAINT: FOREIGN KEY constraint failed")),
    ];

    /// <summary>The agent of a device's token. Each call adds a whole life to the token, and shows that the device is there.</summary>
    public JsonObject Authorize(HttpRequest request)
    {
        if (request.Headers.Authorization.Count == 0)
            throw new Refusal(500, "Error", "WHERE parameter \"token\" has invalid \"undefined\" value");
        if (!state.AgentTokens.TryGetValue(request.Headers.Authorization.ToString(), out var token)
            || state.Agents.Find(agent => Agents.Uuid(agent) == token.Agent) is not { } agent)
            throw Refusal.Unauthorized();
        if (token.Expires < state.Time.GetUtcNow())
            throw Refusal.Unauthorized("token expired");
        token.Expires += options.TokenLifetime;
        agent["lastActive"] = state.NowMs();
        return agent;
    }

    private static Endpoint ForDevice(string method, string pattern, int success, Func<Call, JsonNode?> answer) =>
        new(method, pattern, success, answer) { IsForDevices = true, IsRendered = false };

    private JsonNode Provision(Call call)
    {
        Fields.Require(call.Body, "type", "key");
        Fields.Check(call.Body, "", ("type", "integer 0 2"), ("key", "string"));
        var (uuid, key) = state.ProvisioningKeys.FirstOrDefault(entry => entry.Value.Key == Fields.Text(call.Body, "key"));
        if (uuid is null)
            throw Refusal.NotFound("Invalid Provisioning Key");
        if (key.Expires < state.Time.GetUtcNow())
            throw Refusal.Unauthorized("Expired provision key");
        var agent = state.Agents.Single(row => Agents.Uuid(row) == uuid);
        var type = (int)Fields.Number(call.Body["type"]!);
        var unfit = state.Microservices.Where(microservice => Fields.Text(microservice, "iofogUuid") == uuid && !HasImage(microservice, type)).ToArray();
        if (unfit.Length > 0)
            throw Refusal.Invalid($"Some of the microservices on this agent do not have an image of its type: {string.Join(", ", unfit.Select(microservice => Fields.Text(microservice, "name")))}");
        foreach (var old in state.AgentTokens.Where(token => token.Value.Agent == uuid).Select(token => token.Key).ToArray())
            state.AgentTokens.Remove(old);
        var token = ControllerState.NewId(16);
        state.AgentTokens[token] = new(uuid) { Expires = state.Time.GetUtcNow() + options.TokenLifetime };
        state.ProvisioningKeys.Remove(uuid);
        agent["fogTypeId"] = type;
        return new JsonObject { ["uuid"] = uuid, ["token"] = token };
    }

    private JsonNode? Deprovision(Call call)
    {
        Fields.Require(call.Body, "microserviceUuids");
        (call.Agent!["daemonStatus"], call.Agent["ipAddress"], call.Agent["ipAddressExternal"]) = ("UNKNOWN", "0.0.0.0", "0.0.0.0");
        return null;
    }

    private JsonNode Configuration(Call call)
    {
        var agent = call.Agent!;
        var shown = new JsonObject();
        foreach (var (name, _) in Settings.Where(setting => setting.Item1 != "gpsMode"))
            shown[name] = agent[name]?.DeepClone();
        var router = Fields.Text(agent, "routerMode") == "none"
            ? state.Agents.Find(other => Agents.Uuid(other) == Fields.Text(agent, "networkRouter")) ?? state.DefaultRouter ?? throw Refusal.Type("Cannot read properties of null (reading 'host')")
            : agent;
        shown["routerHost"] = Fields.Text(router, "host") == Fields.Text(agent, "host") ? "localhost" : router["host"]?.DeepClone();
        shown["routerPort"] = router["messagingPort"]?.DeepClone() ?? 5672;
        return shown;
    }

    private JsonNode? Configure(Call call)
    {
        Fields.Check(call.Body, "", Settings);
        foreach (var (name, _) in Settings.Where(setting => call.Body.ContainsKey(setting.Item1)))
            call.Agent![name] = call.Body[name]?.DeepClone();
        call.Agent!["updatedAt"] = state.Now();
        return null;
    }

    private JsonNode? Report(Call call)
    {
        var (agent, body) = (call.Agent!, call.Body);
        foreach (var name in Reported.Where(body.ContainsKey))
            agent[name] = body[name]?.DeepClone();
        agent["updatedAt"] = state.Now();

        // It is JSON in a text; without it the rest is stored before the parser fails.
        if (Fields.Text(body, "microserviceStatus") is not { } text)
            throw new Refusal(500, "SyntaxError", "\"undefined\" is not valid JSON");
        foreach (var reported in JsonNode.Parse(text)!.AsArray().OfType<JsonObject>())
        {
            var microservice = state.Microservices.Find(row => Fields.Text(row, "uuid") == Fields.Text(reported, "id") && Fields.Text(row, "iofogUuid") == Agents.Uuid(agent));
            if (microservice?["status"] is not JsonObject status)
                continue;
            foreach (var name in new[] { "containerId", "status", "startTime", "operatingDuration", "cpuUsage", "memoryUsage", "percentage", "errorMessage" })
            {
                if (reported.ContainsKey(name))
                    status[name] = reported[name]?.DeepClone();
            }
        }

        return null;
    }

    private IEnumerable<JsonObject> Runnable(JsonObject agent)
    {
        var type = (int)Fields.Number(agent["fogTypeId"]!);
        foreach (var microservice in state.Microservices.Where(row => Fields.Text(row, "iofogUuid") == Agents.Uuid(agent)).ToArray())
        {
            var application = state.Applications.Find(row => Fields.Number(row["id"]!) == Fields.Number(microservice["applicationId"]!));
            var item = state.CatalogItems.Find(row => microservice["catalogItemId"] is { } id && Fields.Number(row["id"]!) == Fields.Number(id));
            var image = ((item ?? microservice)["images"] as JsonArray ?? []).OfType<JsonObject>().FirstOrDefault(image => Fields.Number(image["fogTypeId"]!) == type);
            if (image is null || Fields.Text(image, "containerImage") is null or "" || application is null || !Fields.IsTrue(application["isActivated"]))
                continue;
            var uuid = Fields.Text(microservice, "uuid")!;
            var shown = new JsonObject { ["imageId"] = image["containerImage"]!.DeepClone() };
            foreach (var name in new[] { "uuid", "config", "rebuild", "rootHostAccess", "logSize", "registryId", "volumeMappings", "delete", "deleteWithCleanup", "env", "cmd" })
                shown[name] = microservice[name]?.DeepClone();
            if (item?["registryId"] is { } registry)
                shown["registryId"] = registry.DeepClone();
            shown["imageSnapshot"] = "";
            shown["portMappings"] = new JsonArray([.. (microservice["ports"] as JsonArray ?? []).OfType<JsonObject>().Select(port => (JsonNode)new JsonObject
            {
                ["portInternal"] = port["internal"]!.DeepClone(),
                ["portExternal"] = port["external"]!.DeepClone(),
                ["isUdp"] = Fields.Text(port, "protocol") == "udp",
            })]);
            shown["extraHosts"] = new JsonArray([.. (microservice["extraHosts"] as JsonArray ?? []).OfType<JsonObject>()
                .Select(host => (JsonNode)JsonValue.Create($"{host["name"]}:{host["value"]}")!)]);
            shown["routes"] = new JsonArray([.. state.Routes.Where(route => Fields.Text(route, "sourceMicroserviceUuid") == uuid).Select(route => route["destMicroserviceUuid"]?.DeepClone())]);
            shown["isConsumer"] = state.Routes.Exists(route => Fields.Text(route, "destMicroserviceUuid") == uuid);
            microservice["rebuild"] = false;
            yield return shown;
        }
    }

    private JsonNode Version(Call call)
    {
        var uuid = Agents.Uuid(call.Agent!);
        if (!state.VersionCommands.TryGetValue(uuid, out var command))
            throw Refusal.NotFound("Version command not found");
        return new JsonObject
        {
            ["versionCommand"] = command,
            ["provisionKey"] = state.ProvisioningKeys.TryGetValue(uuid, out var key) ? key.Key : null,
            ["expirationTime"] = state.ProvisioningKeys.TryGetValue(uuid, out key) ? key.Expires.ToUnixTimeMilliseconds() : null,
        };
    }

    private JsonNode? PutHal(Call call, string part)
    {
        Fields.Require(call.Body, "info");
        var now = state.Now();
        state.Hal[(Agents.Uuid(call.Agent!), part)] = new()
        {
            ["id"] = 1,
            ["info"] = call.Body["info"]!.DeepClone(),
            ["createdAt"] = now,
            ["updatedAt"] = now,
            ["iofogUuid"] = Agents.Uuid(call.Agent!),
        };
        return null;
    }

    private static bool HasImage(JsonObject microservice, int type) =>
        microservice["images"] is not JsonArray { Count: > 0 } images
        || images.OfType<JsonObject>().Any(image => Fields.Number(image["fogTypeId"]!) == type && Fields.Text(image, "containerImage") is { Length: > 0 });
}
