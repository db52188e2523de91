using System.Globalization;
using System.Text.Json.Nodes;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace IoFog.Operator.EndToEnd;

/// <summary>The page, in a real browser on the running operator. <c>IOFOG_TEST_SCREENSHOTS</c> names a folder for pictures of it.</summary>
[Collection(nameof(StackFixture))]
public sealed class PageTests(StackFixture fixture, Browser browser) : IClassFixture<Browser>
{
    private readonly List<string> wrong = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Shows_the_network_and_everybody_can_use_it(ColorScheme colours)
    {
        await using var window = await SignedInAsync(AdminToken, colours);
        var page = window.Page;
        Assert.DoesNotContain("token", page.Url, StringComparison.Ordinal);
        foreach (var id in new[] { "ControlPlane/iofog", "Agent/zebra-1", "Application/heart-rate/microservices/monitor", "Microservice/alarm", "EdgeResource/smart-door" })
            await Assertions.Expect(Node(page, id)).ToHaveAttributeAsync("data-state", "ready");
        await Assertions.Expect(page.Locator(".edge.route")).ToHaveCountAsync(2);
        await ExpectAccessibleAsync(page);

        await Node(page, "Agent/zebra-1").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#detail-title")).ToContainTextAsync("zebra-1");
        await Assertions.Expect(page.Locator("[data-part=comparison]")).ToContainTextAsync("The Controller holds what the spec says");
        await Assertions.Expect(page.Locator("[data-part=events]")).ToContainTextAsync("AgentRunning");
        await ExpectAccessibleAsync(page);
        await PhotographAsync(page, colours == ColorScheme.Light ? "page" : "page-dark");
        await page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.Locator("#detail")).ToBeHiddenAsync();

        await page.Locator("#tab-objects").ClickAsync();
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("agent zebra-h");
        await Assertions.Expect(page.Locator("#objects tbody tr:visible")).ToHaveCountAsync(1);
        await ExpectAccessibleAsync(page);
        await page.Locator("#tab-poison").ClickAsync();
        await ExpectAccessibleAsync(page);
    }

    [Fact]
    public async Task The_arrow_keys_walk_through_the_network()
    {
        await using var window = await SignedInAsync(AdminToken);
        await Node(window.Page, "ControlPlane/iofog").FocusAsync();
        await Node(window.Page, "Agent/zebra-hub").ClickAsync(new() { Position = new() { X = 60, Y = 14 } });
        await window.Page.Keyboard.PressAsync("Escape");
        await Node(window.Page, "Agent/zebra-hub").FocusAsync();
        await window.Page.Keyboard.PressAsync("ArrowUp");
        Assert.Equal("ControlPlane/iofog", await window.Page.EvaluateAsync<string>("document.activeElement.dataset.id"));
        await window.Page.Keyboard.PressAsync("ArrowDown");
        Assert.Equal("Agent/zebra-hub", await window.Page.EvaluateAsync<string>("document.activeElement.dataset.id"));
    }

    [Fact]
    public async Task Follows_what_others_do_and_acts_itself()
    {
        await using var window = await SignedInAsync(AdminToken);
        var page = window.Page;
        await fixture.Kubectl.RunAsync(Token, "annotate", "route", "alarm-to-pager", "iofog.org/paused=true", "--overwrite");
        await page.Locator("#tab-objects").ClickAsync();
        var row = page.Locator("tr[data-id='Route/alarm-to-pager']");
        await Assertions.Expect(row).ToContainTextAsync("Paused");
        await row.GetByRole(AriaRole.Button, new() { Name = "alarm-to-pager" }).ClickAsync();
        await page.Locator("[data-act=resume]").ClickAsync();
        await Assertions.Expect(row).ToContainTextAsync("Ready");
        Assert.DoesNotContain("iofog.org/paused", await fixture.Kubectl.RunAsync(Token, "get", "route", "alarm-to-pager", "-o", "yaml"), StringComparison.Ordinal);

        await page.Locator("[data-act=reconcile]").ClickAsync();
        await Assertions.Expect(page.Locator("#toast")).ToContainTextAsync("asked for Route alarm-to-pager");
        await fixture.EventuallyAsync("the request honoured", async () =>
        {
            var route = JsonNode.Parse(await fixture.Kubectl.RunAsync(Token, "get", "route", "alarm-to-pager", "-o", "json"))!;
            return route["metadata"]!["annotations"]?["request.iofog.org/reconcile"]?.GetValue<string>() is { } asked && route["status"]!["requests"]?["reconcile"]?.GetValue<string>() == asked;
        });
        await Assertions.Expect(page.Locator("[data-part=events]")).ToContainTextAsync("ReconcileRequested");
    }

    [Fact]
    public async Task Tells_why_something_is_not_Ready()
    {
        await fixture.Kubectl.ApplyAsync("""{"apiVersion":"iofog.org/v3","kind":"Microservice","metadata":{"name":"lonely"},"spec":{"application":"heart-rate","agent":{"name":"nobody"},"images":{"x86":"a"}}}""", Token);
        try
        {
            await using var window = await SignedInAsync(AdminToken, check: false);
            await Assertions.Expect(Node(window.Page, "Agent/nobody")).ToHaveAttributeAsync("data-state", "missing");
            await Assertions.Expect(Node(window.Page, "Microservice/lonely")).ToHaveAttributeAsync("data-state", "waiting");
            await Node(window.Page, "Microservice/lonely").FocusAsync();
            await window.Page.Keyboard.PressAsync("Enter");
            await Assertions.Expect(window.Page.Locator(".verdict")).ToHaveTextAsync("Agent/nobody is not there");
            await PhotographAsync(window.Page, "page-why");
            await ExpectAccessibleAsync(window.Page);
        }
        finally
        {
            await fixture.Kubectl.RunAsync(Token, "delete", "microservice", "lonely", "--timeout=60s");
        }
    }

    [Fact]
    public async Task Who_may_look_may_not_act_and_who_may_not_look_is_told_so()
    {
        await fixture.Kubectl.ApplyAsync("""
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: page-viewer, namespace: default}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: page-stranger, namespace: default}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: page-viewer, namespace: default}
            rules: [{apiGroups: [iofog.org], resources: ["*"], verbs: [get, list]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: page-viewer, namespace: default}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: page-viewer}
            subjects: [{kind: ServiceAccount, name: page-viewer, namespace: default}]
            """, Token);
        await using (var viewer = await SignedInAsync(await fixture.TokenOfAsync("page-viewer")))
        {
            await Assertions.Expect(viewer.Page.Locator("#reconcile-all")).ToBeDisabledAsync();
            await Node(viewer.Page, "Agent/zebra-2").FocusAsync();
            await viewer.Page.Keyboard.PressAsync("Enter");
            await Assertions.Expect(viewer.Page.Locator("[data-act=reconcile]")).ToBeDisabledAsync();
            await Assertions.Expect(viewer.Page.Locator(".acts")).ToContainTextAsync("You may look, not act");
        }

        var page = await browser.OpenAsync(wrong);
        await page.GotoAsync(new Uri(Address, "api/ui").ToString());
        await ExpectAccessibleAsync(page);
        await page.Locator("#token").FillAsync(await fixture.TokenOfAsync("page-stranger"));
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#sign-in-problem")).ToContainTextAsync("system:serviceaccount:default:page-stranger may not list");
        await page.Locator("#token").FillAsync("nonsense");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#sign-in-problem")).ToContainTextAsync("does not accept this token");
        await page.Context.DisposeAsync();
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task A_thousand_objects_are_drawn_once_and_then_only_what_has_changed()
    {
        var network = new Thousand();
        var page = await browser.OpenAsync(wrong);
        await page.RouteAsync("**/api/overview", route => route.FulfillAsync(Json(Thousand.Overview)));
        await page.RouteAsync("**/api/objects", route => route.FulfillAsync(Json(network.Objects)));
        await page.RouteAsync("**/api/graph", route => route.FulfillAsync(Json(network.Graph)));
        await page.GotoAsync(new Uri(Address, "api/ui#token=any").ToString());
        await Assertions.Expect(Node(page, "Microservice/ms-799")).ToHaveAttributeAsync("data-state", "ready");
        await Assertions.Expect(page.Locator("#objects tbody tr")).ToHaveCountAsync(Thousand.Count);
        await page.EvaluateAsync("""
            () => { window.changed = 0; new MutationObserver(all => window.changed += all.length).observe(document.querySelector('.work'), { subtree: true, childList: true, attributes: true }); }
            """);
        network.Break("Microservice/ms-400");
        await Assertions.Expect(Node(page, "Microservice/ms-400")).ToHaveAttributeAsync("data-state", "notReady");
        await Assertions.Expect(page.Locator("tr[data-id='Microservice/ms-400']")).ToContainTextAsync("Not ready");

        // One node, one row, and a button's text with every look.
        Assert.InRange(await page.EvaluateAsync<int>("window.changed"), 1, 60);

        // A step of the wheel moves the picture; it is drawn anew once the wheel rests, and what is under the pointer stays there.
        await page.EvaluateAsync("() => { window.drawn = 0; new MutationObserver(all => window.drawn += all.length).observe(document.querySelector('#graph > g'), { attributes: true, attributeFilter: ['transform'] }); }");
        var before = (await Node(page, "Microservice/ms-400").BoundingBoxAsync())!;
        await page.EvaluateAsync(
            "([x, y]) => { for (let i = 0; i < 10; i++) document.querySelector('#graph').dispatchEvent(new WheelEvent('wheel', { deltaY: -60, clientX: x, clientY: y, bubbles: true, cancelable: true })); }",
            new double[] { Middle(before).X, Middle(before).Y });
        await page.WaitForFunctionAsync("() => window.drawn > 0 && !document.querySelector('#graph').classList.contains('moving')");
        Assert.Equal(1, await page.EvaluateAsync<int>("window.drawn"));
        var after = (await Node(page, "Microservice/ms-400").BoundingBoxAsync())!;
        Assert.InRange(after.Width / before.Width, 3, 3.7);
        Assert.InRange(Middle(after).X - Middle(before).X, -2, 2);
        Assert.InRange(Middle(after).Y - Middle(before).Y, -2, 2);
        await page.Context.DisposeAsync();
        Assert.Empty(wrong);

        static (float X, float Y) Middle(LocatorBoundingBoxResult box) => (box.X + (box.Width / 2), box.Y + (box.Height / 2));
    }

    [Fact]
    public async Task An_answer_that_never_comes_is_asked_for_again()
    {
        var network = new Thousand();
        var page = await browser.OpenAsync(wrong);
        var asked = 0;
        await page.RouteAsync("**/api/overview", route => route.FulfillAsync(Json(Thousand.Overview)));
        await page.RouteAsync("**/api/graph", route => route.FulfillAsync(Json(network.Graph)));
        await page.RouteAsync("**/api/objects", route => Interlocked.Increment(ref asked) == 2 ? Task.CompletedTask : route.FulfillAsync(Json(network.Objects)));
        await page.GotoAsync(new Uri(Address, "api/ui#token=any").ToString());
        await Assertions.Expect(page.Locator("#live")).ToHaveTextAsync("Live");
        await Assertions.Expect(page.Locator("#live")).ToHaveTextAsync("No answer");
        await Assertions.Expect(page.Locator("#live")).ToHaveTextAsync("Live");
        await page.Context.DisposeAsync();
        Assert.Empty(wrong);
    }

    private static RouteFulfillOptions Json(string body) => new() { ContentType = "application/json", Body = body };

    private static ILocator Node(IPage page, string id) => page.Locator($"#graph [data-id='{id}']").First;

    private Uri Address => fixture.Stack.AdminUrl!;

    private string AdminToken => fixture.Stack.Cluster?.Identity.AdminToken ?? "";

    /// <summary>The page by the address that the local stack prints, once everything is Ready.</summary>
    private async Task<Window> SignedInAsync(string token, ColorScheme colours = ColorScheme.Light, bool check = true)
    {
        Assert.SkipWhen(fixture.Stack.AdminUrl is null || fixture.Stack.Cluster is null, "the admin functions run on the emulated host here");
        var page = await browser.OpenAsync(wrong, colours);
        await page.GotoAsync($"{Address}api/ui#token={token}");
        if (check)
            await Assertions.Expect(page.Locator("#states .state-ready b")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex(@"^(9|\d\d)$"), new() { Timeout = 240_000 });
        return new(page, wrong);
    }

    private static async Task PhotographAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("IOFOG_TEST_SCREENSHOTS") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png") });
    }

    private static async Task ExpectAccessibleAsync(IPage page)
    {
        var result = await page.RunAxe();
        Assert.True(result.Violations.Length == 0, string.Join('\n', result.Violations.Select(violation =>
            $"{violation.Id}: {violation.Help}: {string.Join("; ", violation.Nodes.Take(4).Select(node => node.Html))}")));
    }

    private sealed record Window(IPage Page, List<string> Wrong) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Page.Context.DisposeAsync();
            Assert.Empty(Wrong);
        }
    }

    /// <summary>A network of a thousand objects, as the API would show it.</summary>
    private sealed class Thousand
    {
        private const int Agents = 199;
        private const int Microservices = 800;
        private string? broken;

        public const int Count = 1 + Agents + Microservices;

        public static string Overview => new JsonObject
        {
            ["namespace"] = "default",
            ["user"] = "somebody",
            ["kinds"] = new JsonObject
            {
                ["Agent"] = new JsonObject { ["plural"] = "agents", ["mayUpdate"] = true, ["objects"] = new JsonObject { ["ready"] = Agents } },
                ["Microservice"] = new JsonObject { ["plural"] = "microservices", ["mayUpdate"] = true, ["objects"] = new JsonObject { ["ready"] = Microservices } },
            },
        }.ToJsonString();

        public string Objects => new JsonObject { ["items"] = new JsonArray([.. Items()]) }.ToJsonString();

        public string Graph => new JsonObject
        {
            ["nodes"] = new JsonArray([.. Items()]),
            ["edges"] = new JsonArray([
                .. Enumerable.Range(0, Microservices).Select(i => Edge($"Microservice/ms-{i}", $"Agent/agent-{i % Agents}", "runsOn")),
                .. Enumerable.Range(0, Agents).Select(i => Edge($"Agent/agent-{i}", "ControlPlane/iofog", "upstream")),
                .. Enumerable.Range(0, 200).Select(i => Edge($"Microservice/ms-{i}", $"Microservice/ms-{i + 200}", "route"))]),
        }.ToJsonString();

        public void Break(string id) => broken = id;

        private IEnumerable<JsonNode> Items() =>
        [
            Item("ControlPlane", "iofog"),
            .. Enumerable.Range(0, Agents).Select(i => Item("Agent", string.Create(CultureInfo.InvariantCulture, $"agent-{i}"))),
            .. Enumerable.Range(0, Microservices).Select(i => Item("Microservice", string.Create(CultureInfo.InvariantCulture, $"ms-{i}"))),
        ];

        private JsonObject Item(string kind, string name) => new()
        {
            ["id"] = $"{kind}/{name}",
            ["kind"] = kind,
            ["name"] = name,
            ["state"] = $"{kind}/{name}" == broken ? "notReady" : "ready",
            ["reason"] = "Works",
        };

        private static JsonObject Edge(string from, string to, string type) => new() { ["from"] = from, ["to"] = to, ["type"] = type };
    }
}
