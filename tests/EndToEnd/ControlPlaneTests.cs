using System.Text.Json.Nodes;

namespace IoFog.Operator.EndToEnd;

/// <summary>
/// What a user of kubectl sees of a control plane that is edited, deleted in part, deleted whole, and of its namespace. Each test has a running
/// operator of its own, and much patience with a machine that is slow.
/// </summary>
[Collection(nameof(WholeMachineCollection))]
public sealed class ControlPlaneTests
{
    private const string Namespace = "edge";
    private const int Patience = 180;
    private static readonly string[] Others = [.. Kinds.All.Where(kind => kind != Kinds.ControlPlane).Select(kind => kind.Plural)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_edited_repaired_and_deleted_and_whatever_worked_with_it_is_told_and_can_go()
    {
        await using var fixture = await StartAsync();

        // Edited.
        await PatchAsync(fixture, "controlplane", "iofog", """{"spec":{"images":{"router":"example.com/router:1"},"services":{"router":{"annotations":{"example.com/kind":"internal"}}}}}""");
        await fixture.EventuallyAsync("the router's image", async () => await ReadAsync(fixture, "deployment/router", ".spec.template.spec.containers[0].image") == "example.com/router:1", Patience);
        await fixture.EventuallyAsync("the Service's annotation", async () => await ReadAsync(fixture, "service/router", @".metadata.annotations.example\.com/kind") == "internal", Patience);
        await ReadyAsync(fixture);

        // Drift, and what is none.
        await PatchAsync(fixture, "service", "controller", """{"spec":{"type":"NodePort"}}""");
        await PatchAsync(fixture, "secret", "router-amqps", """{"data":{"ca.crt":"bm90aGluZw=="}}""");
        await KubectlAsync(fixture, "scale", "deployment/controller", "--replicas=2");
        await KubectlAsync(fixture, "delete", "deployment/router", "service/router", "secret/router-internal", "serviceaccount/port-manager", "role/router", "rolebinding/router");
        await fixture.EventuallyAsync("everything that was deleted", async () => (await fixture.Kubectl.RunAsync(
            Token, "get", "-n", Namespace, "--ignore-not-found", "-o", "name", "deployment/router", "service/router", "secret/router-internal", "serviceaccount/port-manager", "role/router", "rolebinding/router"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == 6, Patience);
        await fixture.EventuallyAsync("the Service's type", async () => await ReadAsync(fixture, "service/controller", ".spec.type") == "LoadBalancer", Patience);
        await fixture.EventuallyAsync("the Secret's content", async () => await ReadAsync(fixture, "secret/router-amqps", @".data.ca\.crt") is { Length: > 100 }, Patience);
        await ReadyAsync(fixture);
        Assert.Equal("2", await ReadAsync(fixture, "deployment/controller", ".spec.replicas"));
        await PatchAsync(fixture, "controlplane", "iofog", """{"spec":{"replicas":{"controller":1}}}""");
        await fixture.EventuallyAsync("as many as the spec says", async () => await ReadAsync(fixture, "deployment/controller", ".spec.replicas") == "1", Patience);

        // Deleted, with its data: then its Controller goes too.
        await PatchAsync(fixture, "controlplane", "iofog", """{"spec":{"storage":{"keep":false}}}""");
        await ReadyAsync(fixture);
        await KubectlAsync(fixture, "delete", "controlplane", "iofog", $"--timeout={Patience}s");
        await fixture.Stack.StopControllerAsync();
        await fixture.EventuallyAsync("all that worked with it is told", async () =>
            (await ItemsAsync(fixture, string.Join(',', Others))) is { } items && items.Count == EcnSample.Objects.Count - 1 && items.All(item => ReasonOf(item) == "False ControlPlaneGone"), Patience);
        await fixture.EventuallyAsync("all that it owned is gone", async () =>
            await KubectlAsync(fixture, "get", "deployments,services,serviceaccounts,persistentvolumeclaims", "-l", "app.kubernetes.io/managed-by=iofog-operator", "-o", "name") == "", Patience);
        foreach (var kind in Others)
            await KubectlAsync(fixture, "delete", kind, "--all", $"--timeout={Patience}s");
        Assert.Empty(await ItemsAsync(fixture, "iofog"));
    }

    [Fact]
    public async Task Its_namespace_is_gone_within_half_a_minute_whatever_is_in_it()
    {
        await using var fixture = await StartAsync();
        await KubectlAsync(fixture, "delete", "namespace", Namespace, "--timeout=30s");
        Assert.DoesNotContain(Namespace, await fixture.Kubectl.RunAsync(Token, "get", "namespaces", "-o", "name"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_namespace_is_gone_also_when_the_Controller_does_not_answer()
    {
        await using var fixture = await StartAsync();
        await fixture.Stack.StopControllerAsync();
        await KubectlAsync(fixture, "delete", "namespace", Namespace, "--timeout=30s");
    }

    private static async Task<StackFixture> StartAsync()
    {
        Assert.SkipWhen(
            new[] { "IOFOG_TEST_CONTROLLER_URL", "IOFOG_TEST_KUBECONFIG" }.Any(setting => Environment.GetEnvironmentVariable(setting) is { Length: > 0 }),
            "ends its Controller and its namespace");
        var fixture = new StackFixture { Namespace = Namespace, IsSmall = true };
        try
        {
            await fixture.InitializeAsync();
            await ReadyAsync(fixture);
            return fixture;
        }
        catch
        {
            await fixture.DisposeAsync();
            throw;
        }
    }

    private static Task ReadyAsync(StackFixture fixture) => fixture.EventuallyAsync("everything Ready", async () =>
        await ItemsAsync(fixture, "iofog") is { } items && items.Count == EcnSample.Objects.Count
        && items.All(item => item["status"]?["observedGeneration"]?.ToJsonString() == item["metadata"]!["generation"]!.ToJsonString() && ReasonOf(item).StartsWith("True", StringComparison.Ordinal)), Patience);

    private static async Task<IReadOnlyList<JsonNode>> ItemsAsync(StackFixture fixture, string what) =>
        [.. JsonNode.Parse(await KubectlAsync(fixture, "get", what, "-o", "json"))!["items"]!.AsArray().OfType<JsonNode>()];

    private static string ReasonOf(JsonNode item) =>
        item["status"]?["conditions"]?.AsArray().FirstOrDefault(condition => condition!["type"]!.GetValue<string>() == "Ready") is { } ready ? $"{ready["status"]} {ready["reason"]}" : "";

    private static Task<string> ReadAsync(StackFixture fixture, string what, string path) => KubectlAsync(fixture, "get", what, "--ignore-not-found", "-o", $"jsonpath={{{path}}}");

    private static Task PatchAsync(StackFixture fixture, string kind, string name, string patch) => KubectlAsync(fixture, "patch", kind, name, "--type=merge", "-p", patch);

    private static Task<string> KubectlAsync(StackFixture fixture, params string[] arguments) => fixture.Kubectl.RunAsync(Token, ["-n", Namespace, .. arguments]);
}

/// <summary>Tests that start many processes, when no other test runs.</summary>
[CollectionDefinition(nameof(WholeMachineCollection), DisableParallelization = true)]
public sealed class WholeMachineCollection;
