namespace IoFog.Operator.EndToEnd;

/// <summary>Apps run only while there is work: the stack scales them as KEDA would, by what the watcher's scaler says.</summary>
[Collection(nameof(StackFixture))]
public sealed class ScalingTests(StackFixture stack)
{
    [Fact]
    public async Task An_app_without_work_stops_and_an_edit_starts_it_again()
    {
        Assert.SkipUnless(stack.Stack.Apps.Count > 0, "another host runs the apps");
        var token = TestContext.Current.CancellationToken;
        await stack.EventuallyAsync("the app of edge resources is at zero", () => Task.FromResult(Instances == 0), seconds: 180);
        var before = stack.Lines.Count(IsStart);
        await stack.Kubectl.RunAsync(token, "annotate", "edgeresource", "smart-door", $"request.iofog.org/reconcile={Guid.NewGuid():N}", "--overwrite");
        await stack.EventuallyAsync("the app of edge resources was started", () => Task.FromResult(stack.Lines.Count(IsStart) > before));
        await stack.EventuallyAsync(
            "the request was honoured",
            async () => await ReadAsync("{.metadata.annotations.request\\.iofog\\.org/reconcile}") == await ReadAsync("{.status.requests.reconcile}"));

        Task<string> ReadAsync(string path) => stack.Kubectl.RunAsync(token, "get", "edgeresource", "smart-door", "-o", $"jsonpath={path}");
    }

    private int Instances => stack.Stack.Apps.Single(app => app.Name == "EdgeResource").Instances;

    private static bool IsStart(string line) => line.Contains("EdgeResource: 0 → 1 replicas", StringComparison.Ordinal);
}
