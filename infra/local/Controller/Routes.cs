using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Controller;

/// <summary>Routes between the microservices of an application. They are found whosever they are; names lead to the user's own microservices only.</summary>
internal sealed class Routes(ControllerState state)
{
    private const string NeitherForm = """{"property":"instance","message":"is not exactly one from <routing>","name":"oneOf"}""";

    public IEnumerable<Endpoint> Endpoints =>
    [
        new("GET", "routes", 200, _ => new JsonObject { ["routes"] = new JsonArray([.. state.Routes.Select(route => (JsonNode)Show(route))]) }),
        new("POST", "routes", 200, call => Create(call.User!, call.Body)),
        new("GET", "routes/*/*", 200, call => Show(Find(call[0], call[1], $"Invalid route name '{call[1]}'"))),
        new("PATCH", "routes/*/*", 204, call =>
        {
            Update(call.User!, Find(call[0], call[1], $"Invalid route name '{call[1]}'"), call.Body);
            return null;
        }),
        new("DELETE", "routes/*/*", 204, call =>
        {
            Remove(Find(call[0], call[1], "Route not found"));
            return null;
        }),
    ];

    /// <summary>The name of a route that an application declares.</summary>
    public static string NameOf(JsonObject route) => Fields.Text(route, "name") ?? $"r-{route["from"]}-{route["to"]}";

    public JsonObject Create(ControllerState.User user, JsonObject body)
    {
        var byUuid = body.ContainsKey("sourceMicroserviceUuid") && body.ContainsKey("destMicroserviceUuid");
        if (Fields.Text(body, "name") is not { } name || byUuid == (body.ContainsKey("from") && body.ContainsKey("to")))
            throw Refusal.Invalid(NeitherForm);
        Fields.CheckName(body, "name");
        if (!byUuid && !body.ContainsKey("application"))
            throw Refusal.Type("Cannot read properties of undefined (reading 'toString')");
        var (from, to) = Ends(user, byUuid, Fields.Text(body, "application"), body);
        if (!JsonNode.DeepEquals(from["applicationId"], to["applicationId"]))
            throw Refusal.Invalid("microservices on different applications");
        return Add(state.ApplicationOf(from), name, from, to);
    }

    public JsonObject Add(JsonObject application, string name, JsonObject from, JsonObject to)
    {
        if (state.Routes.Exists(route => Fields.Text(route, "sourceMicroserviceUuid") == Agents.Uuid(from) && Fields.Text(route, "destMicroserviceUuid") == Agents.Uuid(to)))
            throw Refusal.Duplicate("route already exists", 400);
        if (state.RoutesOf(application).Any(route => Fields.Text(route, "name") == name))
            throw new Refusal(500, "SequelizeUniqueConstraintError", "Validation error");
        var row = new JsonObject
        {
            ["isNetworkConnection"] = false,
            ["id"] = state.NextId(),
            ["name"] = name,
            ["sourceMicroserviceUuid"] = Agents.Uuid(from),
            ["destMicroserviceUuid"] = Agents.Uuid(to),
            ["applicationId"] = application["id"]!.DeepClone(),
        };
        state.Routes.Add(row);
        foreach (var end in new[] { from, to })
        {
            end["rebuild"] = true;
            Raise(end);
        }

        return row;
    }

    public void Update(ControllerState.User user, JsonObject row, JsonObject body)
    {
        var byUuid = body.ContainsKey("sourceMicroserviceUuid") && body.ContainsKey("destMicroserviceUuid");
        if (byUuid == (body.ContainsKey("application") && body.ContainsKey("from") && body.ContainsKey("to")))
            throw Refusal.Invalid(NeitherForm);
        var application = state.ApplicationOf(row);
        var (from, to) = Ends(user, byUuid, Fields.Text(application, "name"), body);
        var name = Fields.Text(body, "name") ?? Fields.Text(row, "name")!;
        if (state.RoutesOf(application).Any(other => other != row && Fields.Text(other, "name") == name))
            throw new Refusal(500, "SequelizeUniqueConstraintError", "Validation error");
        if (Agents.Uuid(to) != Fields.Text(row, "destMicroserviceUuid"))
            throw Refusal.Type("Cannot read properties of undefined (reading 'iofogUuid')"); // a bug of the Controller
        if (Agents.Uuid(from) != Fields.Text(row, "sourceMicroserviceUuid"))
        {
            Raise(FindEnd(Fields.Text(row, "sourceMicroserviceUuid")!));
            from["rebuild"] = true;
            Raise(from);
        }

        row["sourceMicroserviceUuid"] = Agents.Uuid(from);
        row["name"] = name;
    }

    private void Remove(JsonObject row)
    {
        state.Routes.Remove(row);
        Raise(FindEnd(Fields.Text(row, "sourceMicroserviceUuid")!));
        Raise(FindEnd(Fields.Text(row, "destMicroserviceUuid")!));
    }

    private void Raise(JsonObject end) => state.Raise(Fields.Text(end, "iofogUuid")!, "microserviceList", "microserviceConfig", "routing");

    public JsonObject Show(JsonObject route) => new()
    {
        ["application"] = state.ApplicationOf(route)["name"]!.DeepClone(),
        ["name"] = route["name"]!.DeepClone(),
        ["from"] = NameOfEnd(Fields.Text(route, "sourceMicroserviceUuid")!),
        ["to"] = NameOfEnd(Fields.Text(route, "destMicroserviceUuid")!),
        ["sourceMicroserviceUuid"] = route["sourceMicroserviceUuid"]!.DeepClone(),
        ["destMicroserviceUuid"] = route["destMicroserviceUuid"]!.DeepClone(),
    };

    private string NameOfEnd(string uuid) => Fields.Text(state.Microservices.Single(row => Agents.Uuid(row) == uuid), "name")!;

    private (JsonObject From, JsonObject To) Ends(ControllerState.User user, bool byUuid, string? applicationName, JsonObject body)
    {
        if (byUuid)
            return (FindEnd(Fields.Text(body, "sourceMicroserviceUuid")!), FindEnd(Fields.Text(body, "destMicroserviceUuid")!));
        var application = state.FindApplication(user, applicationName!) ?? throw Refusal.NotFound($"Invalid application name '{applicationName}'");
        return (End(application, Fields.Text(body, "from")!), End(application, Fields.Text(body, "to")!));
    }

    private JsonObject End(JsonObject application, string name) =>
        state.In(application).FirstOrDefault(row => Fields.Text(row, "name") == name) ?? throw Refusal.NotFound($"Invalid microservice name '{name}'");

    private JsonObject FindEnd(string uuid) => state.Microservices.Find(row => Agents.Uuid(row) == uuid) ?? throw Refusal.NotFound($"Invalid microservice UUID '{uuid}'");

    private JsonObject Find(string application, string name, string message)
    {
        var found = state.FindApplication(application) ?? throw Refusal.NotFound($"Invalid application name '{application}'");
        return state.RoutesOf(found).FirstOrDefault(route => Fields.Text(route, "name") == name) ?? throw Refusal.NotFound(message);
    }
}
