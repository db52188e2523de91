using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Controller;

/// <summary>Devices that somebody provisions a moment after their agent was created, and that then run what they are told to.</summary>
internal sealed class SimulatedAgents(ControllerState state, ControllerOptions options)
{
    private static readonly string[] Life = ["QUEUED", "PULLING", "STARTING", "RUNNING"];

    private readonly Dictionary<string, (DateTimeOffset Created, int Number)> known = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(options.AgentTick, options.Time, cancellationToken);
                lock (state.Gate)
                {
                    foreach (var agent in state.Agents)
                        Live(agent);
                    foreach (var microservice in state.Microservices)
                        Run(microservice);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void Live(JsonObject agent)
    {
        var now = options.Time.GetUtcNow();
        if (!known.TryGetValue(Agents.Uuid(agent), out var device))
            known[Agents.Uuid(agent)] = device = (now, known.Count + 1);
        if (now - device.Created < options.ProvisionAfter)
            return;
        if (Fields.Number(agent["fogTypeId"]!) == 0)
            agent["fogTypeId"] = 1;
        agent["daemonStatus"] = "RUNNING";
        agent["version"] = "3.0.1";
        agent["ipAddress"] = $"10.0.{device.Number / 250}.{(device.Number % 250) + 1}";
        agent["ipAddressExternal"] = agent["ipAddress"]!.DeepClone();
        agent["lastActive"] = state.NowMs();
        agent["lastStatusTime"] = state.NowMs();
        agent["isReadyToUpgrade"] = false;
    }

    private void Run(JsonObject microservice)
    {
        var agent = state.Agents.Single(agent => Agents.Uuid(agent) == Fields.Text(microservice, "iofogUuid"));
        if (Fields.Text(agent, "daemonStatus") != "RUNNING")
            return;
        if (microservice["status"] is not JsonObject status)
            return; // its create was broken off: nobody is told of it
        var application = state.Applications.Single(application => Fields.Number(application["id"]!) == Fields.Number(microservice["applicationId"]!));
        if (!Fields.IsTrue(application["isActivated"]))
        {
            if (Fields.Text(status, "status") == "RUNNING")
                status["status"] = "STOPPED";
            return;
        }

        var at = Array.IndexOf(Life, Fields.Text(status, "status"));
        if (at < Life.Length - 1)
            status["status"] = Life[at + 1];
        if (Fields.Text(status, "status") == "RUNNING" && Fields.Text(status, "containerId") is not { Length: > 0 })
            status["containerId"] = Guid.NewGuid().ToString("N")[..12];
        microservice["rebuild"] = false;
    }
}
