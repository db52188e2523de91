using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Controller;

/// <summary>Finds what is in an application.</summary>
internal static class ApplicationLookup
{
    /// <summary>Of all users' applications with one name the oldest.</summary>
    public static JsonObject? FindApplication(this ControllerState state, string name) =>
        state.Applications.Find(application => Fields.Text(application, "name") == name);

    public static IEnumerable<JsonObject> In(this ControllerState state, JsonObject application) => state.Microservices.Where(row => Owns(application, row));

    public static IEnumerable<JsonObject> RoutesOf(this ControllerState state, JsonObject application) => state.Routes.Where(row => Owns(application, row));

    public static JsonObject ApplicationOf(this ControllerState state, JsonObject row) => state.Applications.Single(application => Owns(application, row));

    private static bool Owns(JsonObject application, JsonObject row) => Fields.Number(row["applicationId"]!) == Fields.Number(application["id"]!);
}
