using System.Net.Http.Json;
using System.Text.Json.Nodes;
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
        var took = await Load.WithQueueAsync(
            connectionString, queue => Load.TimeAsync(count, 16, (_, token) => queue.SendMessageAsync(Load.Message, token), cancellationToken), cancellationToken);
        return count / took.TotalSeconds;
    }

    /// <summary>Patches per second of one object's status, 8 at a time.</summary>
    private static async Task<double> StatusPatchesAsync(Network network, CancellationToken cancellationToken)
    {
        await network.CreateAsync("limit", cancellationToken);
        var path = $"{Kinds.Agent.PathOf(new ResourceKey("default", "limit"))}/status";
        var took = await Load.TimeAsync(
            Count, 8, (i, token) => network.Stack.Api.MergePatchAsync(path, System.Text.Encoding.UTF8.GetBytes($"{{\"status\":{{\"turn\":{i}}}}}"), token), cancellationToken);
        await network.ClearAsync(cancellationToken);
        return Count / took.TotalSeconds;
    }

    /// <summary>Agents per second that the Controller makes, two at a time, as an app instance does it.</summary>
    public static async Task<double> CreatesAsync(LocalStack stack, CancellationToken cancellationToken)
    {
        using var http = await ControllerUser.SignInAsync(stack.ControllerUrl, cancellationToken);
        var took = await Load.TimeAsync(
            Count,
            2,
            async (i, cancelled) =>
            {
                var agent = new JsonObject { ["name"] = $"limit-{i}", ["fogType"] = 1, ["host"] = "10.0.0.1", ["upstreamRouters"] = new JsonArray() };
                using var created = await http.PostAsJsonAsync("iofog", agent, cancelled);
                created.EnsureSuccessStatusCode();
            },
            cancellationToken);
        return Count / took.TotalSeconds;
    }
}
