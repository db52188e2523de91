using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Queues;
using IoFog.Operator.Agents;
using IoFog.Operator.Benchmarks.Rig;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local.Host;

namespace IoFog.Operator.Benchmarks.Figures;

/// <summary>What one part of the stack takes for its share of a burst of agents, with nobody else at work.</summary>
internal static class Alone
{
    private const int AtOnce = 16;
    private const int Hosts = 3;

    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    /// <summary>The API server: all that users and apps ask it for when they create an agent each, while two watches follow.</summary>
    /// <param name="arguments">For a stack without watcher and apps.</param>
    /// <param name="settled">Status of an agent of the burst.</param>
    /// <param name="count">Of agents.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<TimeSpan> ApiServerAsync(Arguments arguments, JsonObject settled, int count, CancellationToken cancellationToken)
    {
        await using var network = await Network.StartAsync(arguments, withApps: false, cancellationToken);
        await using var watcher = new AgentWatch(network.Stack.Api, Network.Namespace);
        await watcher.IsListed;
        var took = await Load.TimeAsync(count, AtOnce, (i, token) => HandleAsync(network, settled, $"alone-{i}", token), cancellationToken);
        await Poll.UntilAsync("all of them seen", () => Task.FromResult(network.Agents.Agents.Count == count), cancellationToken, 20); // what is cleared away is what was seen
        foreach (var name in network.Agents.Agents.Keys)
            await network.Stack.Api.MergePatchAsync(PathOf(name), "{\"metadata\":{\"finalizers\":null}}"u8.ToArray(), cancellationToken);
        await network.ClearAsync(cancellationToken);
        return took;
    }

    /// <summary>The queues: as many messages, put by the watcher, and taken and deleted by the hosts.</summary>
    public static Task<TimeSpan> QueuesAsync(Arguments arguments, string connectionString, int count, CancellationToken cancellationToken)
    {
        var batch = AppFolder.Read(arguments.Stack.App, new Dictionary<string, string>()).Number("extensions.queues.batchSize", 0);
        return Load.WithQueueAsync(
            connectionString,
            async queue => await Load.TimeAsync(count, AtOnce, (_, token) => queue.SendMessageAsync(Load.Message, token), cancellationToken)
                + await Load.TimeAsync(Hosts, Hosts, (_, token) => DrainAsync(queue, batch, token), cancellationToken),
            cancellationToken);
    }

    private static async Task DrainAsync(QueueClient queue, int batch, CancellationToken cancellationToken)
    {
        while ((await queue.ReceiveMessagesAsync(batch, Lease, cancellationToken)).Value is { Length: > 0 } messages)
            await Task.WhenAll(messages.Select(message => queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, cancellationToken)));
    }

    /// <summary>The requests that README counts for an agent, one after the other.</summary>
    private static async Task HandleAsync(Network network, JsonObject settled, string name, CancellationToken cancellationToken)
    {
        var api = network.Stack.Api;
        await network.CreateAsync(name, cancellationToken);
        var agent = await api.GetAsync(PathOf(name), KubernetesJson.Default.JsonObject, cancellationToken);
        var uid = agent["metadata"]!["uid"]!.ToString();
        var held = new JsonObject
        {
            ["apiVersion"] = Kind.ApiVersion,
            ["kind"] = Kinds.Agent.Name,
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Network.Namespace, ["uid"] = uid, ["resourceVersion"] = VersionOf(agent), ["finalizers"] = new JsonArray(Names.Finalizer) },
        };
        agent = await api.ApplyAsync(PathOf(name), held, KubernetesJson.Default.JsonObject, Names.FinalizerManager, cancellationToken);
        agent = await PatchAsync(api, agent, new() { ["turn"] = 1, ["claim"] = new JsonObject { ["holder"] = "alone", ["turn"] = 1 } }, cancellationToken);
        var owner = agent.Deserialize(AgentJson.Default.Agent)!;
        var secret = ProvisioningSecret.PathOf(owner.Key);
        await api.FindAsync(secret, cancellationToken);
        await api.ApplyAsync(
            secret,
            ProvisioningSecret.Of(owner, uid, name, "http://controller.iofog:51121/api/v3", authority: null, Random(64)),
            KubernetesJson.Default.JsonObject,
            Names.FieldManager,
            cancellationToken);
        var status = settled.DeepClone().AsObject();
        status["claim"] = null;
        await PatchAsync(api, agent, status, cancellationToken);
        var events = new KubernetesEvents(api, TimeProvider.System);
        foreach (var reason in new[] { "Created", "Provisioning", "NotProvisioned" })
            await events.WriteAsync(Kinds.Agent, new() { Name = name, Namespace = Network.Namespace, Uid = uid, ResourceVersion = VersionOf(agent) }, warning: false, reason, $"{reason} {name}, as one would say it of an agent", cancellationToken);
    }

    private static async Task<JsonObject> PatchAsync(KubernetesApi api, JsonObject agent, JsonObject status, CancellationToken cancellationToken)
    {
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = VersionOf(agent) }, ["status"] = status };
        var answer = await api.MergePatchAsync($"{PathOf(agent["metadata"]!["name"]!.ToString())}/status", Encoding.UTF8.GetBytes(patch.ToJsonString()), cancellationToken);
        return JsonNode.Parse(answer)!.AsObject();
    }

    private static string PathOf(string name) => Kinds.Agent.PathOf(new ResourceKey(Network.Namespace, name));

    private static string VersionOf(JsonObject agent) => agent["metadata"]!["resourceVersion"]!.ToString();

    private static string Random(int bytes) => Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(bytes));
}
