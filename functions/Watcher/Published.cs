using System.Net;

namespace IoFog.Operator.Watcher;

/// <summary>The Service that leads to the leader, and where this watcher would be reached through it.</summary>
/// <param name="Service"><c>Watcher__Service</c>: the name of a Service without a selector.</param>
/// <param name="Address"><c>Watcher__PodAddress</c>: of this pod.</param>
/// <param name="HealthPort">Its port <c>http</c>.</param>
/// <param name="ScalerPort">Its port <c>scaler</c>.</param>
internal sealed record Published(string Service, IPAddress Address, int HealthPort, int ScalerPort)
{
    /// <exception cref="InvalidOperationException">A setting is wrong; the message names it.</exception>
    public static Published? Read(IConfiguration settings)
    {
        var (service, pod) = (settings["Watcher:Service"], settings["Watcher:PodAddress"]);
        if (string.IsNullOrEmpty(service))
            return null;
        if (!IPAddress.TryParse(pod, out var address))
            throw new InvalidOperationException($"Watcher__PodAddress: '{pod}' is not an IP address; Watcher__Service needs it");
        return new(service, address, Endpoints.Read(settings, "Health", 8080).Port, Endpoints.Read(settings, "Scaler", 9090).Port);
    }
}
