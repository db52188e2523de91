using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace IoFog.Operator.Local.Controller;

/// <summary>Registries and the catalog: what microservices take their images from.</summary>
internal sealed partial class Catalog(ControllerState state)
{
    private const string Reserved = "Eclipse ioFog";

    private static readonly string[] ItemFields =
        ["name", "description", "category", "configExample", "publisher", "diskRequired", "ramRequired", "picture", "isPublic", "registryId", "inputType", "outputType"];

    public IEnumerable<Endpoint> Endpoints =>
    [
        new("GET", "registries", 200, call => new JsonObject { ["registries"] = new JsonArray([.. RegistriesOf(state, call.User!.Id).Select(row => Without(row, "password"))]) }),
        new("POST", "registries", 201, CreateRegistry),
        new("PATCH", "registries/*", 204, ChangeRegistry),
        new("DELETE", "registries/*", 204, DeleteRegistry),

        // Those of all users: the filter by user is lost on the way.
        new("GET", "catalog/microservices", 200, _ => new JsonObject { ["catalogItems"] = new JsonArray([.. state.CatalogItems.Where(IsShown).Select(row => Without(row, "userId"))]) }),
        new("POST", "catalog/microservices", 201, CreateItem),
        new("GET", "catalog/microservices/*", 200, call => Without(FindItem(call[0], IsShown), "userId")),
        new("PATCH", "catalog/microservices/*", 204, ChangeItem),
        new("DELETE", "catalog/microservices/*", 204, DeleteItem),
    ];

    /// <summary>A user's own registries, and those that are public.</summary>
    public static IEnumerable<JsonObject> RegistriesOf(ControllerState state, long? userId) =>
        state.Registries.Where(row => Fields.IsTrue(row["isPublic"]) || IsOwn(row, userId));

    /// <summary>What is there from the start.</summary>
    public static void Seed(ControllerState state)
    {
        foreach (var (id, url) in new[] { (1, "registry.hub.docker.com"), (2, "from_cache") })
        {
            state.Registries.Add(new()
            {
                ["id"] = id,
                ["url"] = url,
                ["isPublic"] = true,
                ["isSecure"] = null,
                ["certificate"] = null,
                ["requiresCert"] = null,
                ["username"] = "",
                ["password"] = "",
                ["userEmail"] = "",
                ["userId"] = null,
            });
        }

        for (var id = 4; id <= 14; id++)
        {
            state.CatalogItems.Add(Item(id, null, new()
            {
                ["name"] = $"Seeded item {id}",
                ["registryId"] = 1,
                ["publisher"] = Reserved,
                ["images"] = new JsonArray(Image(1, $"iofog/seeded-{id}:x86"), Image(2, $"iofog/seeded-{id}:arm")),
            }));
        }
    }

    private JsonNode CreateRegistry(Call call)
    {
        var body = call.Body;
        Fields.Require(body, "url", "isPublic", "username", "password", "email");
        CheckRegistry(body);
        var row = new JsonObject { ["id"] = state.NextRegistryId() };
        foreach (var field in new[] { "url", "isPublic", "isSecure", "certificate", "requiresCert", "username", "password" })
            row[field] = field == "isSecure" ? null : body[field]?.DeepClone();
        row["userEmail"] = body["email"]!.DeepClone();
        row["userId"] = call.User!.Id;
        state.Registries.Add(row);
        Raise(call);
        return new JsonObject { ["id"] = row["id"]!.DeepClone() };
    }

    private JsonNode? ChangeRegistry(Call call)
    {
        CheckRegistry(call.Body);
        var row = state.Registries.Find(row => row["id"]!.ToString() == call[0]) ?? throw Refusal.NotFound("Registry not found");
        foreach (var field in new[] { "url", "isPublic", "username", "password", "email", "requiresCert", "certificate" })
        {
            if (call.User!.Owns(row) && call.Body[field] is { } value)
                row[field == "email" ? "userEmail" : field] = value.DeepClone();
        }

        Raise(call);
        return null;
    }

    private JsonNode? DeleteRegistry(Call call)
    {
        if (!long.TryParse(call[0], out _))
            throw Refusal.Invalid("Field 'id' is not of a type(s) integer");
        var row = state.Registries.Find(row => row["id"]!.ToString() == call[0] && call.User!.Owns(row)) ?? throw Refusal.NotFound($"Invalid registry id '{call[0]}'");
        if (state.Microservices.Exists(microservice => microservice["registryId"]?.ToString() == call[0]))
            throw InUse();
        foreach (var item in state.CatalogItems.Where(item => item["registryId"]?.ToString() == call[0]))
            item["registryId"] = null;
        state.Registries.Remove(row);
        Raise(call);
        return null;
    }

    private JsonNode CreateItem(Call call)
    {
        var body = call.Body;
        Fields.Require(body, "name", "registryId", "images");
        CheckItem(body);
        if (body["images"]!.AsArray().Count == 0)
            throw Refusal.Invalid("""{"property":"instance.images","message":"does not meet minimum length of 1"}""");
        CheckName(call, null);
        if (Fields.Text(body, "publisher") == Reserved)
            throw Refusal.Invalid($"You are not allowed to add catalog item as '{Reserved}' publisher");
        CheckRegistryOf(body, 500);
        var row = Item(state.CatalogItems.Max(item => (long)Fields.Number(item["id"]!)) + 1, call.User!.Id, body);
        state.CatalogItems.Add(row);
        return new JsonObject { ["id"] = row["id"]!.DeepClone() };
    }

    private JsonNode? ChangeItem(Call call)
    {
        CheckItem(call.Body);
        CheckRegistryOf(call.Body, 404);
        var row = FindItem(call[0], item => call.User!.Owns(item));
        if (Fields.Text(row, "category") == "SYSTEM")
            throw Refusal.Invalid($"Catalog item id {call[0]} is system and can't be updated");
        CheckName(call, row);
        if (call.Body["images"] is JsonArray images)
        {
            if (UsersOf(call[0]).Any(microservice => microservice["status"] is JsonObject status && Fields.Text(status, "status") == "RUNNING"))
                throw Refusal.Invalid("Can't update catalog item images for item used for running microservices");
            foreach (var image in images.OfType<JsonObject>())
                ImageOf(row, (int)Fields.Number(image["fogTypeId"]!))["containerImage"] = image["containerImage"]!.DeepClone();
        }

        foreach (var field in ItemFields.Where(field => call.Body[field] is not null))
            row[field] = call.Body[field]!.DeepClone();
        return null;
    }

    private JsonNode? DeleteItem(Call call)
    {
        var row = FindItem(call[0], item => call.User!.Owns(item));
        if (Fields.Text(row, "category") == "SYSTEM")
            throw Refusal.Invalid($"Catalog item id {call[0]} is system and can't be deleted");
        if (UsersOf(call[0]).Any())
            throw InUse();
        state.CatalogItems.Remove(row);
        return null;
    }

    private void CheckName(Call call, JsonObject? own)
    {
        if (Fields.Text(call.Body, "name") is { } name
            && state.CatalogItems.Exists(item => item != own && Fields.Text(item, "name") == name && (item["userId"] is null || call.User!.Owns(item))))
            throw Refusal.Duplicate($"Duplicate name '{name}'", 409);
    }

    private void CheckRegistryOf(JsonObject body, int code)
    {
        if (body["registryId"] is { } id && !state.Registries.Exists(row => Fields.Number(row["id"]!) == Fields.Number(id)))
            throw Refusal.NotFound($"Invalid registry id '{id}'", code);
    }

    private IEnumerable<JsonObject> UsersOf(string item) => state.Microservices.Where(microservice => microservice["catalogItemId"]?.ToString() == item);

    private JsonObject FindItem(string id, Func<JsonObject, bool> condition) =>
        state.CatalogItems.Find(row => row["id"]!.ToString() == id && condition(row)) ?? throw Refusal.NotFound($"Invalid catalog item id '{id}'");

    /// <summary>Every device of the user is told to read its registries anew.</summary>
    private void Raise(Call call)
    {
        foreach (var agent in state.Agents.Where(call.User!.Owns))
            state.Raise(Agents.Uuid(agent), "registries");
    }

    private static void CheckRegistry(JsonObject body)
    {
        Fields.Check(body, "", ("url", "string"), ("isPublic", "boolean"), ("username", "string"), ("password", "string"), ("email", "string"), ("requiresCert", "boolean"), ("certificate", "string"));
        foreach (var field in new[] { "url", "username" })
        {
            if (Fields.Text(body, field)?.Length == 0)
                throw Refusal.Invalid($"Field {field} does not meet minimum length of 1");
        }

        if (Fields.Text(body, "email") is { } email && !Email().IsMatch(email))
            throw Refusal.Invalid("Invalid format for field 'email'");
        if (Fields.IsTrue(body["requiresCert"]) && !body.ContainsKey("certificate"))
            throw Refusal.Invalid("Property \"certificate\" is required if property \"requiresCert\" is set to true");
    }

    private static void CheckItem(JsonObject body)
    {
        Fields.Check(
            body, "", ("name", "string"), ("description", "string"), ("category", "string"), ("publisher", "string"), ("diskRequired", "integer"), ("ramRequired", "integer"),
            ("picture", "string"), ("isPublic", "boolean"), ("registryId", "integer"), ("configExample", "string"), ("images", "array"), ("inputType", "object"), ("outputType", "object"));
        if (Fields.Text(body, "name")?.Length == 0)
            throw Refusal.Invalid("Field name does not meet minimum length of 1");
        var images = body["images"] as JsonArray ?? [];
        if (images.Count > 2)
            throw Refusal.Invalid("""{"property":"instance.images","message":"does not meet maximum length of 2"}""");
        for (var i = 0; i < images.Count; i++)
        {
            var image = images[i]!.AsObject();
            Fields.Require(image, "containerImage", "fogTypeId");
            Fields.Check(image, $"images[{i}].", ("containerImage", "string"), ("fogTypeId", "integer 1 2"));
        }
    }

    // Two images, whatever was given.
    private static JsonObject Item(long id, long? userId, JsonObject body)
    {
        var row = new JsonObject { ["id"] = id, ["userId"] = userId };
        foreach (var field in ItemFields)
            row[field] = body[field]?.DeepClone() ?? DefaultOf(field);
        row["images"] = new JsonArray(Image(1, null), Image(2, null));
        foreach (var image in body["images"]!.AsArray().OfType<JsonObject>())
            ImageOf(row, (int)Fields.Number(image["fogTypeId"]!))["containerImage"] = image["containerImage"]!.DeepClone();
        return row;
    }

    private static JsonNode? DefaultOf(string field) => field switch
    {
        "description" => "",
        "configExample" => "{}",
        "diskRequired" or "ramRequired" => 0,
        "picture" => "images/shared/default.png",
        "isPublic" => false,
        "inputType" or "outputType" => new JsonObject { ["infoType"] = null, ["infoFormat"] = null },
        _ => null,
    };

    private static JsonObject ImageOf(JsonObject row, int type) => row["images"]!.AsArray().OfType<JsonObject>().Single(image => Fields.Number(image["fogTypeId"]!) == type);

    private static JsonObject Image(int type, string? containerImage) => new() { ["containerImage"] = containerImage, ["fogTypeId"] = type };

    private static bool IsShown(JsonObject item) => Fields.Text(item, "category") != "SYSTEM";

    private static bool IsOwn(JsonObject row, long? userId) => userId is not null && row["userId"] is { } owner && (long)Fields.Number(owner) == userId;

    private static JsonNode Without(JsonObject row, string field)
    {
        var shown = row.DeepClone().AsObject();
        shown.Remove(field);
        return shown;
    }

    private static Refusal InUse() => new(500, "SequelizeForeignKeyConstraintError", "SQLITE_CONSTRAINT: FOREIGN KEY constraint failed");

    [GeneratedRegex("""^[^<>()\[\]\\.,;:\s@"]+(\.[^<>()\[\]\\.,;:\s@"]+)*@((\[[0-9]{1,3}(\.[0-9]{1,3}){3}\])|(([a-zA-Z\-0-9]+\.)+[a-zA-Z]{2,}))$""")]
    private static partial Regex Email();
}
