using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Controller;

/// <summary>Agents and the default router.</summary>
internal sealed class Agents(ControllerState state)
{
    private const string DefaultRouter = "default-router";

    /// <summary>Where a router is reached, which no answer about its agent shows.</summary>
    private const string RouterHost = "routerHost";

    private static readonly (string, string)[] Types =
    [
        ("name", "string"), ("fogType", "integer 0 2"), ("location", "string"), ("description", "string"), ("host", "string"), ("timeZone", "string"),
        ("latitude", "number -90 90"), ("longitude", "number -180 180"), ("dockerUrl", "string"), ("diskLimit", "integer 0"), ("memoryLimit", "integer 0"),
        ("cpuLimit", "integer 0"), ("logLimit", "integer 0"), ("diskDirectory", "string"), ("logDirectory", "string"), ("logFileCount", "integer 0"),
        ("statusFrequency", "integer 0"), ("changeFrequency", "integer 0"), ("deviceScanFrequency", "integer 0"), ("bluetoothEnabled", "boolean"),
        ("abstractedHardwareEnabled", "boolean"), ("watchdogEnabled", "boolean"), ("dockerPruningFrequency", "integer 0"), ("availableDiskThreshold", "integer 0"),
        ("logLevel", "string"), ("tags", "array"), ("isSystem", "boolean"), ("messagingPort", "integer 1 65535"), ("interRouterPort", "integer 1 65535"),
        ("edgeRouterPort", "integer 1 65535"), ("upstreamRouters", "array"), ("networkRouter", "string"),
    ];

    private static readonly string[] Settable =
    [
        "name", "location", "description", "host", "timeZone", "latitude", "longitude", "dockerUrl", "diskLimit", "memoryLimit", "cpuLimit", "logLimit",
        "diskDirectory", "logDirectory", "logFileCount", "statusFrequency", "changeFrequency", "deviceScanFrequency", "bluetoothEnabled",
        "abstractedHardwareEnabled", "watchdogEnabled", "dockerPruningFrequency", "availableDiskThreshold", "logLevel", "tags", "isSystem",
    ];

    public IEnumerable<Endpoint> Endpoints =>
    [
        new("GET", "iofog-list", 200, List),
        new("POST", "iofog", 201, Create),
        new("GET", "iofog/*", 200, call => Show(state, Find(call))),
        new("PATCH", "iofog/*", 204, Update),
        new("DELETE", "iofog/*", 202, Delete),
        new("GET", "iofog/*/provisioning-key", 201, call =>
        {
            var uuid = Uuid(Find(call));
            MakeKey(uuid);
            return new JsonObject { ["key"] = state.ProvisioningKeys[uuid].Key, ["expirationTime"] = state.ProvisioningKeys[uuid].Expires.ToUnixTimeMilliseconds() };
        }),
        new("POST", "iofog/*/reboot", 204, call => Raise(call, "reboot")),
        new("POST", "iofog/*/prune", 204, call => Raise(call, "prune")),
        new("POST", "iofog/*/version/*", 204, ChangeVersion),
        new("GET", "iofog/*/hal/hw", 200, call => state.Hal.GetValueOrDefault((Uuid(Find(call)), "hw"))),
        new("GET", "iofog/*/hal/usb", 200, call => state.Hal.GetValueOrDefault((Uuid(Find(call)), "usb"))),
        new("GET", "router", 200, _ => state.DefaultRouter ?? throw Refusal.NotFound($"Invalid router '{DefaultRouter}'")),
        new("PUT", "router", 200, PutRouter),
    ];

    public static JsonObject Show(ControllerState state, JsonObject agent)
    {
        var shown = agent.DeepClone().AsObject();
        shown.Remove(RouterHost);
        shown["edgeResources"] = new JsonArray([.. state.Links.Where(link => link.Agent == Uuid(agent))
            .Select(link => state.EdgeResources.Single(resource => EdgeResources.IdOf(resource) == link.Resource))
            .Select(resource =>
            {
                var linked = EdgeResources.Show(resource, withInterface: false, isBrokenError: false);
                linked.Remove("id");
                (linked["orchestrationTags"], linked["custom"]) = (new JsonArray(), new JsonObject());
                return (JsonNode)linked;
            })]);
        return shown;
    }

    public static string Uuid(JsonObject row) => row["uuid"]!.GetValue<string>();

    private JsonNode List(Call call)
    {
        var isSystem = call.Query["system"] == "true";
        IEnumerable<JsonObject> agents = state.Agents;
        for (var i = 0; call.Query[$"filters[{i}][key]"].ToString() is { Length: > 0 } key; i++)
        {
            var (value, condition) = (call.Query[$"filters[{i}][value]"].ToString(), call.Query[$"filters[{i}][condition]"].ToString());
            agents = condition switch
            {
                "equals" => agents.Where(agent => Fields.Text(agent, key) == value).ToArray(),
                "has" => agents.Where(agent => Fields.Text(agent, key)?.Contains(value, StringComparison.Ordinal) == true).ToArray(),
                _ => throw Refusal.Invalid("Field condition is not one of enum values: has,equals"),
            };
        }

        var listed = agents.Where(agent => Fields.IsTrue(agent["isSystem"]) == isSystem && (isSystem || call.User!.Owns(agent)))
            .OrderBy(agent => Fields.Text(agent, "name"), StringComparer.Ordinal);
        return new JsonObject { ["fogs"] = new JsonArray([.. listed.Select(agent => (JsonNode)Show(state, agent))]) };
    }

    private JsonNode Create(Call call)
    {
        var body = call.Body;
        Fields.Require(body, "name", "fogType");
        Fields.Check(body, "", Types);
        Fields.CheckEnum(body, "routerMode", "none", "edge", "interior");
        if (Fields.Text(body, "name")!.Length == 0)
            throw Refusal.Invalid("Field name does not meet minimum length of 1");
        CheckTexts(body);
        var mode = Fields.Text(body, "routerMode") ?? "edge";
        if (Fields.IsTrue(body["isSystem"]) && mode != "interior")
            throw Refusal.Invalid($"Invalid router mode '{mode}'");
        if (Fields.IsTrue(body["isSystem"]) && state.Agents.Exists(agent => Fields.IsTrue(agent["isSystem"])))
            throw Refusal.Invalid("There already is a system fog");
        if (mode == "interior" && !(body.ContainsKey("host") && body.ContainsKey("interRouterPort") && body.ContainsKey("edgeRouterPort")))
            throw Refusal.Invalid("{\"property\":\"instance\",\"message\":\"is not any of <interior>\",\"name\":\"anyOf\"}");
        if (state.Agents.Exists(agent => Fields.Text(agent, "name") == Fields.Text(body, "name")))
            throw Refusal.Invalid($"Duplicate name '{body["name"]}'");
        var isAlone = mode == "none" ? body.ContainsKey("networkRouter") : body.ContainsKey("upstreamRouters") || Fields.IsTrue(body["isSystem"]);
        if (state.DefaultRouter is null && !isAlone)
            throw Refusal.NotFound($"Invalid router '{DefaultRouter}'", 500);
        var upstream = CheckUpstream(body, 500);
        if (mode == "none")
            CheckNetworkRouter(body, 500);

        var agent = Blank(body, call.User!);
        state.Agents.Add(agent);
        if (mode != "none" && !body.ContainsKey("host"))
        {
            // Nothing is rolled back: the agent is there, without a router.
            throw Refusal.Invalid("\"host\" is required");
        }

        SetRouter(agent, mode, body, upstream ?? (state.DefaultRouter is null ? [] : new JsonArray(DefaultRouter)));
        if (Fields.IsTrue(agent["isSystem"]) && state.DefaultRouter is null)
            state.DefaultRouter = RouterOf(agent);
        state.Raise(Uuid(agent), "microserviceList", "microserviceConfig");
        return new JsonObject { ["uuid"] = Uuid(agent) };
    }

    private JsonNode? Update(Call call)
    {
        var body = call.Body;
        Fields.Check(body, "", Types);
        Fields.CheckEnum(body, "routerMode", "none", "edge", "interior");
        CheckTexts(body);
        if (body["tags"] is { } tags && state.Agents.Find(other => Uuid(other) == call[0]) is { } tagged)
            tagged["tags"] = tags.DeepClone(); // whoever asks for it, and whatever is refused afterwards
        var agent = Find(call);
        var mode = Fields.Text(body, "routerMode") ?? Fields.Text(agent, "routerMode")!;
        if (Fields.Text(body, "routerMode") == "interior" && !(body.ContainsKey("host") && body.ContainsKey("interRouterPort") && body.ContainsKey("edgeRouterPort")))
            throw Refusal.Invalid("{\"property\":\"instance\",\"message\":\"is not any of <interior>\",\"name\":\"anyOf\"}");
        if (mode == "none" && state.DefaultRouter is null && !body.ContainsKey("networkRouter"))
            throw Refusal.NotFound($"Invalid router '{DefaultRouter}'");
        if (Fields.Text(body, "name") is { } name && state.Agents.Exists(other => other != agent && call.User!.Owns(other) && Fields.Text(other, "name") == name))
            throw Refusal.Invalid($"Duplicate name '{name}'");
        if (mode == "none")
            CheckNetworkRouter(body, 404);
        var upstream = CheckUpstream(body, 404);
        if (mode == "edge" && Fields.Text(agent, "routerMode") == "interior" && state.Agents.Exists(other => IsBelow(other, Uuid(agent))))
            throw Refusal.Invalid("Edge router 3 has, or will have, downstream routers");
        foreach (var field in Settable.Where(body.ContainsKey))
            agent[field] = body[field]?.DeepClone();
        if (body["fogType"] is { } type)
            agent["fogTypeId"] = type.DeepClone();
        if (body.ContainsKey("latitude") || body.ContainsKey("longitude"))
            agent["gpsMode"] = "manual";
        var before = Fields.Text(agent, "routerMode");
        if (mode == "none" && before != "none")
            Detach(Uuid(agent));
        SetRouter(agent, mode, body, upstream ?? (agent["upstreamRouters"]?.DeepClone() as JsonArray) ?? (before == "none" ? [] : new JsonArray(DefaultRouter)));
        agent["updatedAt"] = state.Now();
        state.Raise(Uuid(agent), mode == "none" ? ["config"] : ["config", "microserviceList", "microserviceConfig", "routerChanged"]);
        return null;
    }

    private JsonNode? Delete(Call call)
    {
        var agent = Find(call);
        var uuid = Uuid(agent);
        foreach (var microservice in state.Microservices.Where(microservice => Fields.Text(microservice, "iofogUuid") == uuid).ToArray())
            Applications.Remove(state, microservice);
        state.Links.RemoveAll(link => link.Agent == uuid);
        state.Agents.Remove(agent);
        state.ProvisioningKeys.Remove(uuid);
        foreach (var token in state.AgentTokens.Where(token => token.Value.Agent == uuid).Select(token => token.Key).ToArray())
            state.AgentTokens.Remove(token);
        Detach(uuid);
        return null;
    }

    // Routers below one that goes connect to the default router, and so do agents that used it.
    private void Detach(string uuid)
    {
        foreach (var other in state.Agents)
        {
            if (IsBelow(other, uuid))
            {
                var left = other["upstreamRouters"]!.AsArray().Select(router => router!.GetValue<string>()).Where(router => router != uuid);
                other["upstreamRouters"] = new JsonArray([.. left.Append(DefaultRouter).Distinct().Select(router => (JsonNode)JsonValue.Create(router)!)]);
                state.Raise(Uuid(other), "routerChanged");
            }

            if (Fields.Text(other, "networkRouter") == uuid)
                other["networkRouter"] = DefaultRouter;
        }
    }

    private JsonNode? Raise(Call call, string flag)
    {
        state.Raise(Uuid(Find(call)), flag);
        return null;
    }

    private JsonNode? ChangeVersion(Call call)
    {
        if (call[1] is not ("upgrade" or "rollback"))
            throw Refusal.Invalid("Field versionCommand is not one of enum values: upgrade,rollback");
        var agent = Find(call);
        if (call[1] == "rollback" && !Fields.IsTrue(agent["isReadyToRollback"]))
            throw Refusal.Invalid("Can't rollback version now. There are no backups on agent");
        if (call[1] == "upgrade" && !Fields.IsTrue(agent["isReadyToUpgrade"]))
            throw Refusal.Invalid("Can't upgrade version now. Latest is already installed");
        MakeKey(Uuid(agent));
        state.VersionCommands[Uuid(agent)] = call[1];
        state.Raise(Uuid(agent), "version");
        return null;
    }

    private void MakeKey(string uuid) => state.ProvisioningKeys[uuid] = (ControllerState.NewId(8), state.Time.GetUtcNow().AddMinutes(20));

    private static bool IsBelow(JsonObject agent, string uuid) =>
        agent["upstreamRouters"] is JsonArray upstream && upstream.Any(router => router!.GetValue<string>() == uuid);

    private void CheckNetworkRouter(JsonObject body, int code)
    {
        if (Fields.Text(body, "networkRouter") is { } router && state.Agents.Find(other => Uuid(other) == router && Fields.Text(other, "routerMode") != "none") is null)
            throw Refusal.NotFound($"Invalid router '{router}'", code);
    }

    private static void CheckTexts(JsonObject body)
    {
        foreach (var name in new[] { "tags", "upstreamRouters" })
        {
            for (var i = 0; body[name] is JsonArray items && i < items.Count; i++)
            {
                if (items[i]?.GetValueKind() != System.Text.Json.JsonValueKind.String)
                    throw Refusal.Invalid($"Field '{name}[{i}]' is not of a type(s) string");
            }
        }
    }

    private static JsonObject RouterOf(JsonObject agent) => new()
    {
        ["host"] = agent[RouterHost]?.DeepClone(),
        ["messagingPort"] = agent["messagingPort"]!.DeepClone(),
        ["edgeRouterPort"] = agent["edgeRouterPort"]!.DeepClone(),
        ["interRouterPort"] = agent["interRouterPort"]!.DeepClone(),
    };

    private JsonNode PutRouter(Call call)
    {
        Fields.Require(call.Body, "host");
        Fields.Check(call.Body, "", ("host", "string"), ("messagingPort", "integer 1 65535"), ("interRouterPort", "integer 1 65535"), ("edgeRouterPort", "integer 1 65535"));
        return state.DefaultRouter = new()
        {
            ["host"] = call.Body["host"]!.DeepClone(),
            ["messagingPort"] = call.Body["messagingPort"]?.DeepClone() ?? 5672,
            ["edgeRouterPort"] = call.Body["edgeRouterPort"]?.DeepClone() ?? 56722,
            ["interRouterPort"] = call.Body["interRouterPort"]?.DeepClone() ?? 56721,
        };
    }

    // A system agent is everybody's.
    private JsonObject Find(Call call) =>
        state.Agents.Find(agent => Uuid(agent) == call[0] && (Fields.IsTrue(agent["isSystem"]) || call.User!.Owns(agent))) ?? throw Refusal.NotFound($"Invalid ioFog UUID '{call[0]}'");

    private JsonArray? CheckUpstream(JsonObject body, int code)
    {
        if (body["upstreamRouters"] is not JsonArray routers)
            return null;
        foreach (var router in routers.Select(router => router!.GetValue<string>()))
        {
            if (router == DefaultRouter)
            {
                if (state.DefaultRouter is null)
                    throw Refusal.NotFound($"Invalid router '{DefaultRouter}'", code);
                continue;
            }

            var upstream = state.Agents.Find(agent => Uuid(agent) == router && Fields.Text(agent, "routerMode") != "none") ?? throw Refusal.NotFound($"Invalid router '{router}'", code);
            if (Fields.Text(upstream, "routerMode") == "edge")
                throw Refusal.Invalid($"Upstream router must be interior '{router}'");
        }

        return routers.DeepClone().AsArray();
    }

    private static void SetRouter(JsonObject agent, string mode, JsonObject body, JsonArray upstream)
    {
        // A new router has the host of the request, and nothing of the agent's.
        agent[RouterHost] = body["host"]?.DeepClone() ?? agent[RouterHost]?.DeepClone();
        agent["routerMode"] = mode;
        foreach (var field in new[] { RouterHost, "messagingPort", "interRouterPort", "edgeRouterPort", "upstreamRouters", "networkRouter" })
        {
            if (mode == "none" || field == "networkRouter" || (mode == "edge" && field is "interRouterPort" or "edgeRouterPort"))
                agent.Remove(field);
        }

        if (mode == "none")
        {
            agent["networkRouter"] = body["networkRouter"]?.DeepClone() ?? DefaultRouter;
            return;
        }

        agent["messagingPort"] = body["messagingPort"]?.DeepClone() ?? agent["messagingPort"]?.DeepClone() ?? 5672;
        agent["upstreamRouters"] = upstream;
        if (mode != "interior")
            return;
        agent["interRouterPort"] = body["interRouterPort"]?.DeepClone() ?? agent["interRouterPort"]?.DeepClone();
        agent["edgeRouterPort"] = body["edgeRouterPort"]?.DeepClone() ?? agent["edgeRouterPort"]?.DeepClone();
    }

    private JsonObject Blank(JsonObject body, ControllerState.User user)
    {
        var now = state.Now();
        var agent = new JsonObject
        {
            ["lastActive"] = 0,
            ["daemonOperatingDuration"] = 0,
            ["daemonLastStart"] = 0,
            ["repositoryCount"] = 0,
            ["systemTime"] = 0,
            ["lastStatusTime"] = 0,
            ["processedMessages"] = 0,
            ["lastCommandTime"] = 0,
            ["logFileCount"] = 10,
            ["uuid"] = ControllerState.NewId(32),
            ["name"] = null,
            ["location"] = null,
            ["gpsMode"] = body.ContainsKey("latitude") || body.ContainsKey("longitude") ? "manual" : null,
            ["latitude"] = null,
            ["longitude"] = null,
            ["description"] = null,
            ["daemonStatus"] = "UNKNOWN",
            ["memoryUsage"] = 0,
            ["diskUsage"] = 0,
            ["cpuUsage"] = 0,
            ["memoryViolation"] = null,
            ["diskViolation"] = null,
            ["cpuViolation"] = null,
            ["systemTotalCpu"] = null,
            ["securityStatus"] = "OK",
            ["securityViolationInfo"] = "No violation",
            ["catalogItemStatus"] = null,
            ["repositoryStatus"] = null,
            ["ipAddress"] = "0.0.0.0",
            ["ipAddressExternal"] = "0.0.0.0",
            ["host"] = null,
            ["catalogItemMessageCounts"] = null,
            ["messageSpeed"] = 0,
            ["networkInterface"] = "eth0",
            ["dockerUrl"] = "unix:///var/run/docker.sock",
            ["diskLimit"] = 50,
            ["diskDirectory"] = "/var/lib/iofog/",
            ["memoryLimit"] = 4096,
            ["cpuLimit"] = 80,
            ["logLimit"] = 10,
            ["logDirectory"] = "/var/log/iofog/",
            ["bluetoothEnabled"] = false,
            ["abstractedHardwareEnabled"] = false,
            ["version"] = null,
            ["isReadyToUpgrade"] = true,
            ["isReadyToRollback"] = false,
            ["statusFrequency"] = 10,
            ["changeFrequency"] = 20,
            ["deviceScanFrequency"] = 20,
            ["tunnel"] = "",
            ["watchdogEnabled"] = true,
            ["dockerPruningFrequency"] = 1,
            ["availableDiskThreshold"] = 20,
            ["logLevel"] = "INFO",
            ["isSystem"] = false,
            ["routerId"] = null,
            ["timeZone"] = null,
            ["createdAt"] = now,
            ["updatedAt"] = now,
            ["fogTypeId"] = body["fogType"]!.DeepClone(),
            ["userId"] = user.Id,
            ["tags"] = new JsonArray(),
            ["routerMode"] = "none",
        };
        foreach (var field in Settable.Where(body.ContainsKey))
            agent[field] = body[field]?.DeepClone();
        return agent;
    }
}
