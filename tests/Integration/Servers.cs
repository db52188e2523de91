using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local;

namespace IoFog.Operator.Integration;

/// <summary>
/// The real servers that <c>IOFOG_TEST_CONTROLLER_URL</c> and <c>IOFOG_TEST_KUBECONFIG</c> name. One test at a time has them, and finds them
/// without what the one before has left.
/// </summary>
internal static class Servers
{
    private static readonly SemaphoreSlim One = new(1);
    private static readonly string[] Leftovers = ["api/v1/namespaces/default/secrets", "apis/events.k8s.io/v1/namespaces/default/events"];

    /// <summary>Null where it is emulated.</summary>
    public static Uri? Controller { get; } = Setting("IOFOG_TEST_CONTROLLER_URL") is { } url ? new(url) : null;

    /// <inheritdoc cref="Controller"/>
    public static string? Kubeconfig { get; } = Setting("IOFOG_TEST_KUBECONFIG");

    /// <summary>Waits until no other test works with them; nothing to wait for where both are emulated.</summary>
    /// <returns>To be disposed at the end.</returns>
    public static async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        if (Controller is null && Kubeconfig is null)
            return new Turn(null);
        await One.WaitAsync(cancellationToken);
        return new Turn(One);
    }

    /// <summary>Deletes all that a user has in the Controller. Its default router and its configuration stay: nothing removes them.</summary>
    public static async Task ClearAsync(ControllerClient controller, CancellationToken cancellationToken)
    {
        foreach (var application in await ListAsync(controller, "application", "applications", cancellationToken))
            await controller.DeleteApplicationAsync(application["id"]!.GetValue<long>(), cancellationToken);
        foreach (var resource in await ListAsync(controller, "edgeResources", "edgeResources", cancellationToken))
            await controller.DeleteEdgeResourceAsync(Text(resource, "name"), Text(resource, "version"), cancellationToken);
        foreach (var agent in await controller.ListAgentsAsync(cancellationToken))
            await controller.DeleteAgentAsync(agent.Uuid, cancellationToken);
    }

    /// <summary>Deletes our objects in the namespace, with their finalizers, and Secrets and Events.</summary>
    public static async Task ClearAsync(KubernetesApi cluster, string @namespace, CancellationToken cancellationToken)
    {
        foreach (var collection in Kinds.All.Select(kind => kind.PathOf(@namespace)).Concat(Leftovers))
        {
            var list = await cluster.FindAsync(collection, KubernetesJson.Default.JsonObject, cancellationToken);
            foreach (var name in list?["items"]?.AsArray().Select(item => Text(item!["metadata"]!, "name")).ToArray() ?? [])
            {
                if (Kinds.All.Any(kind => kind.PathOf(@namespace) == collection))
                    await cluster.MergePatchAsync($"{collection}/{name}", """{"metadata":{"finalizers":null}}"""u8.ToArray(), cancellationToken);
                await cluster.DeleteAsync($"{collection}/{name}", cancellationToken);
            }
        }
    }

    private static async Task<IEnumerable<JsonNode>> ListAsync(ControllerClient controller, string path, string items, CancellationToken cancellationToken) =>
        JsonNode.Parse(await controller.GetListAsync(path, cancellationToken))![items]!.AsArray().OfType<JsonNode>();

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    private static string? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private sealed class Turn(SemaphoreSlim? one) : IDisposable
    {
        public void Dispose() => one?.Release();
    }
}
