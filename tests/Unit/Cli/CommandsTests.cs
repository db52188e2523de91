using System.Text.Json.Nodes;
using IoFog.Operator.Cli;
using IoFog.Operator.Local;
using Microsoft.Extensions.Time.Testing;
using Arguments = IoFog.Operator.Cli.Arguments;
using CommandLine = IoFog.Operator.Cli.CommandLine;

namespace IoFog.Operator.Unit.Cli;

public sealed class CommandsTests : IDisposable
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly InMemoryCluster cluster;

    public CommandsTests()
    {
        cluster = new(time);
        foreach (var document in Yaml.ParseAll(File.ReadAllText(Path.Combine(Layout.Samples, "ecn.yaml"))))
        {
            if (Kinds.Find(document["kind"]!.GetValue<string>()) is { } kind)
                cluster.Create(kind, document["metadata"]!["name"]!.GetValue<string>(), document["spec"]!.DeepClone().AsObject());
        }
    }

    [Fact]
    public async Task Status_shows_every_object_and_says_by_its_exit_code_whether_all_are_Ready()
    {
        var (code, text) = await RunAsync("status");
        Assert.Equal(ExitCodes.NotReady, code);
        Assert.StartsWith("KIND                  NAME", text, StringComparison.Ordinal);
        Assert.Contains("12 new", text, StringComparison.Ordinal);
        foreach (var kind in Kinds.All)
            Become(kind, "Ready", "True", "Works");
        (code, text) = await RunAsync("status");
        Assert.Equal(ExitCodes.Done, code);
        Assert.Contains("ControlPlane          iofog            ✓ ready   Works", text, StringComparison.Ordinal);
        Assert.Equal(3, Yaml.Parse("all:\n" + (await RunAsync("status", "agents", "-o", "yaml")).Text)!["all"]!.AsArray().Count);
        Assert.Equal(12, JsonNode.Parse((await RunAsync("status", "--output=json")).Text)!.AsArray().Count);
    }

    [Fact]
    public async Task Why_prints_the_chain()
    {
        Become(Kinds.Microservice, "Ready", "False", "WaitingForDependency", "Agent/zebra-1");
        Become(Kinds.Agent, "Stalled", "True", "AgentInvalid");
        var (code, text) = await RunAsync("why", "microservice/alarm");
        Assert.Equal(ExitCodes.NotReady, code);
        Assert.Equal(
            "Microservice/alarm  … waiting  WaitingForDependency\n└─ waits for Agent/zebra-1  ✗ refused  AgentInvalid\n\nAgent/zebra-1 can't work as it is written: told\n→ Change the spec; nothing is tried until then\n",
            text);
        Assert.Equal("Agent/zebra-1", JsonNode.Parse((await RunAsync("why", "Microservice", "alarm", "-ojson")).Text)!["root"]!.GetValue<string>());
    }

    [Fact]
    public async Task Graph_prints_a_tree_or_dot()
    {
        foreach (var kind in Kinds.All)
            Become(kind, "Ready", "True", "Works");
        Assert.Equal(
            """
            ✓ ControlPlane iofog
            └─ ✓ Agent zebra-hub
               ├─ ✓ Agent zebra-1
               │  ├─ ✓ Microservice monitor → viewer (monitor-to-viewer)
               │  └─ ✓ Microservice alarm → pager (alarm-to-pager)
               └─ ✓ Agent zebra-2
                  ├─ ✓ Microservice viewer
                  ├─ ✓ EdgeResource smart-door
                  └─ ✓ Microservice pager
            ✓ Registry fleet
            ✓ CatalogItem thermometer
            ✓ ApplicationTemplate meter

            ✓ Application heart-rate: monitor, viewer, alarm, pager

            """,
            (await RunAsync("graph")).Text);
        Assert.Contains("\"Microservice/alarm\" -> \"Microservice/pager\" [label=\"alarm-to-pager\", style=bold]", (await RunAsync("graph", "-o", "dot")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reconcile_pause_and_resume_are_annotations()
    {
        Assert.Equal((ExitCodes.Done, "Agent/zebra-1 reconcile requested\n"), await RunAsync("reconcile", "agents/zebra-1"));
        Assert.NotNull(Annotations("zebra-1")["request.iofog.org/reconcile"]);
        Assert.Equal((ExitCodes.Done, "Agent/zebra-1 paused\nAgent/zebra-2 paused\n"), await RunAsync("pause", "Agent/zebra-1", "Agent/zebra-2"));
        Assert.Equal("true", Annotations("zebra-2")["iofog.org/paused"]!.GetValue<string>());
        await RunAsync("resume", "agent/zebra-2");
        Assert.Null(Annotations("zebra-2")["iofog.org/paused"]);
        Assert.Equal(12, (await RunAsync("reconcile", "--all")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(3, (await RunAsync("reconcile", "agents", "--all")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        JsonObject Annotations(string name) => cluster.Find(Kinds.Agent, name)!["metadata"]!["annotations"]?.AsObject() ?? [];
    }

    [Fact]
    public async Task Reconcile_waits_until_the_request_was_honoured()
    {
        var running = RunAsync("reconcile", "agent/zebra-1", "--wait");
        while (!running.IsCompleted)
        {
            if (cluster.Find(Kinds.Agent, "zebra-1")!["metadata"]!["annotations"]?["request.iofog.org/reconcile"]?.GetValue<string>() is { } request)
                cluster.Send(HttpMethod.Patch, $"{Kinds.Agent.PathOf(new ResourceKey("default", "zebra-1"))}/status", new() { ["status"] = new JsonObject { ["requests"] = new JsonObject { ["reconcile"] = request } } }, "application/merge-patch+json");
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal((ExitCodes.Done, "Agent/zebra-1 reconcile requested\nAgent/zebra-1 reconciled\n"), await running);
    }

    [Theory]
    [InlineData("'explode'", "explode")]
    [InlineData("'--nonsense'", "status", "--nonsense")]
    [InlineData("'xml'", "status", "-o", "xml")]
    [InlineData("'dot'", "status", "-o", "dot")]
    [InlineData("'-n'", "status", "-n")]
    [InlineData("--timeout: '0' is no number of seconds above 0", "reconcile", "agent/zebra-1", "--wait", "--timeout", "0")]
    [InlineData("--timeout: 'soon' is no number", "reconcile", "agent/zebra-1", "--wait", "--timeout", "soon")]
    [InlineData("'--discard'", "status", "--discard", "1")]
    public void A_wrong_command_line_says_what_is_wrong(string said, params string[] args) =>
        Assert.Contains(CommandLine.Of((_, _) => throw new InvalidOperationException("ran")).Parse(args).Errors, error => error.Message.Contains(said, StringComparison.Ordinal));

    [Theory]
    [InlineData("why: name an object, as KIND/NAME", "why")]
    [InlineData("'toaster': there is no such kind", "why", "toaster/x")]
    [InlineData("'agents': name an object as KIND/NAME", "why", "agents")]
    [InlineData("why: name one object", "why", "agent/zebra-1", "agent/zebra-2")]
    [InlineData("poison: --storage or AzureWebJobsStorage must name", "poison")]
    public async Task What_a_command_lacks_is_said(string said, params string[] args) =>
        Assert.StartsWith(said, (await Assert.ThrowsAsync<UsageException>(() => RunAsync(args))).Message, StringComparison.Ordinal);

    [Fact]
    public void Options_may_stand_anywhere_and_in_any_form()
    {
        Assert.Equal(("edge", "json"), Of("status", "-n", "edge", "--output=json"));
        Assert.Equal(("edge", "yaml"), Of("--namespace=edge", "status", "-oyaml"));

        (string?, string) Of(params string[] args)
        {
            Arguments? given = null;
            var line = CommandLine.Of((arguments, _) =>
            {
                given = arguments;
                return Task.FromResult(0);
            });
            Assert.Equal(0, line.Parse(args).Invoke());
            return (given!.Namespace, given.Output);
        }
    }

    [Fact]
    public void Shells_complete_kinds()
    {
        var kinds = CommandLine.Of((_, _) => Task.FromResult(0)).Parse("status A").GetCompletions().Select(completion => completion.Label);
        Assert.Equal(["Agent", "Application", "ApplicationTemplate"], kinds.Where(label => label.StartsWith('A')));
    }

    [Fact]
    public async Task What_is_not_there_is_named() =>
        Assert.Contains("There is no Agent nobody", (await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync("pause", "agent/nobody"))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Every_command_is_in_the_help()
    {
        await using var help = new StringWriter();
        await CommandLine.Of((_, _) => Task.FromResult(0)).Parse("--help").InvokeAsync(new() { Output = help }, TestContext.Current.CancellationToken);
        foreach (var command in new[] { "status", "why", "graph", "reconcile", "pause", "resume", "poison" })
            Assert.Matches($@"(?m)^\s+{command} .*\S", help.ToString());
    }

    public void Dispose() => cluster.Dispose();

    private async Task<(int Code, string Text)> RunAsync(params string[] args)
    {
        await using var writer = new StringWriter { NewLine = "\n" };
        var line = CommandLine.Of((arguments, cancellationToken) =>
            new Commands(cluster.Client(), "default", arguments, new(writer, arguments.Output, coloured: false), time).RunAsync(cancellationToken));
        var code = await line.Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken);
        return (code, writer.ToString());
    }

    private void Become(Kind kind, string type, string status, string reason, string? waitingFor = null)
    {
        foreach (var stored in cluster.State.Storage.List(new(Kind.Group, kind.Plural), "default").Objects)
        {
            var conditions = new JsonArray(Condition("Ready", type == "Ready" ? status : "False"));
            if (type != "Ready")
                conditions.Add((JsonNode)Condition(type, status));
            cluster.Send(HttpMethod.Patch, $"{kind.PathOf(new ResourceKey("default", stored.Name))}/status", new()
            {
                ["status"] = new JsonObject { ["waitingFor"] = waitingFor, ["conditions"] = conditions },
            }, "application/merge-patch+json");
        }

        JsonObject Condition(string name, string holds) => new()
        {
            ["type"] = name,
            ["status"] = holds,
            ["reason"] = reason,
            ["message"] = "told",
            ["lastTransitionTime"] = "2026-11-24T11:59:00Z",
        };
    }
}
