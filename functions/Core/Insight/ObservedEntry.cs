using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Insight;

/// <summary>Reads what the ioFog Controller holds for an object, as it shows it.</summary>
public static class ObservedEntry
{
    /// <returns>Null when it holds none.</returns>
    /// <exception cref="ControllerException">It refused.</exception>
    /// <exception cref="ControllerUnavailableException">It does not answer.</exception>
    public static async Task<JsonObject?> FindAsync(ControllerClient controller, NetworkObject item, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(controller);
        ArgumentNullException.ThrowIfNull(item);
        if (PathOf(item) is not { } path)
            return null;
        try
        {
            var answer = JsonSerializer.Deserialize(await controller.GetListAsync(path, cancellationToken), KubernetesJson.Default.JsonObject);
            return answer?[item.Kind.Entry!.Items] is JsonArray all ? Named(all) : answer;
        }
        catch (ControllerException e) when (e.IsNotFound)
        {
            return null;
        }

        JsonObject? Named(JsonArray all) =>
            all.OfType<JsonObject>().FirstOrDefault(entry => NetworkObject.Text(entry[item.Kind.Entry!.NamedBy]) == item.EntryName);
    }

    private static string? PathOf(NetworkObject item)
    {
        var name = Uri.EscapeDataString(item.EntryName);
        var application = NetworkObject.Text(item.Spec["application"]) is { } text ? Uri.EscapeDataString(text) : null;
        return item.Kind.Name switch
        {
            "Agent" => $"iofog-list?filters[0][key]=name&filters[0][value]={name}&filters[0][condition]=equals",
            "Application" => $"application/{name}",
            "Microservice" when application is not null => $"microservices?application={application}",
            "Route" when application is not null => $"routes/{application}/{name}",
            "EdgeResource" when NetworkObject.Text(item.Spec["version"]) is { } version => $"edgeResource/{name}/{Uri.EscapeDataString(version)}",
            "Microservice" or "Route" or "EdgeResource" => null,
            _ => item.Kind.Entry?.List,
        };
    }
}
