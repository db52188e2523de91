using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local;
using IoFog.Operator.Local.Cluster;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace IoFog.Operator.Unit;

/// <summary>The emulated API server without a socket: requests of a client go straight to it.</summary>
internal sealed class InMemoryCluster : IDisposable
{
    private static readonly JsonObject[] Definitions =
        [.. Directory.GetFiles(Layout.Crds, "*.yaml").Select(file => Yaml.Parse(File.ReadAllText(file))!.AsObject())];

    private readonly CancellationTokenSource stopping = new();
    private readonly ApiServer server;

    public InMemoryCluster(TimeProvider time)
    {
        State = new(1000, time);
        server = new(State, new(State, null), "admin", new() { Time = time }, stopping.Token);
        foreach (var definition in Definitions)
            Send(HttpMethod.Post, "apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);
    }

    public ClusterState State { get; }

    /// <summary>How many writes were answered.</summary>
    public int Writes { get; private set; }

    /// <summary>A client whose every request passes <paramref name="before"/> first.</summary>
    public KubernetesApi Client(Func<HttpRequestMessage, Task>? before = null) =>
        new(new HttpClient(new Handler(this, before)) { BaseAddress = new("http://cluster/") }, null);

    /// <summary>A client with another token than the administrator's.</summary>
    public KubernetesApi ClientAs(string token) =>
        new(new HttpClient(new Handler(this, null)) { BaseAddress = new("http://cluster/") }, new k8s.Authentication.TokenCredentials(token));

    /// <summary>A request as the administrator.</summary>
    public JsonObject Send(HttpMethod method, string path, JsonObject? body = null, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, $"http://cluster/{path}");
        if (body is not null)
        {
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body));
            request.Content.Headers.ContentType = new(contentType);
        }

        using var response = AnswerAsync(request).GetAwaiter().GetResult();
        var text = response.Content.ReadAsStringAsync().GetAwaiter().GetResult();
        return response.IsSuccessStatusCode ? JsonNode.Parse(text)!.AsObject() : throw new InvalidOperationException(text);
    }

    public JsonObject? Find(Kind kind, string name) =>
        State.Storage.Find(new(Kind.Group, kind.Plural), "default", name)?.Content;

    public void Create(Kind kind, string name, JsonObject? spec = null) => Send(HttpMethod.Post, kind.PathOf("default"), new()
    {
        ["apiVersion"] = Kind.ApiVersion,
        ["kind"] = kind.Name,
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = spec ?? [],
    });

    public void Patch(Kind kind, string name, string json) =>
        Send(HttpMethod.Patch, kind.PathOf(new ResourceKey("default", name)), JsonNode.Parse(json)!.AsObject(), "application/merge-patch+json");

    public void Delete(Kind kind, string name) => Send(HttpMethod.Delete, kind.PathOf(new ResourceKey("default", name)));

    public Watched Watched(Kind kind, string name) => new WatchedReader(kind).Read(State.Storage.Find(new(Kind.Group, kind.Plural), "default", name)!.Utf8);

    public void Dispose() => stopping.Dispose();

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request)
    {
        if (request.Method != HttpMethod.Get)
            Writes++;
        var context = new DefaultHttpContext();
        context.Request.Method = request.Method.Method;
        context.Request.Path = request.RequestUri!.AbsolutePath;
        context.Request.QueryString = new(request.RequestUri.Query);
        context.Request.Headers.Authorization = request.Headers.Authorization?.ToString() ?? "Bearer admin";
        context.Request.Headers.UserAgent = "unit";
        foreach (var (name, values) in request.Headers.Where(header => header.Key != "Authorization"))
            context.Request.Headers[name] = new StringValues(values.ToArray());
        if (request.Content is not null)
        {
            context.Request.Body = new MemoryStream(await request.Content.ReadAsByteArrayAsync());
            context.Request.ContentType = request.Content.Headers.ContentType?.ToString();
        }

        using var body = new MemoryStream();
        context.Response.Body = body;
        await server.HandleAsync(context);
        return new((HttpStatusCode)context.Response.StatusCode) { Content = new ByteArrayContent(body.ToArray()), RequestMessage = request };
    }

    private sealed class Handler(InMemoryCluster cluster, Func<HttpRequestMessage, Task>? before) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (before is not null)
                await before(request).WaitAsync(cancellationToken);
            return await cluster.AnswerAsync(request);
        }
    }
}
