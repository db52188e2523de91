using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Controller;

/// <summary>An error of the Controller. The code depends on the endpoint, the name on the error.</summary>
internal sealed class Refusal(int code, string name, string message) : Exception(message)
{
    public int Code => code;

    public string Name => name;

    public JsonObject ToJson()
    {
        var body = new JsonObject { ["name"] = name, ["message"] = Message };
        if (code == 500)
            body["stack"] = $"{name}: {Message}\n    at emulator";
        return body;
    }

    public static Refusal Invalid(string message) => new(400, "ValidationError", message);

    public static Refusal NotFound(string message, int code = 404) => new(code, "NotFoundError", message);

    public static Refusal Duplicate(string message, int code = 500) => new(code, "DuplicatePropertyError", message);

    public static Refusal Unauthorized(string message = "authorization failed") => new(401, "AuthenticationError", message);

    public static Refusal Type(string message) => new(500, "TypeError", message);

    /// <summary>The error with another code, for an endpoint that does not map it.</summary>
    public Refusal As(int other) => new(other, name, Message);
}
