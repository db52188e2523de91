using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Benchmarks.Rig;
using IoFog.Operator.Changes;
using IoFog.Operator.Local;

namespace IoFog.Operator.Benchmarks.Figures;

/// <summary>An app from zero: what a cold start adds, without the host in front.</summary>
internal static class HandlerStart
{
    public static async Task RunAsync(Samples samples, Arguments arguments, CancellationToken cancellationToken)
    {
        await using var network = await Network.StartAsync(arguments, withApps: false, cancellationToken);
        await network.CreateAsync("first", cancellationToken);
        await Poll.UntilAsync("the agent", () => Task.FromResult(network.Agents.Agents.ContainsKey("first")), cancellationToken);
        var agent = network.Agents.Agents["first"];
        var message = new Change { Kind = Kinds.Agent, Key = agent.Key, Uid = agent.Uid, Reason = DueReason.Spec, Time = TimeProvider.System.GetUtcNow() }.ToJson();
        var body = new JsonObject { ["Data"] = new JsonObject { ["change"] = Quoted(message) }, ["Metadata"] = new JsonObject() }.ToJsonString();
        var port = FreePort();
        using var http = new HttpClient();
        var began = TimeProvider.System.GetTimestamp();
        await using var app = LocalProcess.Start(
            Path.Combine(arguments.Stack.App, "app"),
            [],
            arguments.Stack.App,
            new Dictionary<string, string>
            {
                ["FUNCTIONS_CUSTOMHANDLER_PORT"] = $"{port}",
                ["KUBECONFIG"] = network.Stack.KubeconfigPath,
                ["AzureWebJobsStorage"] = network.Stack.Storage.ConnectionString,
                ["Controller__Url"] = network.Stack.ControllerUrl,
            },
            static _ => { });
        await Poll.UntilAsync("the app listening", async () => await AnswersAsync(http, port, cancellationToken), cancellationToken);
        samples.Add("listening", "ms", TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{port}/Agent"), content, cancellationToken);
        answer.EnsureSuccessStatusCode();
        samples.Add("first message handled", "ms", TimeProvider.System.GetElapsedTime(began).TotalMilliseconds, "≤ 250");
        samples.Add("resident", "MB", ProcessMemory.Resident(app.Id), "≤ 60");
        samples.Add("binary", "MB", new FileInfo(Path.Combine(arguments.Stack.App, "app")).Length / 1024.0 / 1024.0);
    }

    private static async Task<bool> AnswersAsync(HttpClient http, int port, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/"), cancellationToken);
            return true;
        }
        catch (HttpRequestException)
        {
            return false; // not yet
        }
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
