using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local;
using IoFog.Operator.Local.Cluster;

namespace IoFog.Operator.Integration.Cluster;

/// <summary>
/// What an API server answers, as tables: facts.json, and facts-builtins.json of what a ControlPlane owns. They run against the emulator, and
/// against a real API server where <c>IOFOG_TEST_KUBECONFIG</c> names one: an emulator that accepts what the real one refuses is wrong.
/// </summary>
public sealed class FactsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("facts.json")]
    [InlineData("facts-builtins.json")]
    public async Task Answers_as_the_table_says(string table)
    {
        await using var emulator = Environment.GetEnvironmentVariable("IOFOG_TEST_KUBECONFIG") is { Length: > 0 }
            ? null
            : await ClusterEmulator.StartAsync(new(), null, Token);
        var api = await OpenAsync(emulator);
        foreach (var file in Directory.GetFiles(Layout.Crds, "*.yaml"))
            await Manifests.ApplyAsync(api, Yaml.Parse(await File.ReadAllTextAsync(file, Token))!.AsObject(), "default", Token);
        foreach (var plural in new[] { "agents", "routes" })
            await Eventually.HoldsAsync($"{plural} are served", async () => await api.FindAsync($"apis/iofog.org/v3/namespaces/default/{plural}", Token) is not null);

        var wrong = new List<string>();
        foreach (var fact in JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Cluster", table), Token))!.AsArray())
            wrong.AddRange(await CheckAsync(api, fact!));
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task A_watch_sends_what_happens_and_a_version_that_is_too_old_is_gone()
    {
        await using var emulator = await ClusterEmulator.StartAsync(new(), new(history: 3, TimeProvider.System), Token);
        var api = await OpenAsync(emulator);
        await Manifests.ApplyAsync(api, Yaml.Parse(await File.ReadAllTextAsync(Path.Combine(Layout.Crds, "agents.yaml"), Token))!.AsObject(), "default", Token);
        for (var i = 0; i < 6; i++)
            await Manifests.ApplyAsync(api, new JsonObject { ["apiVersion"] = "iofog.org/v3", ["kind"] = "Agent", ["metadata"] = new JsonObject { ["name"] = $"a{i}" }, ["spec"] = new JsonObject() }, "default", Token);
        var list = await api.GetAsync("apis/iofog.org/v3/namespaces/default/agents?limit=2", KubernetesJson.Default.JsonObject, Token);
        Assert.Equal(2, list["items"]!.AsArray().Count);
        Assert.NotNull(list["metadata"]!["continue"]);
        Assert.Contains("\"code\":410", await FirstLineAsync(api, "1"), StringComparison.Ordinal);
        var version = list["metadata"]!["resourceVersion"]!.GetValue<string>();
        var watching = FirstLineAsync(api, version);
        await api.DeleteAsync("apis/iofog.org/v3/namespaces/default/agents/a0", Token);
        Assert.Contains("\"type\":\"DELETED\"", await watching, StringComparison.Ordinal);
    }

    private static async Task<string> FirstLineAsync(KubernetesApi api, string version)
    {
        using var response = await api.SendAsync(
            new(HttpMethod.Get, $"apis/iofog.org/v3/namespaces/default/agents?watch=1&timeoutSeconds=20&resourceVersion={version}"), HttpCompletionOption.ResponseHeadersRead, Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        return await reader.ReadLineAsync(Token) ?? "";
    }

    private static async Task<KubernetesApi> OpenAsync(ClusterEmulator? emulator)
    {
        if (emulator is null)
            return KubernetesConnection.Open(Environment.GetEnvironmentVariable("IOFOG_TEST_KUBECONFIG"));
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, emulator.Kubeconfig, Token);
        var api = KubernetesConnection.Open(file);
        File.Delete(file);
        return api;
    }

    private static async Task<IEnumerable<string>> CheckAsync(KubernetesApi api, JsonNode fact)
    {
        var path = fact["path"]!.GetValue<string>()
            .Replace("{agents}", "apis/iofog.org/v3/namespaces/default/agents", StringComparison.Ordinal)
            .Replace("{routes}", "apis/iofog.org/v3/namespaces/default/routes", StringComparison.Ordinal);
        var (status, text) = await SendAsync(api, fact, path);
        if (fact["retry"]?.GetValue<int>() is { } passing)
            await Eventually.HoldsAsync($"{fact["fact"]}", async () => ((status, text) = await SendAsync(api, fact, path)).status != passing);
        if (status != fact["status"]!.GetValue<int>())
            return [$"{fact["fact"]}: {status} {text}"];
        if (fact["says"]?.GetValue<string>() is { } says && !text.Contains(says, StringComparison.Ordinal))
            return [$"{fact["fact"]}: {text}"];
        var answer = JsonNode.Parse(text);
        return fact["has"]!.AsObject()
            .Where(wanted => !JsonNode.DeepEquals(Read(answer, wanted.Key), wanted.Value))
            .Select(wanted => $"{fact["fact"]}: {wanted.Key} is {Read(answer, wanted.Key)?.ToJsonString() ?? "absent"}");
    }

    private static async Task<(int Status, string Text)> SendAsync(KubernetesApi api, JsonNode fact, string path)
    {
        var request = new HttpRequestMessage(new(fact["method"]!.GetValue<string>()), path);
        if (fact["body"] is { } body)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString())) { Headers = { ContentType = new MediaTypeHeaderValue(fact["type"]?.GetValue<string>() ?? "application/json") } };
        using var response = await api.SendAsync(request, HttpCompletionOption.ResponseContentRead, Token);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }

    private static JsonNode? Read(JsonNode? node, string path) => path.Split('.').Aggregate(node, (at, segment) => at switch
    {
        JsonArray list => int.Parse(segment) < list.Count ? list[int.Parse(segment)] : null,
        JsonObject map => map[segment],
        _ => null,
    });
}
