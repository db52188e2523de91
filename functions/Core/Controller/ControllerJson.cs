using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace IoFog.Operator.Controller;

[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(ControllerRefusal))]
[JsonSerializable(typeof(ControllerStatus))]
[JsonSerializable(typeof(Login))]
[JsonSerializable(typeof(UserProfile))]
[JsonSerializable(typeof(AgentList))]
[JsonSerializable(typeof(AgentEntry))]
[JsonSerializable(typeof(ProvisioningKey))]
[JsonSerializable(typeof(Created))]
[JsonSerializable(typeof(ApplicationEntry))]
[JsonSerializable(typeof(CreatedApplication))]
[JsonSerializable(typeof(TemplateEntry))]
[JsonSerializable(typeof(MicroserviceList))]
[JsonSerializable(typeof(MicroserviceEntry))]
[JsonSerializable(typeof(RouteEntry))]
[JsonSerializable(typeof(EdgeResourceEntry))]
[JsonSerializable(typeof(EdgeResourceList))]
[JsonSerializable(typeof(RouterEntry))]
[JsonSerializable(typeof(RegistryList))]
[JsonSerializable(typeof(CatalogItemList))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class ControllerJson : JsonSerializerContext;

internal sealed record Login(string AccessToken);

/// <summary><c>GET /user/profile</c>.</summary>
public sealed record UserProfile(string? FirstName, string? LastName, string? Email);

/// <summary><c>GET /status</c>.</summary>
public sealed record ControllerStatus(string Status, ControllerVersions? Versions);

/// <summary>The versions that the Controller reports.</summary>
public sealed record ControllerVersions(string? Controller, string? EcnViewer);

/// <summary>The answer to a create; agents and microservices have a uuid, the rest an id.</summary>
public sealed record Created(string? Uuid, long? Id, string? Name);
