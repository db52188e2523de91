using System.Net;
using System.Text.Json;
using IoFog.Operator.Controller;
using IoFog.Operator.Watcher;

namespace IoFog.Operator.Unit.Watcher;

public sealed class EdgeResourceContentTests
{
    private static readonly ulong Cam = EntryName.Hash(Kinds.EdgeResource, Kinds.EdgeResource.Entry!.Fields, "cam", null, "1.0.0");

    [Fact]
    public async Task Links_tags_and_interface_are_part_of_what_an_edge_resource_is()
    {
        var seen = new HashSet<ulong>
        {
            await HashAsync("[]", "{}"),
            await HashAsync("""[{"uuid":"u1","name":"a","tags":["t"],"edgeResources":[{"name":"cam","version":"1.0.0"}]}]""", "{}"),
            await HashAsync("""[{"uuid":"u1","name":"a","tags":[],"edgeResources":[{"name":"cam","version":"1.0.0"}]}]""", "{}"),
            await HashAsync("[]", """{"interface":1}"""),
            await HashAsync("[]", null),
        };
        Assert.Equal(5, seen.Count);
        Assert.Equal(await HashAsync("[]", "{}"), await HashAsync("""[{"uuid":"u1","name":"a","tags":["t"],"edgeResources":[]}]""", "{}"));
    }

    [Fact]
    public async Task Reads_new_names_at_once_and_the_others_by_turns()
    {
        var asked = new List<string>();
        var content = new EdgeResourceContent();
        var client = Client(path =>
        {
            asked.Add(path);
            return "{}";
        });
        await AddAsync(content, client, 25);
        Assert.Equal(25, asked.Count);
        for (var look = 0; look < 3; look++)
        {
            asked.Clear();
            await AddAsync(content, client, 25);
            Assert.Equal(Enumerable.Range(look * 10, 10).Select(i => $"r{i % 25:00}"), asked);
        }
    }

    private static async Task<ulong> HashAsync(string agents, string? detail)
    {
        var content = new EdgeResourceContent();
        using var list = JsonDocument.Parse($$"""{"fogs":{{agents}}}""");
        content.SeeAgents(list.RootElement);
        using var resources = JsonDocument.Parse("""{"edgeResources":[{"name":"cam","version":"1.0.0"}]}""");
        var entries = new Dictionary<ulong, ulong> { [Cam] = 1 };
        await content.AddAsync(Client(_ => detail), resources.RootElement, entries, TestContext.Current.CancellationToken);
        return entries[Cam];
    }

    private static async Task AddAsync(EdgeResourceContent content, ControllerClient client, int count)
    {
        using var resources = JsonDocument.Parse(
            $$"""{"edgeResources":[{{string.Join(',', Enumerable.Range(0, count).Select(i => $$"""{"name":"r{{i:00}}","version":"1.0.0"}"""))}}]}""");
        await content.AddAsync(client, resources.RootElement, [], TestContext.Current.CancellationToken);
    }

    // A Controller that knows details; null is one whose interface got lost.
    private static ControllerClient Client(Func<string, string?> detail) => new(
        new HttpClient(new Handler(request => detail(request.RequestUri!.Segments[^1]) is { } body
            ? new(HttpStatusCode.OK) { Content = new StringContent(body) }
            : new(HttpStatusCode.InternalServerError) { Content = new StringContent("""{"name":"TypeError","message":"x"}""") })),
        new ControllerSession(new("http://controller/"), null));

    private sealed class Handler(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }
}
