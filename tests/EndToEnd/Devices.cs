using System.Net;
using System.Text;
using IoFog.Operator.Integration;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.EndToEnd;

/// <summary>
/// Plays the devices where the Controller is a real one: whoever finds an agent's provisioning Secret becomes that agent, and runs what it is
/// told to, through the API that devices have.
/// </summary>
internal sealed class Devices(KubernetesApi api, string @namespace, string controller, Action<string> log) : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();

    // By the uuid of what it has become; an agent that is asked for a further key keeps its device.
    private readonly Dictionary<string, Device> devices = [];
    private Task running = Task.CompletedTask;

    public void Start() => running = RunAsync();

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        foreach (var device in devices.Values)
            device.Dispose();
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                try
                {
                    await ProvisionAsync();
                    await ReportAsync();
                }
                catch (Exception e) when (e is KubernetesException or HttpRequestException)
                {
                    log(e.Message); // gone or changed meanwhile, or the cluster is away: looked at again
                }

                await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task ProvisionAsync()
    {
        var agents = await api.GetAsync(Kinds.Agent.PathOf(@namespace), KubernetesJson.Default.JsonObject, stopping.Token);
        foreach (var agent in agents["items"]!.AsArray())
        {
            if (agent!["status"]?["uuid"]?.GetValue<string>() is not { } uuid || devices.ContainsKey(uuid)
                || agent["status"]!["provisioning"]?["secret"]?.GetValue<string>() is not { } name)
                continue;
            var secret = await api.FindAsync($"api/v1/namespaces/{@namespace}/secrets/{name}", KubernetesJson.Default.JsonObject, stopping.Token);
            if (secret?["data"]?["command"]?.GetValue<string>() is not { } command)
                continue;
            var isArm = (agent["spec"]!["agentType"] ?? agent["spec"]!["config"]?["agentType"])?.GetValue<string>() == "arm";
            devices[uuid] = await Device.ProvisionAsync(Encoding.UTF8.GetString(Convert.FromBase64String(command)), isArm ? 2 : 1, $"{controller}/api/v3");
        }
    }

    private async Task ReportAsync()
    {
        foreach (var (uuid, device) in devices.ToArray())
        {
            try
            {
                await device.RunAsync(TimeProvider.System.GetUtcNow());
            }
            catch (HttpRequestException e) when (e.StatusCode is HttpStatusCode.Unauthorized)
            {
                devices.Remove(uuid); // its agent was deleted, as devices learn it
                device.Dispose();
            }
            catch (HttpRequestException e)
            {
                log(e.Message); // tried again, and the others report
            }
        }
    }
}
