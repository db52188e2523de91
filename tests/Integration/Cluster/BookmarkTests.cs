using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local.Cluster;

namespace IoFog.Operator.Integration.Cluster;

/// <summary>A watch that asked for bookmarks gets them for as long as it is quiet: silence means that it is broken.</summary>
public sealed class BookmarkTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_quiet_watch_is_told_again_and_again_where_it_is()
    {
        await using var cluster = await ClusterEmulator.StartAsync(new() { BookmarkEvery = TimeSpan.FromMilliseconds(50) }, null, Token);
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, cluster.Kubeconfig, Token);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
            limit.CancelAfter(TimeSpan.FromSeconds(30));
            using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/namespaces/default/configmaps?watch=1&allowWatchBookmarks=true");
            using var response = await KubernetesConnection.Open(file).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(limit.Token));
            var told = new List<string>();
            while (told.Count(what => what == "BOOKMARK") < 3)
                told.Add(JsonNode.Parse((await reader.ReadLineAsync(limit.Token))!)!["type"]!.GetValue<string>());
        }
        finally
        {
            File.Delete(file);
        }
    }
}
