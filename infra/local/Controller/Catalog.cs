using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Controller;

/// <summary>Registries and the catalog: what microservices take their images from.</summary>
internal sealed class Catalog(ControllerState state)
{
    public IEnumerable<Endpoint> Endpoints =>
    [
        new("GET", "registries", 200, call => new JsonObject { ["registries"] = new JsonArray([.. state.Registries.Where(row => call.User!.Owns(row) || Fields.IsTrue(row["isPublic"])).Select(row => row.DeepClone())]) }),
        new("POST", "registries", 201, CreateRegistry),
        new("PATCH", "registries/*", 204, ChangeRegistry),
        new("DELETE", "registries/*", 204, DeleteRegistry),
        new("GET", "catalog/microservices", 200, call => new JsonObject { ["catalogItems"] = new JsonArray([.. state.CatalogItems.Where(row => IsSeen(call, row)).Select(Show)]) }),
        new("POST", "catalog/microservices", 201, CreateItem),
        new("GET", "catalog/microservices/*", 200, call => Show(FindItem(call, own: false))),
        new("PATCH", "catalog/microservices/*", 204, ChangeItem),
        new("DELETE", "catalog/microservices/*", 204, DeleteItem),
    ];

    /// <summary>What is there from the start.</summary>
    public static void Seed(ControllerState state)
    {
        foreach (var (id, url) in new[] { (1, "registry.hub.docker.com"), (2, "from_cache") })
            state.Registries.Add(Registry(id, url, isPublic: true, "", "", null));
        for (var id = 4; id <= 14; id++)
            state.CatalogItems.Add(new() { ["id"] = id, ["name"] = $"Seeded item {id}", ["registryId"] = 1, ["publisher"] = "Eclipse ioFog", ["images"] = new JsonArray(Image(id, 1), Image(id, 2)) });
    }

    private static JsonObject Image(int item, int type) => new() { ["containerImage"] = $"iofog/seeded-{item}-{type}", ["fogTypeId"] = type };

    private JsonNode CreateRegistry(Call call)
    {
        var body = call.Body;
        Fields.Require(body, "url", "isPublic", "username", "password", "email");
        Fields.Check(body, "", ("url", "string"), ("isPublic", "boolean"), ("username", "string"), ("password", "string"), ("email", "string"), ("requiresCert", "boolean"), ("certificate", "string"));
        if (Fields.Text(body, "username")!.Length == 0)
            throw Refusal.Invalid("Field username does not meet minimum length of 1");
        if (Fields.IsTrue(body["requiresCert"]) && !body.ContainsKey("certificate"))
            throw Refusal.Invalid("Required field 'certificate' is missing");
        var row = Registry(state.NextRegistryId(), Fields.Text(body, "url")!, Fields.IsTrue(body["isPublic"]), Fields.Text(body, "username")!, Fields.Text(body, "email")!, call.User!.Id);
        state.Registries.Add(row);
        return new JsonObject { ["id"] = row["id"]!.DeepClone() };
    }

    private JsonNode? ChangeRegistry(Call call)
    {
        var row = FindRegistry(call[0]);
        foreach (var (field, stored) in new[] { ("url", "url"), ("isPublic", "isPublic"), ("username", "username"), ("email", "userEmail") })
        {
            if (call.User!.Owns(row) && call.Body[field] is { } value)
                row[stored] = value.DeepClone();
        }

        return null;
    }

    private JsonNode? DeleteRegistry(Call call)
    {
        if (!long.TryParse(call[0], out _))
            throw Refusal.Invalid("Field 'id' is not of a type(s) integer");
        var row = FindRegistry(call[0]);
        if (!call.User!.Owns(row))
            throw Refusal.NotFound($"Invalid registry id '{call[0]}'");
        if (state.Microservices.Exists(microservice => microservice["registryId"]?.ToString() == call[0]))
            throw InUse();
        state.Registries.Remove(row);
        return null;
    }

    private JsonNode CreateItem(Call call)
    {
        var body = call.Body;
        Fields.Require(body, "name", "registryId", "images");
        Fields.Check(body, "", ("name", "string"), ("registryId", "integer"), ("images", "array"));
        if (Fields.Text(body, "publisher") == "Eclipse ioFog")
            throw Refusal.Invalid("The publisher Eclipse ioFog is reserved");
        if (state.CatalogItems.Exists(item => IsSeen(call, item) && Fields.Text(item, "name") == Fields.Text(body, "name")))
            throw Refusal.Duplicate($"Duplicate name '{body["name"]}'", 409);
        if (!state.Registries.Exists(row => Fields.Number(row["id"]!) == Fields.Number(body["registryId"]!)))
            throw Refusal.NotFound($"Invalid registry id '{body["registryId"]}'", 500);
        var row = body.DeepClone().AsObject();
        row["userId"] = call.User!.Id;
        row["id"] = state.CatalogItems.Max(item => (long)Fields.Number(item["id"]!)) + 1;
        foreach (var type in new[] { 1, 2 }.Where(type => !row["images"]!.AsArray().Any(image => Fields.Number(image!["fogTypeId"]!) == type)))
            row["images"]!.AsArray().Add((JsonNode)new JsonObject { ["containerImage"] = null, ["fogTypeId"] = type });
        state.CatalogItems.Add(row);
        return new JsonObject { ["id"] = row["id"]!.DeepClone() };
    }

    private JsonNode? ChangeItem(Call call)
    {
        var row = FindItem(call, own: true);
        if (Fields.Text(call.Body, "name") is { } name && state.CatalogItems.Exists(item => item != row && IsSeen(call, item) && Fields.Text(item, "name") == name))
            throw Refusal.Duplicate($"Duplicate name '{name}'", 409);
        foreach (var (field, value) in call.Body)
            row[field] = value?.DeepClone();
        return null;
    }

    private JsonNode? DeleteItem(Call call)
    {
        var row = FindItem(call, own: true);
        if (state.Microservices.Exists(microservice => microservice["catalogItemId"]?.ToString() == call[0]))
            throw InUse();
        state.CatalogItems.Remove(row);
        return null;
    }

    private JsonObject FindRegistry(string id) => state.Registries.Find(row => row["id"]!.ToString() == id) ?? throw Refusal.NotFound($"Invalid registry id '{id}'");

    private JsonObject FindItem(Call call, bool own) =>
        state.CatalogItems.Find(row => row["id"]!.ToString() == call[0] && (call.User!.Owns(row) || (!own && IsSeen(call, row)))) ?? throw Refusal.NotFound($"Invalid catalog item id '{call[0]}'");

    // What was there from the start is everybody's.
    private static bool IsSeen(Call call, JsonObject row) => row["userId"] is null || call.User!.Owns(row);

    private static JsonNode Show(JsonObject row)
    {
        var shown = row.DeepClone().AsObject();
        shown.Remove("userId");
        return shown;
    }

    private static Refusal InUse() => new(500, "SequelizeForeignKeyConstraintError", "SQLITE_CONSTRAINT: FOREIGN KEY constraint failed");

    private static JsonObject Registry(long id, string url, bool isPublic, string username, string email, long? userId) => new()
    {
        ["id"] = id,
        ["url"] = url,
        ["isPublic"] = isPublic,
        ["isSecure"] = null,
        ["certificate"] = null,
        ["requiresCert"] = null,
        ["username"] = username,
        ["userEmail"] = email,
        ["userId"] = userId,
    };
}
