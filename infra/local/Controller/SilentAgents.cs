using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Controller;

/// <summary>The Controller's job that notices devices of which it has not heard for three times their interval.</summary>
internal sealed class SilentAgents(ControllerState state, ControllerOptions options)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(options.StatusJobInterval, options.Time, cancellationToken);
                lock (state.Gate)
                {
                    foreach (var agent in state.Agents.Where(IsSilent))
                        Silence(agent);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    // What counts is the time that the device posted, not when it did.
    private bool IsSilent(JsonObject agent) =>
        Fields.Text(agent, "daemonStatus") == "RUNNING"
        && state.NowMs() - Fields.Number(agent["lastStatusTime"]!) > Fields.Number(agent["statusFrequency"]!) * 3 * 1000;

    private void Silence(JsonObject agent)
    {
        agent["daemonStatus"] = "UNKNOWN";
        foreach (var microservice in state.Microservices.Where(row => Fields.Text(row, "iofogUuid") == Agents.Uuid(agent)))
        {
            if (microservice["status"] is JsonObject status)
                status["status"] = "UNKNOWN";
        }
    }
}
