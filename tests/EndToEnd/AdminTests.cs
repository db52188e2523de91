using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Queues;
using IoFog.Operator.Changes;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.EndToEnd;

/// <summary>The admin functions, through the host.</summary>
[Collection(nameof(StackFixture))]
public sealed class AdminTests(StackFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_answers_everybody_and_all_else_needs_a_token()
    {
        using var nobody = Client(null);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(nobody, HttpMethod.Get, "api/health"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(nobody, HttpMethod.Get, "api/overview"));
        using var stranger = Client("wrong");
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(stranger, HttpMethod.Get, "api/overview"));
        await fixture.EventuallyAsync("the router's account", async () =>
            (await fixture.Kubectl.RunAsync(Token, "get", "serviceaccounts", "-o", "name")).Contains("serviceaccount/router", StringComparison.Ordinal));
        using var powerless = Client(await fixture.TokenOfAsync("router"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(powerless, HttpMethod.Get, "api/overview"));
    }

    [Fact]
    public async Task The_overview_counts_objects_and_queues()
    {
        using var admin = Client(AdminToken);
        JsonNode? overview = null;
        await fixture.EventuallyAsync("a Ready control plane in the overview", async () =>
        {
            overview = await admin.GetFromJsonAsync<JsonNode>("api/overview", Token);
            return overview!["kinds"]!["ControlPlane"]!["objects"]!["ready"]!.GetValue<int>() == 1;
        });
        Assert.Equal(0, overview!["kinds"]!["Agent"]!["queue"]!["poison"]!.GetValue<int>());
    }

    [Fact]
    public async Task Reconcile_now_is_honoured()
    {
        using var admin = Client(AdminToken);
        await fixture.EventuallyAsync("the agent", async () => await StatusAsync(admin, HttpMethod.Get, "api/objects/agents/zebra-1") == HttpStatusCode.OK);
        using var answer = await admin.PostAsync(new Uri("api/objects/agents/zebra-1/reconcile", UriKind.Relative), null, Token);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var request = (await answer.Content.ReadFromJsonAsync<JsonNode>(Token))!["request"]!.GetValue<string>();
        await fixture.EventuallyAsync("the request in the status", async () =>
            (await admin.GetFromJsonAsync<JsonNode>("api/objects/agents/zebra-1", Token))?["object"]?["status"]?["requests"]?["reconcile"]?.GetValue<string>() == request);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(admin, HttpMethod.Post, "api/objects/agents/nobody/reconcile"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(admin, HttpMethod.Get, "api/objects/toasters/x"));
    }

    [Fact]
    public async Task What_the_Controller_holds_is_compared_and_unchanged_answers_are_not_sent()
    {
        using var admin = Client(AdminToken);
        await fixture.EventuallyAsync("an agent as its object says", async () =>
            (await admin.GetFromJsonAsync<JsonNode>("api/objects/agents/zebra-1/comparison", Token)) is { } view && view["held"]?.GetValue<bool>() == true
            && view["fields"]!.AsArray() is { Count: > 2 } fields && fields.All(field => field!["same"]!.GetValue<bool>()));
        await fixture.EventuallyAsync("a control plane as its object says", async () =>
            (await admin.GetFromJsonAsync<JsonNode>("api/objects/controlplanes/iofog/comparison", Token)) is { } view && view["held"]?.GetValue<bool>() == true
            && view["fields"]!.AsArray() is { Count: > 2 } fields && fields.All(field => field!["same"]!.GetValue<bool>()));
        await fixture.EventuallyAsync("an unchanged graph", async () =>
        {
            using var first = await admin.GetAsync(new Uri("api/graph", UriKind.Relative), Token);
            using var again = new HttpRequestMessage(HttpMethod.Get, new Uri("api/graph", UriKind.Relative));
            again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
            using var answer = await admin.SendAsync(again, Token);
            return answer.StatusCode == HttpStatusCode.NotModified;
        });
    }

    [Fact]
    public async Task A_message_that_nobody_understands_ends_in_the_poison_queue_and_can_be_discarded()
    {
        using var admin = Client(AdminToken);
        var queue = new QueueClient(fixture.Stack.Storage.ConnectionString, "iofog-routes", new() { MessageEncoding = QueueMessageEncoding.Base64 });
        await new QueueClient(fixture.Stack.Storage.ConnectionString, "iofog-routes-poison").CreateIfNotExistsAsync(cancellationToken: Token);
        await new QueueClient(fixture.Stack.Storage.ConnectionString, "iofog-routes-poison", new() { MessageEncoding = QueueMessageEncoding.Base64 }).SendMessageAsync("hello", Token);
        var messages = (await admin.GetFromJsonAsync<JsonNode>("api/poison/routes", Token))!["messages"]!.AsArray();
        var message = Assert.Single(messages)!;
        Assert.Contains("not a change", message["why"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(5, message["length"]!.GetValue<int>());
        Assert.Equal(1, (await admin.GetFromJsonAsync<JsonNode>("api/overview", Token))!["kinds"]!["Route"]!["queue"]!["poison"]!.GetValue<int>());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(admin, HttpMethod.Delete, $"api/poison/routes/{message["id"]}"));
        Assert.Empty((await admin.GetFromJsonAsync<JsonNode>("api/poison/routes", Token))!["messages"]!.AsArray());
        await fixture.EventuallyAsync("an empty queue", async () => (await queue.GetPropertiesAsync(Token)).Value.ApproximateMessagesCount == 0);
    }

    [Fact]
    public async Task Poison_that_is_thrown_away_leaves_an_Event_on_its_object()
    {
        using var admin = Client(AdminToken);
        JsonNode? agent = null;
        await fixture.EventuallyAsync("the agent", async () =>
            (agent = await fixture.Stack.Api.FindAsync(Kinds.Agent.PathOf(new ResourceKey("default", "zebra-1")), KubernetesJson.Default.JsonObject, Token)) is not null);
        var change = new Change
        {
            Kind = Kinds.Agent,
            Key = new("default", "zebra-1"),
            Uid = Guid.Parse(agent!["metadata"]!["uid"]!.GetValue<string>()),
            Reason = DueReason.Spec,
            Time = TimeProvider.System.GetUtcNow(),
        };
        var poison = new QueueClient(fixture.Stack.Storage.ConnectionString, $"{Kinds.Agent.Queue}-poison", new() { MessageEncoding = QueueMessageEncoding.Base64 });
        await poison.CreateIfNotExistsAsync(cancellationToken: Token);
        await poison.SendMessageAsync(change.ToJson(), Token);
        var message = Assert.Single((await admin.GetFromJsonAsync<JsonNode>("api/poison/agents", Token))!["messages"]!.AsArray())!;
        Assert.Equal("default/zebra-1", message["subject"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(admin, HttpMethod.Delete, $"api/poison/agents/{message["id"]}"));
        Assert.Contains("PoisonDiscarded", await fixture.Kubectl.RunAsync(Token, "describe", "agent", "zebra-1"), StringComparison.Ordinal);
    }

    private string AdminToken => fixture.Stack.Cluster!.Identity.AdminToken;

    private HttpClient Client(string? token)
    {
        Assert.SkipWhen(fixture.Stack.AdminUrl is null || fixture.Stack.Cluster is null, "the admin functions run on the emulated host here");
        var client = new HttpClient { BaseAddress = fixture.Stack.AdminUrl };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        using var response = await client.SendAsync(request, Token);
        return response.StatusCode;
    }
}
