using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Benchmarks.Rig;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Benchmarks.Figures;

/// <summary>How long the watcher takes to see all of a large Controller once, and how much of the Controller's time that costs.</summary>
internal static class ControllerRound
{
    private const int Agents = 1000;
    private const int Applications = 100;
    private const int MicroservicesEach = 100;

    public static async Task RunAsync(Samples samples, Arguments arguments, CancellationToken cancellationToken)
    {
        await using var network = await Network.StartAsync(arguments, withApps: false, cancellationToken);
        using (var controller = await ControllerUser.SignInAsync(network.Stack.ControllerUrl, cancellationToken))
            await FillAsync(controller, cancellationToken);
        await DeclareAsync(network.Stack.Api, cancellationToken);

        await using var watcher = WatcherProcess.Start(arguments, network.Stack.KubeconfigPath, network.Stack.Storage.ConnectionString, new()
        {
            ["Controller__Url"] = network.Stack.ControllerUrl,
            ["Watcher__ControllerPollSeconds"] = "5",
        });
        await watcher.ReadyAsync(cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        await Poll.UntilAsync("a whole round", async () => await watcher.ReadMetricAsync("iofog_controller_round_seconds", cancellationToken) > 0, cancellationToken, 500);
        samples.Add("all of 1,000 agents and 10,000 microservices seen", "s", await watcher.ReadMetricAsync("iofog_controller_round_seconds", cancellationToken));
        var share = await watcher.ReadMetricAsync("iofog_controller_poll_seconds_sum", cancellationToken) / TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        samples.Add("share of the Controller's time", "%", share * 100, "about 3");
    }

    private static async Task FillAsync(HttpClient controller, CancellationToken cancellationToken)
    {
        using (var router = await controller.PutAsJsonAsync("router", new JsonObject { ["host"] = "router.local" }, cancellationToken))
            router.EnsureSuccessStatusCode();
        await EachAsync(Agents, i => controller.PostAsJsonAsync(
            "iofog", new JsonObject { ["name"] = $"agent-{i}", ["fogType"] = 1, ["routerMode"] = "none", ["host"] = "10.0.0.1" }, cancellationToken), cancellationToken);
        await EachAsync(Applications, i => controller.PostAsJsonAsync(
            "application",
            new JsonObject { ["name"] = $"application-{i}", ["microservices"] = new JsonArray([.. Enumerable.Range(0, MicroservicesEach).Select(j => Microservice((i * MicroservicesEach) + j))]) },
            cancellationToken), cancellationToken);
    }

    private static JsonNode Microservice(int i) => new JsonObject
    {
        ["name"] = $"microservice-{i}",
        ["agentName"] = $"agent-{i % Agents}",
        ["registryId"] = 1,
        ["images"] = new JsonArray(new JsonObject { ["fogTypeId"] = 1, ["containerImage"] = "busybox:1" }),
    };

    // The watcher looks at the applications that somebody has declared.
    private static async Task DeclareAsync(KubernetesApi api, CancellationToken cancellationToken)
    {
        var secret = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = ControllerConnection.CredentialsSecret },
            ["stringData"] = new JsonObject { ["email"] = ControllerUser.Email, ["password"] = ControllerUser.Password },
        };
        await api.CreateAsync("api/v1/namespaces/default/secrets", secret, KubernetesJson.Default.JsonObject, cancellationToken);
        for (var i = 0; i < Applications; i++)
        {
            await api.CreateAsync(
                Kinds.Application.PathOf("default"),
                new JsonObject
                {
                    ["apiVersion"] = Kind.ApiVersion,
                    ["kind"] = Kinds.Application.Name,
                    ["metadata"] = new JsonObject { ["name"] = string.Create(CultureInfo.InvariantCulture, $"application-{i}") },
                    ["spec"] = new JsonObject(),
                },
                KubernetesJson.Default.JsonObject,
                cancellationToken);
        }
    }

    private static Task EachAsync(int count, Func<int, Task<HttpResponseMessage>> send, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken }, async (i, _) =>
        {
            using var answer = await send(i);
            answer.EnsureSuccessStatusCode();
        });
}
