using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Controller;

/// <summary>Applications, their microservices and routes.</summary>
internal sealed class Applications(ControllerState state)
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
        new("GET", "application", 200, _ => new JsonObject { ["applications"] = new JsonArray([.. state.Applications.Select(application => (JsonNode)Show(application))]) }),
        new("POST", "application", 201, Create),
        new("GET", "application/*", 200, call => Show(Find(call[0]) ?? throw Refusal.NotFound($"Invalid application id '{call[0]}'"))),
        new("PATCH", "application/*", 204, Update),
        new("DELETE", "application/*", 204, Delete),
        new("GET", "microservices", 200, ListMicroservices),
        new("POST", "microservices", 201, call => Created(CreateMicroservice(call.Body))),
        new("GET", "microservices/public-ports", 200, PublicPorts),
        new("GET", "microservices/*", 200, call => ShowMicroservice(FindMicroservice(call[0], "Invalid microservice user or UUID"))),
        new("PATCH", "microservices/*", 204, UpdateMicroservice),
        new("DELETE", "microservices/*", 204, call =>
        {
            Remove(state, FindMicroservice(call[0], $"Invalid microservice UUID '{call[0]}'"));
            return null;
        }),
        new("GET", "routes", 200, _ => new JsonObject { ["routes"] = new JsonArray([.. state.Routes.Select(route => (JsonNode)ShowRoute(route))]) }),
        new("POST", "routes", 200, CreateRoute),
        new("GET", "routes/*/*", 200, call => ShowRoute(FindRoute(call[0], call[1], $"Invalid route name '{call[1]}'"))),
        new("PATCH", "routes/*/*", 204, UpdateRoute),
        new("DELETE", "routes/*/*", 204, call =>
        {
            state.Routes.Remove(FindRoute(call[0], call[1], "Route not found"));
            return null;
        }),
    ];

    /// <summary>Removes a microservice with its routes.</summary>
    public static void Remove(ControllerState state, JsonObject microservice)
    {
        var uuid = Agents.Uuid(microservice);
        state.Routes.RemoveAll(route => Fields.Text(route, "sourceMicroserviceUuid") == uuid || Fields.Text(route, "destMicroserviceUuid") == uuid);
        state.Microservices.Remove(microservice);
    }

    private JsonNode Create(Call call)
    {
        var body = call.Body;
        Fields.Require(body, "name");
        Fields.Check(body, "", ("name", "string"), ("description", "string"), ("isActivated", "boolean"), ("isSystem", "boolean"), ("microservices", "array"), ("routes", "array"));
        Fields.CheckName(body, "name");
        var name = Fields.Text(body, "name")!;
        if (body.ContainsKey("template"))
            throw Refusal.NotFound($"Invalid application template '{body["template"]?["name"]}'", 500);
        if (Find(name) is not null)
            throw Refusal.Duplicate($"Duplicate name '{name}'");
        var now = state.Now();
        var application = new JsonObject
        {
            ["id"] = state.NextId(),
            ["name"] = name,
            ["description"] = Fields.Text(body, "description") ?? "",
            ["isActivated"] = Fields.IsTrue(body["isActivated"]),
            ["isSystem"] = Fields.IsTrue(body["isSystem"]),
            ["createdAt"] = now,
            ["updatedAt"] = now,
            ["userId"] = call.User!.Id,
        };
        state.Applications.Add(application);
        try
        {
            foreach (var microservice in (body["microservices"] as JsonArray ?? []).OfType<JsonObject>())
            {
                microservice["application"] = name;
                CreateMicroservice(microservice);
            }

            foreach (var route in (body["routes"] as JsonArray ?? []).OfType<JsonObject>())
            {
                route["application"] = name;
                route["name"] ??= $"r-{route["from"]}-{route["to"]}";
                CreateRoute(call with { Body = route });
            }
        }
        catch (Refusal refusal)
        {
            Delete(application);
            throw refusal.Name == "NotFoundError" ? refusal.As(500) : refusal;
        }

        return new JsonObject { ["id"] = application["id"]!.DeepClone(), ["name"] = name };
    }

    private JsonNode? Update(Call call)
    {
        Fields.Check(call.Body, "", ("name", "string"), ("description", "string"), ("isActivated", "boolean"), ("isSystem", "boolean"));
        Fields.CheckName(call.Body, "name");
        var application = Find(call[0]) ?? throw Refusal.NotFound("Invalid application id '{}'");
        if (Fields.Text(call.Body, "name") is { } name && Find(name) is { } other && other != application)
            throw Refusal.Duplicate($"Duplicate name '{name}'");
        foreach (var field in new[] { "name", "description", "isActivated", "isSystem" })
        {
            if (call.Body[field] is { } value)
                application[field] = value.DeepClone();
        }

        application["updatedAt"] = state.Now();
        return null;
    }

    private JsonNode? Delete(Call call)
    {
        if (Find(call[0]) is { } application)
            Delete(application);
        return null; // also when it is not there
    }

    private void Delete(JsonObject application)
    {
        foreach (var microservice in In(application).ToArray())
            Remove(state, microservice);
        state.Applications.Remove(application);
    }

    private JsonNode ListMicroservices(Call call)
    {
        IEnumerable<JsonObject> listed = state.Microservices;
        if (call.Query["application"].ToString() is { Length: > 0 } name)
            listed = In(Find(name) ?? throw Refusal.NotFound($"Invalid application id '{name}'", 500));
        return new JsonObject
        {
            ["microservices"] = new JsonArray([.. listed.OrderBy(row => Fields.Text(row, "name"), StringComparer.Ordinal).Select(row => (JsonNode)ShowMicroservice(row))]),
        };
    }

    private JsonObject CreateMicroservice(JsonObject body)
    {
        Fields.Require(body, "name");
        CheckMicroservice(body);
        if (!body.ContainsKey("application"))
            throw Refusal.Type("Cannot read properties of undefined");
        var application = Find(body["application"]!.ToString()) ?? throw Refusal.NotFound($"Invalid application id '{body["application"]}'", 500);
        var agent = AgentOf(body) ?? throw (body.ContainsKey("agentName") || body.ContainsKey("iofogUuid")
            ? Refusal.Invalid($"Invalid ioFog UUID '{body["agentName"] ?? body["iofogUuid"]}'")
            : new Refusal(500, "Error", "WHERE parameter \"name\" has invalid \"undefined\" value"));
        var name = Fields.Text(body, "name")!;
        if (In(application).Any(other => Fields.Text(other, "name") == name))
            throw Refusal.Duplicate($"Duplicate name '{name}'");
        if (!body.ContainsKey("images") && !body.ContainsKey("catalogItemId"))
            throw Refusal.Type("Cannot read properties of undefined (reading 'length')");
        CheckImages(name, body["images"] as JsonArray, agent);
        CheckPorts(body["ports"] as JsonArray, agent, null);
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
            ["images"] = body["images"]?.DeepClone() ?? new JsonArray(),
            ["status"] = BlankStatus(now),
        };
        foreach (var list in Lists)
            row[list] = new JsonArray();
        SetLists(row, body);
        state.Microservices.Add(row);
        return row;
    }

    private JsonNode? UpdateMicroservice(Call call)
    {
        var row = FindMicroservice(call[0], $"Invalid microservice UUID '{call[0]}'");
        var body = call.Body;
        CheckMicroservice(body);
        if (!body.ContainsKey("agentName") && !body.ContainsKey("iofogUuid"))
            throw new Refusal(500, "Error", "WHERE parameter \"name\" has invalid \"undefined\" value");
        if (body["registryId"] is { } registry && Fields.Number(registry) is not (1 or 2))
            throw Refusal.NotFound($"Invalid registry id '{registry}'");
        var agent = AgentOf(body) ?? state.Agents.Single(agent => Agents.Uuid(agent) == Fields.Text(row, "iofogUuid")); // an unknown one is ignored
        if (body["images"] is JsonArray images)
            row["images"] = images.DeepClone(); // stored even when they do not fit
        CheckImages(Fields.Text(row, "name")!, row["images"] as JsonArray, agent);
        CheckPorts((body["ports"] ?? row["ports"]) as JsonArray, agent, row);
        if (Agents.Uuid(agent) != Fields.Text(row, "iofogUuid"))
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
        return null;
    }

    private static void CheckMicroservice(JsonObject body)
    {
        Fields.Check(body, "", Types);
        Fields.CheckName(body, "name");
        foreach (var (item, i) in (body["ports"] as JsonArray ?? []).OfType<JsonObject>().Select((item, i) => (item, i)))
        {
            Fields.Require(item, "internal", "external");
            Fields.Check(item, $"ports[{i}].", ("internal", "integer"), ("external", "integer"), ("protocol", "string"), ("public", "object"));
            if (item["public"] is JsonObject published)
            {
                Fields.Require(published, "schemes", "protocol");
                if (Fields.Text(published, "protocol") == "http" && published["schemes"]!.AsArray().Any(scheme => !scheme!.GetValue<string>().StartsWith("http", StringComparison.Ordinal)))
                    throw Refusal.Invalid("Schemes must start with http for the protocol http");
            }
        }

        foreach (var (item, i) in (body["env"] as JsonArray ?? []).OfType<JsonObject>().Select((item, i) => (item, i)))
        {
            Fields.Require(item, "key", "value");
            Fields.Check(item, $"env[{i}].", ("key", "string"), ("value", "string"));
        }

        foreach (var item in (body["volumeMappings"] as JsonArray ?? []).OfType<JsonObject>())
        {
            Fields.Require(item, "hostDestination", "containerDestination", "accessMode");
            if (Fields.Text(item, "type") == "volume" && Fields.Text(item, "hostDestination")!.StartsWith('/'))
                throw new Refusal(500, "InvalidArgumentError", "hostDestination includes invalid characters for a local volume name");
        }
    }

    private static void CheckImages(string name, JsonArray? images, JsonObject agent)
    {
        if (images is not { Count: > 0 })
            return;
        var type = Fields.Number(agent["fogTypeId"]!);
        if (!images.Any(image => Fields.Number(image!["fogTypeId"]!) == type))
            throw Refusal.Invalid($"Microservice {name} does not have a valid image for its Agent type");
    }

    private void CheckPorts(JsonArray? ports, JsonObject agent, JsonObject? own)
    {
        var taken = state.Microservices.Where(other => other != own && Fields.Text(other, "iofogUuid") == Agents.Uuid(agent))
            .SelectMany(other => other["ports"]!.AsArray()).Select(port => Fields.Number(port!["external"]!)).ToHashSet();
        foreach (var field in new[] { "messagingPort", "interRouterPort", "edgeRouterPort" })
        {
            if (agent[field] is { } port)
                taken.Add(Fields.Number(port));
        }

        var mine = new HashSet<double>();
        foreach (var port in ports ?? [])
        {
            var external = Fields.Number(port!["external"]!);
            if (external is 54321 or 54322)
                throw Refusal.Invalid($"Port '{external}' is reserved for internal use");
            if (taken.Contains(external))
                throw Refusal.Invalid($"Port '{external}' is not available");
            if (!mine.Add(external))
                throw Refusal.Invalid("Port mapping already exists");
            if (port["public"]?["router"]?["port"] is { } wanted && state.Microservices.Where(other => other != own)
                .SelectMany(other => other["ports"]!.AsArray()).Any(other => other!["public"]?["router"]?["port"] is { } used && Fields.Number(used) == Fields.Number(wanted)))
                throw Refusal.Invalid($"Port '{wanted}' is not available");
        }
    }

    private void SetLists(JsonObject row, JsonObject body)
    {
        foreach (var list in Lists.Where(body.ContainsKey))
            row[list] = body[list]!.DeepClone();
        foreach (var port in row["ports"]!.AsArray())
        {
            port!["protocol"] ??= "tcp";
            if (port["public"] is not JsonObject published)
                continue;
            var number = published["router"]?["port"]?.DeepClone() ?? NextPublicPort();
            published["enabled"] = true;
            published["router"] = new JsonObject { ["port"] = number, ["host"] = "default-router" };
            published["links"] = new JsonArray([.. published["schemes"]!.AsArray().Select(scheme =>
                (JsonNode)JsonValue.Create($"{scheme}://{state.Config.GetValueOrDefault("default-proxy-host", "undefined-proxy-host")}:{number}")!)]);
        }

        foreach (var volume in row["volumeMappings"]!.AsArray())
        {
            volume!["type"] ??= "bind";
            volume["id"] ??= state.NextId();
        }

        foreach (var host in row["extraHosts"]!.AsArray())
            host!["value"] = Resolve(host["address"]!.GetValue<string>());
    }

    private string Resolve(string address)
    {
        if (!address.StartsWith("${", StringComparison.Ordinal))
            return address;
        var parts = address.Trim('$', '{', '}').Split('.');
        var agent = parts is ["Agents", var name]
            ? state.Agents.Find(agent => Fields.Text(agent, "name") == name)
            : parts is ["Apps", var application, var microservice, "local"] && Find(application) is { } found
                && In(found).FirstOrDefault(row => Fields.Text(row, "name") == microservice) is { } other
                ? state.Agents.Find(agent => Agents.Uuid(agent) == Fields.Text(other, "iofogUuid"))
                : null;
        return agent is null ? throw Refusal.Invalid($"Could not find {address} host template") : Fields.Text(agent, "host") ?? "";
    }

    private int NextPublicPort()
    {
        var used = state.Microservices.SelectMany(row => row["ports"]!.AsArray()).Select(port => port!["public"]?["router"]?["port"])
            .Where(port => port is not null).Select(port => (int)Fields.Number(port!)).ToHashSet();
        return Enumerable.Range(6000, 1000).First(port => !used.Contains(port));
    }

    private JsonArray PublicPorts(Call call) => new([.. state.Microservices.SelectMany(row => row["ports"]!.AsArray()
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

    private JsonNode CreateRoute(Call call)
    {
        var body = call.Body;
        if (Fields.Text(body, "name") is null || Fields.Text(body, "from") is null || Fields.Text(body, "to") is null)
            throw Refusal.Invalid("{\"property\":\"instance\",\"message\":\"is not exactly one from <routing>\",\"name\":\"oneOf\"}");
        if (Fields.Text(body, "application") is not { } applicationName)
            throw Refusal.Type("Cannot read properties of undefined");
        Fields.CheckName(body, "name");
        var application = Find(applicationName) ?? throw Refusal.NotFound($"Invalid application name '{applicationName}'");
        var (from, to) = (End(application, Fields.Text(body, "from")!), End(application, Fields.Text(body, "to")!));
        if (state.Routes.Exists(route => Same(route, application) && Fields.Text(route, "name") == Fields.Text(body, "name")))
            throw new Refusal(500, "SequelizeUniqueConstraintError", "Validation error");
        if (state.Routes.Exists(route => Fields.Text(route, "sourceMicroserviceUuid") == Agents.Uuid(from) && Fields.Text(route, "destMicroserviceUuid") == Agents.Uuid(to)))
            throw Refusal.Duplicate("route already exists", 400);
        var row = new JsonObject
        {
            ["isNetworkConnection"] = false,
            ["id"] = state.NextId(),
            ["name"] = body["name"]!.DeepClone(),
            ["sourceMicroserviceUuid"] = Agents.Uuid(from),
            ["destMicroserviceUuid"] = Agents.Uuid(to),
            ["applicationId"] = application["id"]!.DeepClone(),
        };
        state.Routes.Add(row);
        from["rebuild"] = true;
        to["rebuild"] = true;
        return row;
    }

    private JsonNode? UpdateRoute(Call call)
    {
        var row = FindRoute(call[0], call[1], $"Invalid route name '{call[1]}'");
        var application = Find(Fields.Text(call.Body, "application") ?? "") ?? throw Refusal.Invalid("{\"property\":\"instance\",\"message\":\"is not exactly one from <routing>\",\"name\":\"oneOf\"}");
        if (Fields.Text(call.Body, "from") is not { } from || Fields.Text(call.Body, "to") is not { } to)
            throw Refusal.Invalid("{\"property\":\"instance\",\"message\":\"is not exactly one from <routing>\",\"name\":\"oneOf\"}");
        if (Agents.Uuid(End(application, to)) != Fields.Text(row, "destMicroserviceUuid"))
            throw Refusal.Type("Cannot read properties of undefined (reading 'iofogUuid')"); // a bug of the Controller
        row["sourceMicroserviceUuid"] = Agents.Uuid(End(application, from));
        row["name"] = call.Body["name"]?.DeepClone() ?? row["name"]!.DeepClone();
        return null;
    }

    private JsonObject Show(JsonObject application)
    {
        var shown = application.DeepClone().AsObject();
        shown["microservices"] = new JsonArray([.. In(application).Select(row =>
        {
            var microservice = ShowMicroservice(row);
            microservice["rebuild"] = Fields.IsTrue(row["rebuild"]);
            return (JsonNode)microservice;
        })]);
        shown["routes"] = new JsonArray([.. state.Routes.Where(route => Same(route, application)).Select(route =>
        {
            var full = ShowRoute(route);
            return (JsonNode)new JsonObject { ["name"] = full["name"]!.DeepClone(), ["from"] = full["from"]!.DeepClone(), ["to"] = full["to"]!.DeepClone() };
        })]);
        return shown;
    }

    private JsonObject ShowMicroservice(JsonObject row)
    {
        var shown = row.DeepClone().AsObject();
        shown.Remove("rebuild"); // only applications show it
        foreach (var hidden in shown.Select(member => member.Key).Where(name => name.StartsWith('_')).ToArray())
            shown.Remove(hidden);
        shown["routes"] = new JsonArray([.. state.Routes.Where(route => Fields.Text(route, "sourceMicroserviceUuid") == Agents.Uuid(row)).Select(route => route["destMicroserviceUuid"]!.DeepClone())]);
        shown["application"] = state.Applications.Single(application => Owns(application, row))["name"]!.DeepClone();
        shown["flowId"] = row["applicationId"]!.DeepClone();
        return shown;
    }

    private JsonObject ShowRoute(JsonObject route) => new()
    {
        ["application"] = state.Applications.Single(application => Same(route, application))["name"]!.DeepClone(),
        ["name"] = route["name"]!.DeepClone(),
        ["from"] = NameOf(Fields.Text(route, "sourceMicroserviceUuid")!),
        ["to"] = NameOf(Fields.Text(route, "destMicroserviceUuid")!),
        ["sourceMicroserviceUuid"] = route["sourceMicroserviceUuid"]!.DeepClone(),
        ["destMicroserviceUuid"] = route["destMicroserviceUuid"]!.DeepClone(),
    };

    private static JsonObject Created(JsonObject row) => new() { ["uuid"] = Agents.Uuid(row), ["name"] = row["name"]!.DeepClone() };

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

    private string NameOf(string uuid) => Fields.Text(state.Microservices.Single(row => Agents.Uuid(row) == uuid), "name")!;

    private JsonObject? Find(string name) => state.Applications.Find(application => Fields.Text(application, "name") == name);

    private IEnumerable<JsonObject> In(JsonObject application) => state.Microservices.Where(row => Owns(application, row));

    private static bool Owns(JsonObject application, JsonObject row) => Fields.Number(row["applicationId"]!) == Fields.Number(application["id"]!);

    private static bool Same(JsonObject route, JsonObject application) => Owns(application, route);

    private JsonObject End(JsonObject application, string name) =>
        In(application).FirstOrDefault(row => Fields.Text(row, "name") == name) ?? throw Refusal.NotFound($"Invalid microservice name '{name}'");

    private JsonObject FindMicroservice(string uuid, string message) =>
        state.Microservices.Find(row => Agents.Uuid(row) == uuid) ?? throw Refusal.NotFound(message);

    private JsonObject FindRoute(string application, string name, string message)
    {
        var found = Find(application) ?? throw Refusal.NotFound($"Invalid application name '{application}'");
        return state.Routes.Find(route => Same(route, found) && Fields.Text(route, "name") == name) ?? throw Refusal.NotFound(message);
    }

    private JsonObject? AgentOf(JsonObject body) => Fields.Text(body, "iofogUuid") is { } uuid
        ? state.Agents.Find(agent => Agents.Uuid(agent) == uuid)
        : Fields.Text(body, "agentName") is { } name ? state.Agents.Find(agent => Fields.Text(agent, "name") == name) : null;
}
