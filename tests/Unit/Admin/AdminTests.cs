using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IoFog.Operator.Local;

namespace IoFog.Operator.Unit.Admin;

public sealed partial class AdminTests
{
    private static readonly string[] Looks =
    [
        "/api/overview", "/api/objects", "/api/objects/agents", "/api/objects/agents/zebra-1", "/api/objects/agents/zebra-1/comparison", "/api/why/agents/zebra-1",
        "/api/graph", "/api/diagnostics",
    ];

    private static readonly string[] Does =
    [
        "/api/objects/agents/zebra-1/reconcile", "/api/objects/agents/zebra-1/pause", "/api/objects/agents/zebra-1/resume", "/api/reconcile/agents", "/api/reconcile",
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_role_may_do_what_it_may_and_nothing_else(bool self)
    {
        await using var app = new AdminApp(self);
        app.Cluster.Create(Kinds.Agent, "zebra-1", new() { ["host"] = "10.0.0.1" });
        foreach (var (token, look, act) in new[]
        {
            (null, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized),
            ("nonsense", HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized),
            (app.TokenOf("stranger"), HttpStatusCode.Forbidden, HttpStatusCode.Forbidden),
            (app.TokenOf("viewer"), HttpStatusCode.OK, HttpStatusCode.Forbidden),
            (app.TokenOf("editor"), HttpStatusCode.OK, HttpStatusCode.Accepted),
        })
        {
            foreach (var path in Looks)
                Assert.Equal((path, look), (path, (await app.AskAsync("GET", path, token)).Status));
            foreach (var path in Does)
                Assert.Equal((path, act), (path, (await app.AskAsync("POST", path, token)).Status));
        }
    }

    [Theory]
    [InlineData("GET", "/api/objects/agents/%3Flimit=500")] // it would be a list
    [InlineData("GET", "/api/objects/agents/zebra-1%2Fstatus")]
    [InlineData("GET", "/api/objects/agents/Zebra")]
    [InlineData("GET", "/api/objects/agents/%3Fwatch=true/comparison")]
    [InlineData("GET", "/api/why/agents/%3Flimit=500")]
    [InlineData("POST", "/api/objects/agents/zebra-1%3FdryRun=All/pause")]
    public async Task What_can_be_no_name_is_asked_for_nowhere(string method, string path)
    {
        await using var app = new AdminApp();
        app.Cluster.Create(Kinds.Agent, "zebra-1", new() { ["host"] = "10.0.0.1" });
        var answer = await app.AskAsync(method, path, app.TokenOf("editor"));
        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Contains("nor can there be one", answer.Json.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_see_one_kind_sees_one_kind()
    {
        await using var app = new AdminApp();
        app.Cluster.Create(Kinds.Agent, "zebra-1", new() { ["host"] = "10.0.0.1" });
        app.Cluster.Create(Kinds.Route, "a-to-b", new() { ["application"] = "x", ["from"] = "a", ["to"] = "b" });
        var token = app.TokenOf("agent-viewer");
        var overview = (await app.AskAsync("GET", "/api/overview", token)).Json;
        Assert.Equal(1, overview["kinds"]!["Agent"]!["objects"]!["new"]!.GetValue<int>());
        Assert.False(overview["kinds"]!["Agent"]!["mayUpdate"]!.GetValue<bool>());
        Assert.True(overview["kinds"]!["Route"]!["forbidden"]!.GetValue<bool>());
        Assert.Equal("Agent/zebra-1", Assert.Single((await app.AskAsync("GET", "/api/objects", token)).Json["items"]!.AsArray())!["id"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.Forbidden, (await app.AskAsync("GET", "/api/objects/routes/a-to-b", token)).Status);
        Assert.DoesNotContain("Route/", System.Text.Encoding.UTF8.GetString((await app.AskAsync("GET", "/api/graph", token)).Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_for_somebody_else_is_not_accepted()
    {
        await using var app = new AdminApp();
        foreach (var audience in new[] { "https://kubernetes.default.svc", "another" })
        {
            var answer = await app.AskAsync("GET", "/api/graph", app.TokenOf("editor", audience));
            Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
            Assert.Contains("--audience=iofog-admin", answer.Json["title"]!.GetValue<string>(), StringComparison.Ordinal);
            Assert.StartsWith("Bearer", answer.Headers.WWWAuthenticate.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_the_cluster_said_is_remembered_for_moments_only()
    {
        await using var app = new AdminApp();
        app.AddRole("guest", ["list"], ["agents"]);
        var token = app.TokenOf("guest");
        await app.AskAsync("GET", "/api/objects/agents", token);
        await app.AskAsync("GET", "/api/objects/agents", token);
        Assert.Equal(1, app.Sent.Count(path => path.EndsWith("/tokenreviews", StringComparison.Ordinal)));
        Assert.Equal(1, app.Sent.Count(path => path.EndsWith("/subjectaccessreviews", StringComparison.Ordinal)));
        app.Cluster.Send(HttpMethod.Delete, "apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings/guest");
        Assert.Equal(HttpStatusCode.OK, (await app.AskAsync("GET", "/api/objects/agents", token)).Status);
        app.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(HttpStatusCode.Forbidden, (await app.AskAsync("GET", "/api/objects/agents", token)).Status);
    }

    [Fact]
    public async Task An_act_leaves_an_annotation_an_Event_and_a_line()
    {
        await using var app = new AdminApp();
        app.Cluster.Create(Kinds.Agent, "zebra-1", new() { ["host"] = "10.0.0.1" });
        var token = app.TokenOf("editor");
        var request = (await app.AskAsync("POST", "/api/objects/Agent/zebra-1/reconcile", token)).Json["request"]!.GetValue<string>();
        Assert.Equal(request, Annotations()["request.iofog.org/reconcile"]!.GetValue<string>());
        await app.AskAsync("POST", "/api/objects/agents/zebra-1/pause", token);
        Assert.Equal("true", Annotations()["iofog.org/paused"]!.GetValue<string>());
        await app.AskAsync("POST", "/api/objects/agents/zebra-1/resume", token);
        Assert.Null(Annotations()["iofog.org/paused"]);
        var view = (await app.AskAsync("GET", "/api/objects/agents/zebra-1", token)).Json;
        Assert.Equal(
            ["PauseRequested", "ReconcileRequested", "ResumeRequested"],
            view["events"]!.AsArray().Select(told => told!["reason"]!.GetValue<string>()).Order());
        Assert.All(view["events"]!.AsArray(), told => Assert.Contains("system:serviceaccount:default:editor", told!["note"]!.GetValue<string>(), StringComparison.Ordinal));
        Assert.Contains("Audit: system:serviceaccount:default:editor pause Agent zebra-1", app.Logged);
        Assert.DoesNotContain(app.Logged, line => line.Contains(token, StringComparison.Ordinal));
        Assert.NotEmpty(view["changes"]!.AsArray());
        Assert.True(view["mayUpdate"]!.GetValue<bool>());

        JsonObject Annotations() => app.Cluster.Find(Kinds.Agent, "zebra-1")!["metadata"]!["annotations"]?.AsObject() ?? [];
    }

    [Fact]
    public async Task A_kind_or_all_are_reconciled_at_once()
    {
        await using var app = new AdminApp();
        for (var i = 0; i < 30; i++)
            app.Cluster.Create(Kinds.Agent, $"zebra-{i}", new() { ["host"] = "10.0.0.1" });
        app.Cluster.Create(Kinds.Route, "a-to-b", new() { ["application"] = "x", ["from"] = "a", ["to"] = "b" });
        var token = app.TokenOf("editor");
        Assert.Equal(30, (await app.AskAsync("POST", "/api/reconcile/agents", token)).Json["objects"]!.GetValue<int>());
        Assert.Null(app.Cluster.Find(Kinds.Route, "a-to-b")!["metadata"]!["annotations"]);
        Assert.Equal(31, (await app.AskAsync("POST", "/api/reconcile", token)).Json["objects"]!.GetValue<int>());
        Assert.NotNull(app.Cluster.Find(Kinds.Route, "a-to-b")!["metadata"]!["annotations"]!["request.iofog.org/reconcile"]);
    }

    [Theory]
    [InlineData("GET", "/api/objects/toasters/x", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/objects/agents/nobody", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/why/agents/nobody", HttpStatusCode.NotFound)]
    [InlineData("POST", "/api/objects/agents/nobody/reconcile", HttpStatusCode.NotFound)]
    [InlineData("POST", "/api/objects/agents/zebra-1/explode", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/poison", HttpStatusCode.ServiceUnavailable)] // no storage here
    public async Task A_problem_says_what_is_wrong(string method, string path, HttpStatusCode status)
    {
        await using var app = new AdminApp();
        app.Cluster.Create(Kinds.Agent, "zebra-1", new() { ["host"] = "10.0.0.1" });
        var answer = await app.AskAsync(method, path, app.TokenOf("editor"));
        Assert.Equal(status, answer.Status);
        Assert.Equal("application/problem+json", answer.Headers.ContentType);
        Assert.Equal(((int)status, path), (answer.Json["status"]!.GetValue<int>(), answer.Json["instance"]!.GetValue<string>()));
        Assert.NotEmpty(answer.Json["title"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_has_not_changed_is_not_sent_again()
    {
        await using var app = new AdminApp();
        app.Cluster.Create(Kinds.Agent, "zebra-1", new() { ["host"] = "10.0.0.1" });
        var token = app.TokenOf("viewer");
        foreach (var path in new[] { "/api/overview", "/api/objects", "/api/graph", "/api/objects/agents/zebra-1", "/api/why/agents/zebra-1" })
        {
            app.Time.Advance(TimeSpan.FromSeconds(2));
            var first = await app.AskAsync("GET", path, token);
            app.Time.Advance(TimeSpan.FromSeconds(2));
            var again = await app.AskAsync("GET", path, token, first.Headers.ETag);
            Assert.Equal((path, HttpStatusCode.NotModified, 0), (path, again.Status, again.Body.Length));
        }

        var before = await app.AskAsync("GET", "/api/graph", token);
        app.Cluster.Create(Kinds.Agent, "zebra-2", new() { ["host"] = "10.0.0.2" });
        app.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.OK, (await app.AskAsync("GET", "/api/graph", token, before.Headers.ETag)).Status);
    }

    [Fact]
    public async Task Many_who_look_cost_no_more_than_one()
    {
        await using var app = new AdminApp();
        var token = app.TokenOf("viewer");
        for (var i = 0; i < 20; i++)
            await app.AskAsync("GET", "/api/graph", token);
        Assert.Equal(1, app.Sent.Count(path => path.EndsWith("/agents", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Too_many_requests_are_refused_for_a_while()
    {
        await using var app = new AdminApp(perSecond: 2);
        var (one, other) = (app.TokenOf("viewer"), app.TokenOf("editor"));
        for (var i = 0; i < 6; i++)
            Assert.Equal(HttpStatusCode.OK, (await app.AskAsync("GET", "/api/graph", one)).Status);
        var refused = await app.AskAsync("GET", "/api/graph", one);
        Assert.Equal((HttpStatusCode.TooManyRequests, "1"), (refused.Status, refused.Headers.RetryAfter.ToString()));
        Assert.Equal(HttpStatusCode.OK, (await app.AskAsync("GET", "/api/graph", other)).Status);
        app.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await app.AskAsync("GET", "/api/graph", one)).Status);
    }

    [Fact]
    public async Task Guessing_tokens_is_limited_too()
    {
        await using var app = new AdminApp(perSecond: 2);
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 10; i++)
            statuses.Add((await app.AskAsync("GET", "/api/graph", $"guess-{i}")).Status);
        Assert.Equal(6, statuses.Count(status => status == HttpStatusCode.Unauthorized));
        Assert.Equal(4, statuses.Count(status => status == HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task Every_answer_protects_the_browser()
    {
        await using var app = new AdminApp();
        foreach (var path in new[] { "/api/health", "/api/graph", "/api/ui", "/api/ui/app.js", "/api/ui/nothing" })
        {
            var headers = (await app.AskAsync("GET", path, null)).Headers;
            Assert.Contains("default-src 'none'", headers.ContentSecurityPolicy.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", headers.ContentSecurityPolicy.ToString(), StringComparison.Ordinal);
            Assert.Equal(("nosniff", "DENY", "no-referrer"), (headers.XContentTypeOptions.ToString(), headers.XFrameOptions.ToString(), headers["Referrer-Policy"].ToString()));
        }
    }

    [Fact]
    public async Task Nothing_secret_is_shown_or_packed()
    {
        await using var app = new AdminApp();
        app.Cluster.Create(Kinds.ControlPlane, "iofog", new()
        {
            ["user"] = new JsonObject { ["name"] = "Jane", ["surname"] = "Doe", ["email"] = "jane@example.com", ["password"] = "s3cret-password" },
        });
        app.Cluster.Create(Kinds.Microservice, "alarm", new()
        {
            ["application"] = "x",
            ["agent"] = new JsonObject { ["name"] = "zebra-1" },
            ["images"] = new JsonObject { ["x86"] = "a" },
            ["config"] = new JsonObject { ["inner"] = "s3cret-config" },
            ["container"] = new JsonObject { ["env"] = new JsonArray(new JsonObject { ["key"] = "DB_PASSWORD", ["value"] = "s3cret-env" }) },
        });
        var token = app.TokenOf("viewer");
        Assert.DoesNotContain("s3cret", Text((await app.AskAsync("GET", "/api/objects/controlplanes/iofog", token)).Body), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret-env", Text((await app.AskAsync("GET", "/api/objects/microservices/alarm", token)).Body), StringComparison.Ordinal);
        app.Cluster.Send(HttpMethod.Post, "api/v1/namespaces/default/secrets", new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = "user" },
            ["stringData"] = new JsonObject { ["password"] = "s3cret-secret" },
        });

        var answer = await app.AskAsync("GET", "/api/diagnostics", token);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Contains("attachment", answer.Headers.ContentDisposition.ToString(), StringComparison.Ordinal);
        await using var zip = new ZipArchive(new MemoryStream(answer.Body));
        Assert.Contains("objects/microservices/alarm.json", zip.Entries.Select(entry => entry.FullName));
        foreach (var entry in zip.Entries)
        {
            using var reader = new StreamReader(await entry.OpenAsync(TestContext.Current.CancellationToken));
            Assert.DoesNotContain("s3cret", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Health_and_the_page_need_no_token_and_readiness_tells_what_is_away()
    {
        await using var app = new AdminApp();
        foreach (var path in new[] { "/api/health", "/api/openapi.json", "/api/ui" })
            Assert.Equal(HttpStatusCode.OK, (await app.AskAsync("GET", path, null)).Status);
        var ready = await app.AskAsync("GET", "/api/ready", null);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "ok", "away"), (ready.Status, ready.Json["cluster"]!.GetValue<string>(), ready.Json["storage"]!.GetValue<string>()));
        var slash = await app.AskAsync("GET", "/api/ui/", null);
        Assert.Equal((HttpStatusCode.MovedPermanently, "../ui"), (slash.Status, slash.Headers.Location.ToString()));
    }

    /// <summary>A function without its route, a route without its function, or one that the document does not know.</summary>
    [Fact]
    public void Functions_routes_and_the_OpenAPI_document_are_the_same()
    {
        var folder = Path.Combine(Layout.Repository, "functions", "Admin");
        var functions = Directory.GetFiles(folder, "function.json", SearchOption.AllDirectories).Where(file => !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal))
            .Select(file => JsonNode.Parse(File.ReadAllText(file))!["bindings"]![0]!).Select(binding => $"{binding["methods"]![0]} /api/{binding["route"]}").ToArray();
        var source = File.ReadAllText(Path.Combine(folder, "AdminEndpoints.cs"));
        var routes = RoutePattern().Matches(source).Select(match => $"{(match.Groups["method"] is { Success: true } method ? method.Value.ToLowerInvariant() : "get")} {match.Groups["route"].Value}");
        Assert.Equal(functions.Order(), routes.Order());
        var document = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "openapi.json")))!;
        var documented = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => $"{operation.Key} {path.Key}")).ToArray();
        Assert.Equal(functions.SelectMany(Spelled).Order(), documented.Order());

        static string[] Spelled(string route) => OptionalPattern().Match(route) is { Success: true } optional
            ? [route[..optional.Index], OptionalPattern().Replace(route, "/{$1}")]
            : [route];
    }

    private static string Text(byte[] utf8) => System.Text.Encoding.UTF8.GetString(utf8);

    [GeneratedRegex("(Map\\(\"(?<method>\\w+)\", |Open\\()\"(?<route>[^\"]+)\"")]
    private static partial Regex RoutePattern();

    [GeneratedRegex(@"/\{(\w+)\?\}$")]
    private static partial Regex OptionalPattern();
}
