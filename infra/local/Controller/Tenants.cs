using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Controller;

/// <summary>What is a user's own. Every user is a tenant, but the Controller does not look everywhere whose something is.</summary>
internal static class Tenants
{
    public static bool Owns(this ControllerState.User user, JsonObject row) => row["userId"] is { } owner && Fields.Number(owner) == user.Id;

    /// <summary>Of a user's several applications with one name the oldest.</summary>
    public static JsonObject? FindApplication(this ControllerState state, ControllerState.User user, string name) =>
        state.Applications.Find(application => user.Owns(application) && Fields.Text(application, "name") == name);

    /// <summary>A user's application, by its name, or its id as a number or a text.</summary>
    public static JsonObject? FindApplicationOrId(this ControllerState state, ControllerState.User user, JsonNode nameOrId) =>
        state.FindApplication(user, nameOrId.ToString())
        ?? state.Applications.Find(application => user.Owns(application) && application["id"]!.ToString() == nameOrId.ToString());
}
