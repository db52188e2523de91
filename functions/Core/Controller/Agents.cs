using System.Text.Json.Nodes;

namespace IoFog.Operator.Controller;

public sealed partial class ControllerClient
{
    /// <summary>The agents of this name, oldest first: simultaneous creates of one name all succeed.</summary>
    public async Task<IReadOnlyList<AgentEntry>> FindAgentsAsync(string name, CancellationToken cancellationToken)
    {
        var filter = $"filters[0][key]=name&filters[0][value]={Escape(name)}&filters[0][condition]=equals";
        var list = await GetAsync($"iofog-list?{filter}", ControllerJson.Default.AgentList, ListTimeout, cancellationToken);
        return [.. list.Fogs.Where(agent => agent.Name == name).OrderBy(agent => agent.CreatedAt)];
    }

    /// <summary>All agents: 2.5 to 3 ms of the Controller's time for each.</summary>
    public async Task<IReadOnlyList<AgentEntry>> ListAgentsAsync(CancellationToken cancellationToken) =>
        (await GetAsync("iofog-list", ControllerJson.Default.AgentList, ListTimeout, cancellationToken)).Fogs;

    /// <summary>An agent by its uuid, or null.</summary>
    public Task<AgentEntry?> FindAgentAsync(string uuid, CancellationToken cancellationToken) =>
        FindAsync($"iofog/{Escape(uuid)}", ControllerJson.Default.AgentEntry, cancellationToken);

    /// <summary>Creates an agent, its strings kept literally; a refusal for a missing host may have created it all the same.</summary>
    /// <returns>Its uuid.</returns>
    public async Task<string> CreateAgentAsync(JsonObject agent, CancellationToken cancellationToken) =>
        Parse(await WriteAsync(HttpMethod.Post, "iofog", Literal.Keep(agent), cancellationToken), ControllerJson.Default.Created).Uuid!;

    /// <summary>Changes the given fields, strings kept literally.</summary>
    public Task UpdateAgentAsync(string uuid, JsonObject fields, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Patch, $"iofog/{Escape(uuid)}", Literal.Keep(fields), cancellationToken);

    /// <summary>Asks for a one-off.</summary>
    /// <param name="command"><c>reboot</c>, <c>prune</c>, <c>version/upgrade</c> or <c>version/rollback</c>; the latter two void the provisioning key.</param>
    public Task CommandAgentAsync(string uuid, string command, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Post, $"iofog/{Escape(uuid)}/{command}", null, cancellationToken);

    /// <summary>Makes a key with which one device can become this agent. The one before is void from then on: a read that writes.</summary>
    public Task<ProvisioningKey> NewProvisioningKeyAsync(string uuid, CancellationToken cancellationToken) =>
        GetAsync($"iofog/{Escape(uuid)}/provisioning-key", ControllerJson.Default.ProvisioningKey, Timeout, cancellationToken);

    /// <summary>Deletes an agent with its microservices and their routes.</summary>
    /// <returns>False when it was not there.</returns>
    public Task<bool> DeleteAgentAsync(string uuid, CancellationToken cancellationToken) =>
        DeleteAsync($"iofog/{Escape(uuid)}", cancellationToken);
}
