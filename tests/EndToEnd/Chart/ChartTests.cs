using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using IoFog.Operator.Local;

namespace IoFog.Operator.EndToEnd.Chart;

/// <summary>
/// What the chart renders to. A case is a folder: <c>values.yaml</c>, and of the first case <c>out.yaml</c> with the whole, of the others
/// <c>out.diff</c> with the lines that differ from it. Together the cases have every pair of the main switches.
/// <c>IOFOG_TEST_RECORD=1</c> writes what is rendered.
/// </summary>
public sealed class ChartTests(EmptyCluster cluster) : IClassFixture<EmptyCluster>
{
    private const string First = "secret-push-each";
    private static readonly string Cases = Path.Combine(Layout.Repository, "tests", "EndToEnd", "Chart", "Cases");
    private static readonly Helm Helm = new(null);
    private static readonly ConcurrentDictionary<string, Lazy<Task<Rendering>>> Renderings = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => new(Directory.EnumerateDirectories(Cases).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Renders_as_recorded(string name)
    {
        var first = name == First ? null : await RenderAsync(First);
        var actual = (await RenderAsync(name)).Text(first);
        var file = Path.Combine(Cases, name, name == First ? "out.yaml" : "out.diff");
        if (Environment.GetEnvironmentVariable("IOFOG_TEST_RECORD") == "1")
            await File.WriteAllTextAsync(file, actual, Token);
        Assert.Equal(await File.ReadAllTextAsync(file, Token), actual);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public Task Lint_finds_nothing(string name) => Helm.RunAsync(Token, "lint", "--strict", "--quiet", Helm.Chart, "-f", ValuesOf(name));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_server_would_take_it(string name)
    {
        var manifests = string.Join("\n---\n", (await RenderAsync(name)).Documents.Values);
        var answer = await cluster.Kubectl.ApplyAsync(manifests, Token, "--server-side", "--dry-run=server", "-n", "edge");
        Assert.Equal((await RenderAsync(name)).Documents.Count, answer.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_pod_meets_the_restricted_profile(string name)
    {
        var pods = 0;
        foreach (var document in (await ObjectsAsync(name)).Where(document => document["kind"]!.ToString() is "Deployment" or "Job" or "Pod"))
        {
            pods++;
            var pod = (document["spec"]!["template"]?["spec"] ?? document["spec"])!;
            Assert.True(pod["securityContext"]!["runAsNonRoot"]!.GetValue<bool>());
            Assert.Equal("RuntimeDefault", pod["securityContext"]!["seccompProfile"]!["type"]!.GetValue<string>());
            Assert.Null(pod["hostNetwork"]);
            foreach (var container in pod["containers"]!.AsArray())
            {
                var security = container!["securityContext"]!;
                Assert.False(security["allowPrivilegeEscalation"]!.GetValue<bool>());
                Assert.True(security["readOnlyRootFilesystem"]!.GetValue<bool>());
                Assert.Equal("""["ALL"]""", security["capabilities"]!["drop"]!.ToJsonString());
                Assert.NotNull(container["resources"]!["limits"]!["memory"]);
                Assert.DoesNotContain(container["env"]!.AsArray(), variable => variable!["name"]!.GetValue<string>() == "POD_NAMESPACE"); // the host would take it for Azure
            }
        }

        Assert.True(pods >= 3);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_kind_has_one_app_and_no_rule_is_a_wildcard(string name)
    {
        var objects = await ObjectsAsync(name);
        var served = objects.Where(document => document["kind"]!.ToString() == "Deployment")
            .SelectMany(document => document["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray())
            .Where(variable => variable!["name"]!.GetValue<string>().StartsWith("AzureFunctionsJobHost__functions__", StringComparison.Ordinal))
            .Select(variable => variable!["value"]!.GetValue<string>()).ToArray();
        Assert.Equal(Kinds.All.Select(kind => kind.Name).Order(), served.Where(function => Kinds.Find(function) is not null).Order());
        var admin = Directory.EnumerateFiles(Path.Combine(Layout.Repository, "functions", "Admin"), "function.json", SearchOption.AllDirectories)
            .Select(file => Path.GetFileName(Path.GetDirectoryName(file)!)).Where(function => Directory.Exists(Path.Combine(Layout.Repository, "functions", "Admin", function)));
        if (served.Contains("Health"))
            Assert.Equal(admin.Distinct().Order(), served.Where(function => Kinds.Find(function) is null).Order());
        foreach (var role in objects.Where(document => document["kind"]!.ToString() is "Role" or "ClusterRole"))
            Assert.DoesNotContain("*", role["rules"]!.ToJsonString(), StringComparison.Ordinal);
        var watcher = objects.Single(document => document["kind"]!.ToString() == "Role" && document["metadata"]!["name"]!.ToString() == "iofog-operator-watcher");
        Assert.Equal(Kinds.All.SelectMany(kind => new[] { kind.Plural, kind.OtherPlural }).OfType<string>().Order(), watcher["rules"]![0]!["resources"]!.AsArray().Select(plural => plural!.GetValue<string>()).Order());
    }

    [Fact]
    public async Task Managed_definitions_are_those_of_infra_crds_and_outlive_the_release()
    {
        var rendered = (await ObjectsAsync(First)).Where(document => document["kind"]!.ToString() == "CustomResourceDefinition").ToArray();
        Assert.Equal(Kinds.All.Count, rendered.Length);
        foreach (var definition in rendered)
        {
            Assert.Equal("keep", definition["metadata"]!["annotations"]!["helm.sh/resource-policy"]!.GetValue<string>());
            var source = Yaml.Parse(await File.ReadAllTextAsync(Path.Combine(Layout.Crds, $"{definition["spec"]!["names"]!["plural"]}.yaml"), Token))!;
            Assert.True(JsonNode.DeepEquals(Yaml.Parse(definition["spec"]!.ToJsonString()), Yaml.Parse(source["spec"]!.ToJsonString())), definition["metadata"]!["name"]!.ToString());
        }
    }

    [Fact]
    public async Task A_package_holds_the_definitions()
    {
        var folder = Directory.CreateTempSubdirectory("iofog-chart-").FullName;
        try
        {
            await Helm.RunAsync(Token, "package", Helm.Chart, "-d", folder);
            var shown = await Helm.RunAsync(Token, "show", "crds", Directory.GetFiles(folder, "*.tgz").Single());
            Assert.Equal(Kinds.All.Count, Yaml.ParseAll(shown).Count);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("scaling.mode=sometimes", "'external-push', 'azure-queue', 'none'")]
    [InlineData("watcher.replica=2", "additional properties 'replica' not allowed")]
    [InlineData("app.maxReplicas=4", "/app/maxReplicas")]
    [InlineData("storage.kind=workloadIdentity", "/storage/workloadIdentity/clientId")]
    [InlineData("storage.connectionString.existingSecret=", "name a Secret in storage.connectionString.existingSecret")]
    [InlineData("apps.a[0]=Toaster", "apps.a: there is no kind Toaster; the kinds are Agent, Application")]
    [InlineData("apps.a[0]=Agent", "apps: no app serves Application")]
    public async Task A_wrong_value_is_named(string set, string message)
    {
        var failed = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Helm.RunAsync(Token, "template", "iofog", Helm.Chart, "--set", "storage.connectionString.existingSecret=s", "--set", set));
        Assert.Contains(message, failed.Message, StringComparison.Ordinal);
    }

    private static string ValuesOf(string name) => Path.Combine(Cases, name, "values.yaml");

    private static Task<Rendering> RenderAsync(string name) => Renderings.GetOrAdd(name, static name => new(async () => Rendering.Parse(
        await Helm.RunAsync(CancellationToken.None, "template", "iofog", Helm.Chart, "--namespace", "edge", "-f", ValuesOf(name))))).Value;

    private static async Task<IReadOnlyList<JsonObject>> ObjectsAsync(string name) =>
        [.. (await RenderAsync(name)).Documents.Values.Select(text => Yaml.Parse(text)!.AsObject())];
}
