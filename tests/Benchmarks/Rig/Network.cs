using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local;

namespace IoFog.Operator.Benchmarks.Rig;

/// <summary>The whole local stack with a Ready control plane.</summary>
internal sealed class Network : IAsyncDisposable
{
    public const string Namespace = "default";

    private Network(LocalStack stack) => (Stack, Agents) = (stack, new(stack.Api, Namespace));

    public LocalStack Stack { get; }

    public AgentWatch Agents { get; }

    /// <param name="arguments">With the binaries, and what is real.</param>
    /// <param name="withApps">False to leave watcher and apps out.</param>
    public static async Task<Network> StartAsync(Arguments arguments, bool withApps, CancellationToken cancellationToken)
    {
        var stack = await LocalStack.StartAsync(arguments.Stack with { Scaling = arguments.Stack.Scaling with { Cooldown = TimeSpan.FromMinutes(10) } }, cancellationToken);
        try
        {
            await stack.ApplyAsync(Layout.Crds, cancellationToken);
            if (withApps)
                await stack.RunAsync(cancellationToken);
            await stack.ApplyAsync(Path.Combine(Layout.Samples, "controlplane.yaml"), cancellationToken);
            var network = new Network(stack);
            await network.Agents.IsListed;
            if (withApps)
                await Poll.UntilAsync("a Ready control plane", network.IsReadyAsync, cancellationToken, 50);
            return network;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    /// <summary>An agent that needs nothing but the Controller.</summary>
    public Task CreateAsync(string name, CancellationToken cancellationToken) => Stack.Api.CreateAsync(
        Kinds.Agent.PathOf(Namespace),
        new JsonObject
        {
            ["apiVersion"] = Kind.ApiVersion,
            ["kind"] = "Agent",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject { ["host"] = "10.0.0.1", ["upstreamRouters"] = new JsonArray() },
        },
        KubernetesJson.Default.JsonObject,
        cancellationToken);

    /// <summary>Edits an agent's description.</summary>
    public Task EditAsync(string name, string description, CancellationToken cancellationToken) => Stack.Api.MergePatchAsync(
        Kinds.Agent.PathOf(new ResourceKey(Namespace, name)),
        System.Text.Encoding.UTF8.GetBytes(new JsonObject { ["spec"] = new JsonObject { ["description"] = description } }.ToJsonString()),
        cancellationToken);

    /// <summary>Deletes all agents and waits until they are gone, so that a real cluster is left as it was.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        foreach (var name in Agents.Agents.Keys)
            await Stack.Api.DeleteAsync(Kinds.Agent.PathOf(new ResourceKey(Namespace, name)), cancellationToken);
        await Poll.UntilAsync("no agents", () => Task.FromResult(Agents.Agents.Count == 0), cancellationToken, 50);
    }

    public async ValueTask DisposeAsync()
    {
        await Agents.DisposeAsync();
        await Stack.DisposeAsync();
    }

    private async Task<bool> IsReadyAsync()
    {
        var found = await Stack.Api.FindAsync(Kinds.ControlPlane.PathOf(new ResourceKey(Namespace, "iofog")), CancellationToken.None);
        return found is not null && new WatchedReader(Kinds.ControlPlane).Read(found).Ready;
    }
}
