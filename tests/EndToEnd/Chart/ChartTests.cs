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

    /// <summary>What a Functions host needs of its pod, and would go wrong without a word.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_host_is_kept_from_its_traps(string name)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var document in (await ObjectsAsync(name)).Where(document => document["kind"]!.ToString() == "Deployment"))
        {
            var pod = document["spec"]!["template"]!["spec"]!;
            var container = pod["containers"]![0]!;
            if (container["name"]!.ToString() != "functions")
                continue;
            var settings = container["env"]!.AsArray().Where(variable => variable!["value"] is not null).ToDictionary(variable => $"{variable!["name"]}", variable => $"{variable!["value"]}");
            Assert.Matches("^[a-z0-9](?!.*--)[a-z0-9-]{0,30}[a-z0-9]$", settings["AzureFunctionsWebHost__hostid"]);
            Assert.True(ids.Add(settings["AzureFunctionsWebHost__hostid"]), "two apps share their locks");
            Assert.Equal("files", settings["AzureWebJobsSecretStorageType"]); // in the storage account they would be one file for all apps
            Assert.Equal("http://+:8080", settings["ASPNETCORE_URLS"]); // port 80 is root's
            Assert.Equal("8080", $"{container["ports"]![0]!["containerPort"]}");
            var writable = container["volumeMounts"]!.AsArray().Single()!["mountPath"]!.GetValue<string>();
            Assert.All(new[] { settings["HOME"], settings["FUNCTIONS_SECRETS_PATH"] }, path => Assert.StartsWith(writable, path, StringComparison.Ordinal));
            Assert.True(pod["terminationGracePeriodSeconds"]!.GetValue<long>() > 8 + 5 + 10); // a turn's budget, its last write, the host's end
        }

        Assert.NotEmpty(ids);
    }

    [Fact]
    public async Task A_replica_is_wanted_for_as_many_objects_as_its_host_takes_at_once()
    {
        var queues = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Layout.Repository, "host.json"), Token))!["extensions"]!["queues"]!;
        var target = Yaml.Parse(await File.ReadAllTextAsync(Path.Combine(Helm.Chart, "values.yaml"), Token))!["scaling"]!["targetPerReplica"]!;
        Assert.Equal(queues["batchSize"]!.GetValue<int>() + queues["newBatchThreshold"]!.GetValue<int>(), int.Parse(target.ToString()));
        Assert.Equal("00:00:01", queues["maxPollingInterval"]!.GetValue<string>()); // a minute by default
        Assert.Equal("base64", queues["messageEncoding"]!.GetValue<string>());
    }

    [Fact]
    public async Task On_OpenShift_pods_take_the_user_that_their_namespace_has()
    {
        var rendered = Rendering.Parse(await Helm.RunAsync(
            Token, "template", "iofog", Helm.Chart, "--set", "storage.kind=azurite,admin.replicas=1", "--api-versions", "security.openshift.io/v1"));
        var pods = rendered.Documents.Values.Select(text => Yaml.Parse(text)!.AsObject()).Where(document => document["kind"]!.ToString() is "Deployment" or "Job" or "Pod")
            .Select(document => document["spec"]!["template"] ?? document).ToArray();
        Assert.True(pods.Length > Kinds.All.Count);
        Assert.All(pods, pod => Assert.Equal("runAsNonRoot, seccompProfile", string.Join(", ", pod["spec"]!["securityContext"]!.AsObject().Select(member => member.Key))));
    }

    [Fact]
    public async Task What_is_set_for_all_pods_is_on_every_pod()
    {
        var rendered = Rendering.Parse(await Helm.RunAsync(
            Token, "template", "iofog", Helm.Chart, "--set", "storage.kind=azurite,admin.replicas=1,apps=small,image.pullSecrets={registry}", "--set", "pods.labels.team=edge,pods.annotations.note=seen,extraLabels.cost=much",
            "--set-json", """pods.tolerations=[{"key":"edge","operator":"Exists"}]""", "--set-json", """pods.affinity={"nodeAffinity":{}}""", "--set", "pods.nodeSelector.disk=ssd,pods.priorityClassName=high,pods.runAsUser=2000",
            "--set-json", """watcher.extraEnv=[{"name":"A","value":"watcher"}]""", "--set-json", """app.extraEnv=[{"name":"A","value":"app"}]""", "--set-json", """admin.extraEnv=[{"name":"B","value":"admin"}]"""));
        var objects = rendered.Documents.Values.Select(text => Yaml.Parse(text)!.AsObject()).Where(document => document["kind"]!.ToString() != "CustomResourceDefinition").ToArray();
        Assert.All(objects, document => Assert.Equal("much", $"{document["metadata"]!["labels"]?["cost"]}"));
        var pods = objects.Where(document => document["kind"]!.ToString() is "Deployment" or "Job" or "Pod").Select(document => document["spec"]!["template"] ?? document).ToArray();
        Assert.Equal(6, pods.Length); // watcher, app, admin, azurite, release, test
        Assert.All(pods, pod =>
        {
            Assert.Equal(("edge", "seen"), ($"{pod["metadata"]!["labels"]!["team"]}", $"{pod["metadata"]!["annotations"]!["note"]}"));
            var spec = pod["spec"]!;
            Assert.Equal(("ssd", "high", "Exists", "registry"), ($"{spec["nodeSelector"]!["disk"]}", $"{spec["priorityClassName"]}", $"{spec["tolerations"]![0]!["operator"]}", $"{spec["imagePullSecrets"]![0]!["name"]}"));
            Assert.NotNull(spec["affinity"]!["nodeAffinity"]);
            Assert.Equal("2000", $"{spec["securityContext"]!["runAsUser"]}");
        });
        Assert.Equal(["A=app", "A=app", "A=watcher", "B=admin"], pods.SelectMany(pod => pod["spec"]!["containers"]![0]!["env"]?.AsArray() ?? [])
            .Where(variable => $"{variable!["name"]}" is "A" or "B").Select(variable => $"{variable!["name"]}={variable["value"]}").Order());
    }

    [Theory]
    [InlineData("", "rollout status deployment/iofog-operator-watcher", "KEDA 2.18 or newer, best 2.20, must be in the cluster", "helm uninstall iofog -n edge")]
    [InlineData("scaling.mode=none", "Apps run always")]
    [InlineData("scaling.mode=azure-queue", "KEDA must be in the cluster")]
    [InlineData("storage.kind=azurite", "for trials only, not for production")]
    [InlineData("admin.replicas=1", "port-forward service/iofog-operator-admin 8080:80")]
    public async Task Notes_say_what_to_do_next(string set, params string[] told)
    {
        var said = await Helm.RunAsync(
            Token, ["install", "iofog", Helm.Chart, "-n", "edge", "--dry-run=client", "--set", "storage.connectionString.existingSecret=s", .. set.Length == 0 ? (string[])[] : ["--set", set]]);
        var notes = said[said.IndexOf("NOTES:", StringComparison.Ordinal)..];
        Assert.All(told, text => Assert.Contains(text, notes, StringComparison.Ordinal));
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
