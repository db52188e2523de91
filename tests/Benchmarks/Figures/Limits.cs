using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Queues;
using IoFog.Operator.Benchmarks.Rig;
using IoFog.Operator.Local;

namespace IoFog.Operator.Benchmarks.Figures;

/// <summary>What the parts can do when nothing of ours is in the way.</summary>
internal static class Limits
{
    private const int Count = 500;

    public static async Task RunAsync(Samples samples, Arguments arguments, CancellationToken cancellationToken)
    {
        await using var network = await Network.StartAsync(arguments, withApps: false, cancellationToken);
        samples.Add("puts", "1/s", await PutsAsync(network.Stack.Storage.ConnectionString, Count, cancellationToken));
        samples.Add("status patches", "1/s", await StatusPatchesAsync(network, cancellationToken));
        if (network.Stack.Controller is not null)
            samples.Add("Controller creates", "1/s", await CreatesAsync(network.Stack, cancellationToken));
    }

    /// <summary>Puts per second, 16 at a time.</summary>
    public static async Task<double> PutsAsync(string connectionString, int count, CancellationToken cancellationToken)
    {
        var queue = new QueueClient(connectionString, $"limit-{Guid.NewGuid():N}");
        await queue.CreateAsync(cancellationToken: cancellationToken);
        var text = Convert.ToBase64String(new byte[450]); // as long as a change is
        var rate = await RateAsync(count, 16, (_, token) => new(queue.SendMessageAsync(text, token)), cancellationToken);
        await queue.DeleteAsync(cancellationToken);
        return rate;
    }

    /// <summary>Patches per second of one object's status, 8 at a time.</summary>
    private static async Task<double> StatusPatchesAsync(Network network, CancellationToken cancellationToken)
    {
        await network.CreateAsync("limit", cancellationToken);
        var path = $"{Kinds.Agent.PathOf(new ResourceKey("default", "limit"))}/status";
        var rate = await RateAsync(
            Count, 8, (i, token) => new(network.Stack.Api.MergePatchAsync(path, System.Text.Encoding.UTF8.GetBytes($"{{\"status\":{{\"turn\":{i}}}}}"), token)), cancellationToken);
        await network.ClearAsync(cancellationToken);
        return rate;
    }

    /// <summary>Agents per second that the Controller makes, two at a time, as an app instance does it.</summary>
    public static async Task<double> CreatesAsync(LocalStack stack, CancellationToken cancellationToken)
    {
        using var http = await ControllerUser.SignInAsync(stack.ControllerUrl, cancellationToken);
        return await RateAsync(
            Count,
            2,
            async (i, cancelled) =>
            {
                var agent = new JsonObject { ["name"] = $"limit-{i}", ["fogType"] = 1, ["host"] = "10.0.0.1", ["upstreamRouters"] = new JsonArray() };
                using var created = await http.PostAsJsonAsync("iofog", agent, cancelled);
                created.EnsureSuccessStatusCode();
            },
            cancellationToken);
    }

    private static async Task<double> RateAsync(int count, int atOnce, Func<int, CancellationToken, ValueTask> act, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken }, act);
        return count / TimeProvider.System.GetElapsedTime(began).TotalSeconds;
    }
}
