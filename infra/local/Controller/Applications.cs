using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Controller;

/// <summary>Applications: by name, by id as flows, and from templates.</summary>
internal sealed class Applications(ControllerState state, Microservices microservices, Routes routes, Templates templates)
{
    private static readonly (string, string)[] Types =
        [("name", "string"), ("description", "string"), ("isActivated", "boolean"), ("isSystem", "boolean"), ("microservices", "array"), ("routes", "array"), ("template", "object")];

    public IEnumerable<Endpoint> Endpoints =>
    [
        new("GET", "application", 200, call => List(call, "applications")),
        new("POST", "application", 201, Create),
        new("GET", "application/*", 200, call => Show(state.FindApplication(call.User!, call[0]) ?? throw Refusal.NotFound($"Invalid application id '{call[0]}'"))),
        new("PATCH", "application/*", 204, call => Change(call, state.FindApplication(call.User!, call[0]))),
        new("PUT", "application/*", 204, Replace),
        new("POST", "application/yaml", 201, Create) { Upload = YamlUpload.Application },
        new("PUT", "application/yaml/*", 204, Replace) { Upload = YamlUpload.Application },
        new("DELETE", "application/*", 204, call =>
        {
            // All of that name, and no complaint when there is none. What is in the first one goes also where it is another user's.
            Empty(state.FindApplication(call[0]));
            foreach (var application in state.Applications.Where(application => call.User!.Owns(application) && Fields.Text(application, "name") == call[0]).ToArray())
                Delete(application);
            return null;
        }),
        new("GET", "flow", 200, call => List(call, "flows")) { IsRendered = false },
        new("POST", "flow", 201, Create) { IsRendered = false },
        new("GET", "flow/*", 200, call => Show(FindById(call) ?? throw Refusal.NotFound($"Invalid application id '{call[0]}'"))) { IsRendered = false },
        new("PATCH", "flow/*", 204, call => Change(call, FindById(call))) { IsRendered = false },
        new("DELETE", "flow/*", 204, call =>
        {
            Empty(state.Applications.Find(application => application["id"]!.ToString() == call[0]));
            if (FindById(call) is { } application)
                Delete(application);
            return null;
        }),
    ];

    /// <summary>Removes a microservice with its routes.</summary>
    public static void Remove(ControllerState state, JsonObject microservice)
    {
        var uuid = Agents.Uuid(microservice);
        foreach (var route in state.Routes.Where(route => IsEnd(route, uuid)).ToArray())
        {
            // It looks for each in the first application of that name, whosever it is.
            var first = state.FindApplication(Fields.Text(state.ApplicationOf(route), "name")!)!;
            state.Routes.Remove(state.RoutesOf(first).FirstOrDefault(named => Fields.Text(named, "name") == Fields.Text(route, "name")) ?? throw Refusal.NotFound("Route not found"));
        }

        Microservices.CheckUnmapped(microservice["ports"]!.AsArray());
        Microservices.RaiseList(state, microservice);
        Drop(state, microservice);
    }

    private static void Drop(ControllerState state, JsonObject microservice)
    {
        state.Routes.RemoveAll(route => IsEnd(route, Agents.Uuid(microservice)));
        state.Microservices.Remove(microservice);
    }

    private static bool IsEnd(JsonObject route, string uuid) => Fields.Text(route, "sourceMicroserviceUuid") == uuid || Fields.Text(route, "destMicroserviceUuid") == uuid;

    private JsonObject List(Call call, string key) => new()
    {
        [key] = new JsonArray([.. state.Applications.Where(application => call.User!.Owns(application) && !Fields.IsTrue(application["isSystem"])).Select(application => (JsonNode)Show(application))]),
    };

    private JsonNode Create(Call call)
    {
        var body = Instantiated(call);
        Fields.Require(body, "name");
        Check(body);
        var name = Fields.Text(body, "name")!;
        if (state.FindApplication(call.User!, name) is not null)
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
            Fill(call, application, application, body);
        }
        catch (Refusal refusal)
        {
            Empty(state.FindApplication(name));
            Delete(application); // the one create that is rolled back
            throw refusal.Name == "NotFoundError" ? refusal.As(500) : refusal;
        }

        return new JsonObject { ["id"] = application["id"]!.DeepClone(), ["name"] = name };
    }

    private JsonNode? Change(Call call, JsonObject? application)
    {
        Check(call.Body);
        if (application is null)
            throw Refusal.NotFound("Invalid application id '{}'");
        var (was, name) = (Fields.IsTrue(application["isActivated"]), Fields.Text(application, "name"));
        SetOwn(call, call.Body, application);

        // Whom to tell is looked for by the name of the request, which an application that was renamed by it has no more.
        if ((!call.Body.ContainsKey("isActivated") || Fields.IsTrue(application["isActivated"]) != was) && Fields.Text(application, "name") == name)
            RaiseAll(application);
        return null;
    }

    private JsonNode? Replace(Call call)
    {
        var body = Instantiated(call);
        Check(body);
        var application = state.FindApplication(call.User!, call[0]) ?? throw Refusal.NotFound($"Invalid application id '{call[0]}'");
        SetOwn(call, body, application);
        var first = state.FindApplication(Fields.Text(application, "name")!)!; // what is in it is compared, whosever it is
        if (body["microservices"] is JsonArray wanted)
        {
            var names = wanted.OfType<JsonObject>().Select(microservice => Fields.Text(microservice, "name")).ToHashSet();
            foreach (var microservice in state.In(first).Where(microservice => !names.Contains(Fields.Text(microservice, "name"))).ToArray())
                Remove(state, microservice);
        }

        Fill(call, application, first, body); // nothing is rolled back
        RaiseAll(application); // also where nothing differs
        if (body["routes"] is JsonArray kept)
        {
            var names = kept.OfType<JsonObject>().Select(Routes.NameOf).ToHashSet();
            if (state.RoutesOf(first).FirstOrDefault(route => !names.Contains(Fields.Text(route, "name")!)) is { } vanished)
                throw Refusal.NotFound($"Invalid application name '{vanished["name"]}'"); // a bug of the Controller
        }

        return null;
    }

    private void Fill(Call call, JsonObject application, JsonObject first, JsonObject body)
    {
        foreach (var microservice in (body["microservices"] as JsonArray ?? []).OfType<JsonObject>())
        {
            microservice["application"] = application["name"]!.DeepClone();
            if (state.In(first).FirstOrDefault(row => Fields.Text(row, "name") == Fields.Text(microservice, "name")) is { } row)
                microservices.Update(call.User!, row, microservice);
            else
                microservices.Create(call.User!, microservice);
        }

        foreach (var route in (body["routes"] as JsonArray ?? []).OfType<JsonObject>())
        {
            route["application"] = application["name"]!.DeepClone();
            route["name"] = Routes.NameOf(route);
            if (state.RoutesOf(first).FirstOrDefault(row => Fields.Text(row, "name") == Fields.Text(route, "name")) is { } row)
                routes.Update(call.User!, row, route);
            else
                routes.Create(call.User!, route);
        }
    }

    private JsonObject Instantiated(Call call) => call.Body["template"] is JsonObject template ? templates.Instantiate(call, template) : call.Body;

    private void SetOwn(Call call, JsonObject body, JsonObject application)
    {
        if (Fields.Text(body, "name") is { } name && state.Applications.Exists(other => other != application && call.User!.Owns(other) && Fields.Text(other, "name") == name))
            throw Refusal.Duplicate($"Duplicate name '{name}'");
        foreach (var field in new[] { "name", "description", "isActivated", "isSystem" })
        {
            if (body[field] is { } value)
                application[field] = value.DeepClone();
        }

        application["updatedAt"] = state.Now();
    }

    private void RaiseAll(JsonObject application)
    {
        foreach (var agent in state.In(application).Select(microservice => Fields.Text(microservice, "iofogUuid")!).Distinct().ToArray())
            state.Raise(agent, "microserviceList", "microserviceConfig", "routing");
    }

    private static void Check(JsonObject body)
    {
        Fields.Check(body, "", Types);
        Fields.CheckName(body, "name");
    }

    // As a database does it: what is in it goes along.
    private void Delete(JsonObject application)
    {
        foreach (var microservice in state.In(application).ToArray())
            Drop(state, microservice);
        state.Applications.Remove(application);
    }

    private void Empty(JsonObject? application)
    {
        foreach (var microservice in application is null ? [] : state.In(application).ToArray())
            Remove(state, microservice);
    }

    private JsonObject Show(JsonObject application)
    {
        var shown = application.DeepClone().AsObject();
        shown["microservices"] = new JsonArray([.. state.In(application).OrderBy(row => Fields.Text(row, "name"), StringComparer.Ordinal).Select(row =>
        {
            var microservice = microservices.Show(row);
            microservice["isNetwork"] = false;
            microservice["rebuild"] = Fields.IsTrue(row["rebuild"]); // shown nowhere else
            microservice["imageSnapshot"] = "";
            microservice["configLastUpdated"] = 0;
            return (JsonNode)microservice;
        })]);
        shown["routes"] = new JsonArray([.. state.RoutesOf(application).Select(route =>
        {
            var full = routes.Show(route);
            return (JsonNode)new JsonObject { ["name"] = full["name"]!.DeepClone(), ["from"] = full["from"]!.DeepClone(), ["to"] = full["to"]!.DeepClone() };
        })]);
        return shown;
    }

    private JsonObject? FindById(Call call) => state.Applications.Find(application => call.User!.Owns(application) && application["id"]!.ToString() == call[0]);
}
