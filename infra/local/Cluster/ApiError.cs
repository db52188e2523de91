using System.Text.Json.Nodes;
using IoFog.Operator.Local.Cluster.Schemas;

namespace IoFog.Operator.Local.Cluster;

/// <summary>A refusal, as a <c>metav1.Status</c>.</summary>
internal sealed class ApiError(int code, string reason, string message, JsonObject? details = null) : Exception(message)
{
    public int Code => code;

    public string Reason => reason;

    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
            ["reason"] = reason,
            ["code"] = code,
        };
        if (details is not null)
            status["details"] = details.DeepClone();
        return status;
    }

    public static ApiError NotFound(ResourceType type, string name) =>
        new(404, "NotFound", $"{type.Qualified} \"{name}\" not found", DetailsOf(type, name));

    public static ApiError NoSuchPath() => new(404, "NotFound", "the server could not find the requested resource");

    public static ApiError AlreadyExists(ResourceType type, string name) =>
        new(409, "AlreadyExists", $"{type.Qualified} \"{name}\" already exists", DetailsOf(type, name));

    public static ApiError Conflict(ResourceType type, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {type.Qualified} \"{name}\": {why}", DetailsOf(type, name));

    public static ApiError Modified(ResourceType type, string name) =>
        Conflict(type, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiError BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiError Invalid(ResourceType type, string name, IReadOnlyList<FieldError> errors)
    {
        var texts = errors.Select(error => $"{error.Path}: {error.Message}").ToArray();
        var all = texts.Length == 1 ? texts[0] : $"[{string.Join(", ", texts)}]";
        var details = DetailsOf(type, name);
        details["causes"] = new JsonArray([.. errors.Select(error => (JsonNode)new JsonObject
        {
            ["reason"] = error.Type,
            ["message"] = error.Message,
            ["field"] = error.Path,
        })]);
        return new(422, "Invalid", $"{type.Kind}{(type.Group.Length == 0 ? "" : $".{type.Group}")} \"{name}\" is invalid: {all}", details);
    }

    public static ApiError Gone(string message) => new(410, "Expired", message);

    public static ApiError NotServed(string what) =>
        new(501, "NotImplemented", $"This emulator does not serve {what}; it has what the ioFog operator uses, a real cluster has the rest.");

    private static JsonObject DetailsOf(ResourceType type, string name) =>
        new() { ["name"] = name, ["group"] = type.Group, ["kind"] = type.IsCustom ? type.Kind : type.Plural };
}
