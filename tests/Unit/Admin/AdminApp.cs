using System.Net;
using System.Text.Json.Nodes;
using IoFog.Operator.Admin;
using IoFog.Operator.Controller;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Unit.Admin;

/// <summary>The admin functions on the emulated API server, its tokens and its roles, without a socket.</summary>
internal sealed class AdminApp : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly RequestDelegate pipeline;
    private readonly Lines lines = new();

    public AdminApp(bool self = false, double perSecond = 1000)
    {
        Cluster = new(Time);
        foreach (var (role, verbs) in new[] { ("viewer", (string[])["get", "list"]), ("editor", ["get", "list", "update"]), ("stranger", []) })
            AddRole(role, verbs, ["*"]);
        AddRole("agent-viewer", ["get", "list"], ["agents"]);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(lines);
        builder.Services.AddSingleton<TimeProvider>(Time).AddSingleton(Cluster.Client(Count)).AddController(builder.Configuration).AddAdmin(builder.Configuration);
        var options = new AdminOptions { Namespace = "default", Storage = "", SelfReviews = self, RequestsPerSecond = perSecond };
        builder.Services.AddSingleton(options);
        if (self)
            builder.Services.AddSingleton<IReviews>(new SelfReviews(token => Cluster.ClientAs(token), options));
        app = builder.Build();
        app.UseRouting();
        app.MapAdmin();
        app.UseEndpoints(_ => { });
        pipeline = ((IApplicationBuilder)app).Build();
        Self = self;
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    public InMemoryCluster Cluster { get; }

    /// <summary>Paths of the requests that the admin functions sent to the API server.</summary>
    public List<string> Sent { get; } = [];

    /// <summary>What was logged.</summary>
    public IReadOnlyList<string> Logged => lines.All;

    private bool Self { get; }

    /// <summary>A token of a role, for the audience that is wanted.</summary>
    public string TokenOf(string role, string? audience = null) => Cluster.Send(
        HttpMethod.Post, $"api/v1/namespaces/default/serviceaccounts/{role}/token",
        new() { ["spec"] = new JsonObject { ["audiences"] = new JsonArray(audience ?? (Self ? "https://kubernetes.default.svc" : "iofog-admin")) } })["status"]!["token"]!.GetValue<string>();

    public async Task<Reply> AskAsync(string method, string path, string? token, string? tag = null)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        using var body = new MemoryStream();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(body));
        context.Request.Method = method;
        context.Request.Path = path;
        if (token is not null)
            context.Request.Headers.Authorization = $"Bearer {token}";
        if (tag is not null)
            context.Request.Headers.IfNoneMatch = tag;
        await pipeline(context);
        return new((HttpStatusCode)context.Response.StatusCode, context.Response.Headers, body.ToArray());
    }

    /// <summary>Gives a role other verbs on other kinds.</summary>
    public void AddRole(string name, string[] verbs, string[] plurals)
    {
        Cluster.Send(HttpMethod.Post, "api/v1/namespaces/default/serviceaccounts", Named("v1", "ServiceAccount", name, []));
        Cluster.Send(HttpMethod.Post, "apis/rbac.authorization.k8s.io/v1/namespaces/default/roles", Named("rbac.authorization.k8s.io/v1", "Role", name, new()
        {
            ["rules"] = new JsonArray(new JsonObject { ["apiGroups"] = new JsonArray(Kind.Group), ["resources"] = Texts(plurals), ["verbs"] = Texts(verbs.Length == 0 ? ["watch"] : verbs) }),
        }));
        Cluster.Send(HttpMethod.Post, "apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings", Named("rbac.authorization.k8s.io/v1", "RoleBinding", name, new()
        {
            ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "Role", ["name"] = name },
            ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = name, ["namespace"] = "default" }),
        }));
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        Cluster.Dispose();
    }

    private Task Count(HttpRequestMessage request)
    {
        Sent.Add(request.RequestUri!.AbsolutePath);
        return Task.CompletedTask;
    }

    private static JsonArray Texts(string[] texts) => new([.. texts.Select(text => (JsonNode)text)]);

    private static JsonObject Named(string version, string kind, string name, JsonObject content)
    {
        content["apiVersion"] = version;
        content["kind"] = kind;
        content["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" };
        return content;
    }

    internal sealed record Reply(HttpStatusCode Status, IHeaderDictionary Headers, byte[] Body)
    {
        public JsonNode Json => JsonNode.Parse(Body)!;
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly List<string> all = [];

        public IReadOnlyList<string> All => all;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            all.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
