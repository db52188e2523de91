using System.Text.Json.Nodes;

namespace IoFog.Operator.Controller;

public sealed partial class ControllerClient
{
    /// <summary>An edge resource in one version, or null.</summary>
    public Task<EdgeResourceEntry?> FindEdgeResourceAsync(string name, string version, CancellationToken cancellationToken) =>
        FindAsync(PathOf(name, version), ControllerJson.Default.EdgeResourceEntry, cancellationToken);

    /// <summary>The edge resources of this name and version, the first one first: simultaneous creates all succeed.</summary>
    public async Task<IReadOnlyList<EdgeResourceEntry>> FindEdgeResourcesAsync(string name, string version, CancellationToken cancellationToken)
    {
        try
        {
            var list = await GetAsync($"edgeResource/{Escape(name)}", ControllerJson.Default.EdgeResourceList, Timeout, cancellationToken);
            return [.. list.EdgeResources.Where(resource => resource.Version == version).OrderBy(resource => resource.Id)];
        }
        catch (ControllerException e) when (e.Name == "TypeError")
        {
            // One of its versions has lost its interface, and this list with it. Asked for one version, the Controller just leaves it out.
            return await FindEdgeResourceAsync(name, version, cancellationToken) is { } found ? [found] : [];
        }
    }

    /// <summary>Creates or changes an edge resource, its strings kept literally; never call it with another interfaceProtocol than the entry has.</summary>
    public Task PutEdgeResourceAsync(string name, string version, JsonObject resource, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Put, PathOf(name, version), Literal.Keep(resource), cancellationToken);

    /// <summary>Deletes one version of an edge resource, with all entries that it may have.</summary>
    /// <returns>False when it was not there.</returns>
    public Task<bool> DeleteEdgeResourceAsync(string name, string version, CancellationToken cancellationToken) =>
        DeleteAsync(PathOf(name, version), cancellationToken);

    /// <summary>Gives an edge resource to an agent.</summary>
    public Task LinkEdgeResourceAsync(string name, string version, string agentUuid, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Post, $"{PathOf(name, version)}/link", new JsonObject { ["uuid"] = agentUuid }, cancellationToken);

    /// <summary>Takes an edge resource away from an agent.</summary>
    public Task UnlinkEdgeResourceAsync(string name, string version, string agentUuid, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Delete, $"{PathOf(name, version)}/link", new JsonObject { ["uuid"] = agentUuid }, cancellationToken);

    /// <summary>The default router, or null.</summary>
    public Task<RouterEntry?> FindDefaultRouterAsync(CancellationToken cancellationToken) =>
        FindAsync("router", ControllerJson.Default.RouterEntry, cancellationToken);

    /// <summary>Registers or changes the default router; ports that are left out go back to the Controller's defaults.</summary>
    public Task PutDefaultRouterAsync(RouterEntry router, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(router);
        return WriteAsync(
            HttpMethod.Put,
            "router",
            new JsonObject
            {
                ["host"] = router.Host,
                ["messagingPort"] = router.MessagingPort,
                ["interRouterPort"] = router.InterRouterPort,
                ["edgeRouterPort"] = router.EdgeRouterPort,
            },
            cancellationToken);
    }

    private static string PathOf(string name, string version) => $"edgeResource/{Escape(name)}/{Escape(version)}";
}
