using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local;
using IoFog.Operator.Local.Cluster;

namespace IoFog.Operator.EndToEnd;

/// <summary>
/// What the real kubectl does with the emulated cluster, or with the one of <c>IOFOG_TEST_KUBECONFIG</c>: the same commands, the same answers.
/// </summary>
public sealed class KubectlTests(KubectlTests.Fixture fixture) : IClassFixture<KubectlTests.Fixture>, IAsyncLifetime
{
    private const string Site = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: site, labels: {app: site}}
        spec:
          replicas: 1
          selector: {matchLabels: {app: site}}
          template:
            metadata: {labels: {app: site}}
            spec:
              containers:
              - {name: c, image: "nginx:1", env: [{name: A, value: "1"}]}
        """;

    private const string Zebra = """
        apiVersion: iofog.org/v3
        kind: Agent
        metadata: {name: zebra}
        spec: {host: edge.example.com}
        """;

    private readonly string space = $"kubectl-{Guid.NewGuid().ToString("N")[..6]}";
    private Kubelet? kubelet;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Kubectl Kubectl => fixture.Kubectl;

    public async ValueTask InitializeAsync()
    {
        if ((await Kubectl.RunAsync(Token, "get", "nodes", "-o", "name")).Length == 0)
        {
            kubelet = new(fixture.Api, space);
            kubelet.Start();
        }

        await Kubectl.RunAsync(Token, "create", "namespace", space);
        await Kubectl.RunAsync(Token, "wait", "-n", space, "--for=create", "serviceaccount/default", "--timeout=30s");
    }

    public async ValueTask DisposeAsync()
    {
        await Kubectl.RunAsync(CancellationToken.None, "delete", "namespace", space, "--timeout=60s");
        if (kubelet is not null)
            await kubelet.DisposeAsync();
    }

    [Theory]
    [InlineData("job/hi", "job hi --image=busybox -- echo hi", ".spec.template.spec.containers[0].command", """["echo","hi"]""")]
    [InlineData("deployment/web", "deployment web --image=nginx --replicas=0 --port=80", ".spec.template.spec.containers[0].ports[0].containerPort", "80")]
    [InlineData("secret/s", "secret generic s --from-literal=a=b", ".data", """{"a":"Yg=="}""")]
    [InlineData("secret/reg", "secret docker-registry reg --docker-server=x --docker-username=y --docker-password=z", ".type", "kubernetes.io/dockerconfigjson")]
    [InlineData("configmap/c", "configmap c --from-literal=a=b", ".data", """{"a":"b"}""")]
    [InlineData("serviceaccount/bot", "serviceaccount bot", ".metadata.name", "bot")]
    [InlineData("role/r", "role r --verb=get --resource=pods --resource-name=p", ".rules", """[{"apiGroups":[""],"resourceNames":["p"],"resources":["pods"],"verbs":["get"]}]""")]
    [InlineData("rolebinding/b", "rolebinding b --role=r --serviceaccount=x:bot", ".subjects", """[{"kind":"ServiceAccount","name":"bot","namespace":"x"}]""")]
    [InlineData("service/inside", "service clusterip inside --tcp=80:8080", ".spec.ports", """[{"name":"80-8080","port":80,"protocol":"TCP","targetPort":8080}]""")]
    [InlineData("service/headless", "service clusterip headless --clusterip=None", ".spec.clusterIPs", """["None"]""")]
    [InlineData("service/balanced", "service loadbalancer balanced --tcp=80:web", ".spec.ports[0].targetPort", "web")]
    [InlineData("service/named", "service externalname named --external-name=example.com", ".spec.externalName", "example.com")]
    [InlineData("ingress/way", "ingress way --rule=example.com/bar=web:8080", ".spec.rules[0].http.paths[0]", """{"backend":{"service":{"name":"web","port":{"number":8080}}},"path":"/bar","pathType":"Exact"}""")]
    [InlineData("poddisruptionbudget/one", "poddisruptionbudget one --selector=a=b --min-available=50%", ".spec", """{"minAvailable":"50%","selector":{"matchLabels":{"a":"b"}}}""")]
    public async Task Creates_by_commands_what_it_sends_as_protobuf(string item, string command, string path, string value)
    {
        Assert.Contains(" created", await RunAsync(["create", .. command.Split(' ')]), StringComparison.Ordinal);
        Assert.Equal(value, await ReadAsync(item, path));
    }

    [Fact]
    public async Task Creates_a_token_a_pod_and_a_Service_for_a_Deployment()
    {
        Assert.NotEmpty(await RunAsync("create", "token", "default"));
        await RunAsync("run", "one", "--image=nginx", "--restart=Never", "--", "sleep", "1");
        Assert.Equal("Never", await ReadAsync("pod/one", ".spec.restartPolicy"));
        await ApplyAsync(Site);
        await RunAsync("expose", "deployment", "site", "--port=80");
        Assert.Equal("""{"app":"site"}""", await ReadAsync("service/site", ".spec.selector"));
    }

    [Fact]
    public async Task Applies_by_itself_and_by_the_server_and_shows_what_would_differ()
    {
        Assert.Equal(1, (await TryAsync(Site, "diff", "-f", "-")).Code); // it is not there
        Assert.Contains("created", await ApplyAsync(Site), StringComparison.Ordinal);
        Assert.Contains("unchanged", await ApplyAsync(Site), StringComparison.Ordinal);
        Assert.Equal(0, (await TryAsync(Site, "diff", "-f", "-")).Code);
        var next = Site.Replace("nginx:1", "nginx:2", StringComparison.Ordinal).Replace("env: [{name: A, value: \"1\"}]", "env: []", StringComparison.Ordinal);
        var diff = await TryAsync(next, "diff", "-f", "-");
        Assert.Equal(1, diff.Code);
        Assert.Matches(@"\n-\s+image: nginx:1[\s\S]*\n\+\s+(- )?image: nginx:2\n", diff.Output);
        Assert.Contains("configured", await ApplyAsync(next), StringComparison.Ordinal);
        Assert.Equal("", await ReadAsync("deployment/site", ".spec.template.spec.containers[0].env"));

        Assert.Contains("serverside-applied", await ApplyAsync(next, "--server-side"), StringComparison.Ordinal);
        var conflict = await TryAsync(Site, "apply", "-f", "-", "--server-side", "--field-manager=other");
        Assert.Contains("conflict with \"kubectl\": .spec.template.spec.containers[name=\"c\"].image", conflict.Errors, StringComparison.Ordinal);
        await ApplyAsync(Site, "--server-side", "--field-manager=other", "--force-conflicts");
        Assert.Equal("nginx:1", await ReadAsync("deployment/site", ".spec.template.spec.containers[0].image"));

        Assert.Contains("created (server dry run)", await ApplyAsync(Zebra, "--dry-run=server"), StringComparison.Ordinal);
        Assert.Contains("NotFound", (await TryAsync(null, "get", "agent", "zebra")).Errors, StringComparison.Ordinal);
        Assert.Contains("created", await ApplyAsync(Zebra), StringComparison.Ordinal);
        Assert.Contains("unchanged", await ApplyAsync(Zebra), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_refused_what_nobody_knows()
    {
        var unknown = await TryAsync(Site.Replace("replicas: 1", "replica: 1", StringComparison.Ordinal), "apply", "-f", "-");
        Assert.Contains("strict decoding error: unknown field \"spec.replica\"", unknown.Errors, StringComparison.Ordinal);
        var wrong = await TryAsync(Site.Replace("replicas: 1", "replicas: one", StringComparison.Ordinal), "apply", "-f", "-");
        Assert.Contains("cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32", wrong.Errors, StringComparison.Ordinal);
        var custom = await TryAsync(Zebra.Replace("host:", "hosst:", StringComparison.Ordinal), "apply", "-f", "-");
        Assert.Contains("unknown field \"spec.hosst\"", custom.Errors, StringComparison.Ordinal);
        var kind = await TryAsync(Zebra.Replace("Agent", "Stranger", StringComparison.Ordinal), "apply", "-f", "-");
        Assert.Contains("no matches for kind \"Stranger\" in version \"iofog.org/v3\"", kind.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edits_with_an_editor()
    {
        await ApplyAsync(Site);
        await ApplyAsync(Zebra);
        Assert.Contains("edited", await EditAsync("s/nginx:1/nginx:7/", "deployment", "site"), StringComparison.Ordinal);
        Assert.Equal("nginx:7", await ReadAsync("deployment/site", ".spec.template.spec.containers[0].image"));
        Assert.Contains("edited", await EditAsync("s/edge.example.com/far.example.com/", "agent", "zebra"), StringComparison.Ordinal);
        Assert.Equal("far.example.com", await ReadAsync("agent/zebra", ".spec.host"));
        Assert.Contains("cancelled, no changes made", await EditAsync("s/nothing/nothing/", "agent", "zebra"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Patches_in_all_three_forms()
    {
        await ApplyAsync(Site);
        await ApplyAsync(Zebra);
        await RunAsync("patch", "deployment", "site", "-p", """{"spec":{"template":{"spec":{"containers":[{"name":"c","env":[{"name":"B","value":"2"}]}]}}}}""");
        Assert.Equal("""["A","B"]""", await NamesAsync());
        await RunAsync("patch", "deployment", "site", "-p", """{"spec":{"template":{"spec":{"containers":[{"name":"c","env":[{"$patch":"delete","name":"A"}]}]}}}}""");
        Assert.Equal("""["B"]""", await NamesAsync());
        await RunAsync("patch", "deployment", "site", "--type=merge", "-p", """{"spec":{"replicas":3}}""");
        await RunAsync("patch", "deployment", "site", "--type=json", "-p", """[{"op":"test","path":"/spec/replicas","value":3},{"op":"replace","path":"/spec/replicas","value":2}]""");
        Assert.Equal("2", await ReadAsync("deployment/site", ".spec.replicas"));
        await RunAsync("patch", "deployment", "site", "--subresource=scale", "--type=merge", "-p", """{"spec":{"replicas":1}}""");
        Assert.Equal("1", await ReadAsync("deployment/site", ".spec.replicas"));
        Assert.Contains("application/strategic-merge-patch+json is not supported by iofog.org/v3, Kind=Agent", (await TryAsync(null, "patch", "agent", "zebra", "-p", """{"spec":{"host":"h"}}""")).Errors, StringComparison.Ordinal);
        await RunAsync("patch", "agent", "zebra", "--type=merge", "-p", """{"spec":{"host":"h"}}""");
        await RunAsync("patch", "agent", "zebra", "--subresource=status", "--type=merge", "-p", """{"status":{"turn":1}}""");
        Assert.Equal("""{"turn":1}""", await ReadAsync("agent/zebra", ".status"));

        async Task<string> NamesAsync() => new JsonArray([.. JsonNode.Parse(await ReadAsync("deployment/site", ".spec.template.spec.containers[0].env"))!.AsArray().Select(one => one!["name"]!.DeepClone())]).ToJsonString();
    }

    [Fact]
    public async Task Waits_for_what_comes_and_goes_and_watches_it()
    {
        var created = RunAsync("wait", "--for=create", "deployment/site", "--timeout=30s");
        var watched = TryAsync(null, "get", "deployments", "-w", "--request-timeout=25s");
        await ApplyAsync(Site);
        await created;
        await RunAsync("wait", "--for=condition=Available", "deployment/site", "--timeout=30s");
        await RunAsync("wait", "--for=jsonpath={.status.readyReplicas}=1", "deployment/site", "--timeout=30s");
        var deleted = RunAsync("wait", "--for=delete", "deployment/site", "--timeout=30s");
        await RunAsync("delete", "deployment", "site");
        await deleted;
        Assert.Contains("timed out waiting", (await TryAsync(null, "wait", "--for=create", "deployment/never", "--timeout=1s")).Errors, StringComparison.Ordinal);
        Assert.Matches(@"site +[01]/1[\s\S]+site +1/1", (await watched).Output); // its deletion is a line, too
    }

    [Fact]
    public async Task Describes_and_explains_built_ins_and_our_kinds()
    {
        await ApplyAsync(Site);
        await ApplyAsync(Zebra);
        Assert.Matches(@"Image: +nginx:1", await RunAsync("describe", "deployment", "site"));
        Assert.Matches(@"Host: +edge.example.com", await RunAsync("describe", "agent", "zebra"));
        Assert.Contains($"kubernetes.io/metadata.name={space}", await RunAsync("describe", "namespace", space), StringComparison.Ordinal);
        Assert.Contains("ca.crt", await RunAsync("describe", "configmap", "kube-root-ca.crt"), StringComparison.Ordinal);
        Assert.Matches(@"GROUP: +apps\n[\s\S]*selector\t<LabelSelector> -required-", await RunAsync("explain", "deployment.spec"));
        Assert.Contains("whenUnsatisfiable\t<string>", await RunAsync("explain", "pod.spec.topologySpreadConstraints", "--recursive"), StringComparison.Ordinal);
        Assert.Contains("maxUnavailable\t<IntOrString>", await RunAsync("explain", "deployment.spec.strategy.rollingUpdate"), StringComparison.Ordinal);
        Assert.Contains("What the agent is to be.", await RunAsync("explain", "agent.spec"), StringComparison.Ordinal);
        Assert.Contains("ownerReferences\t<[]OwnerReference>", await RunAsync("explain", "agent.metadata"), StringComparison.Ordinal);
        Assert.Contains("field \"nothing\" does not exist", (await TryAsync(null, "explain", "deployment.nothing")).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asks_what_it_may_do()
    {
        await RunAsync("create", "serviceaccount", "bot");
        await RunAsync("create", "role", "reader", "--verb=get,list", "--resource=agents.iofog.org");
        await RunAsync("create", "rolebinding", "reader", "--role=reader", $"--serviceaccount={space}:bot");
        var bot = $"--as=system:serviceaccount:{space}:bot";
        Assert.Equal("yes", (await RunAsync("auth", "can-i", "delete", "agents.iofog.org")).Trim());
        Assert.Equal("yes", (await RunAsync("auth", "can-i", "list", "agents.iofog.org", bot)).Trim());
        Assert.Equal("no", (await TryAsync(null, "auth", "can-i", "delete", "agents.iofog.org", bot)).Output.Trim());
        Assert.Matches(@"agents.iofog.org +\[\] +\[\] +\[get list\]", await RunAsync("auth", "can-i", "--list", bot));
        Assert.Contains("cannot delete resource \"agents\" in API group \"iofog.org\"", (await TryAsync(null, "delete", "agent", "zebra", bot)).Errors, StringComparison.Ordinal);
        Assert.Contains("system:authenticated", await RunAsync("auth", "whoami"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("foreground")]
    [InlineData("background")]
    [InlineData("orphan")]
    public async Task Deletes_with_what_is_owned_or_without(string cascade)
    {
        await ApplyAsync(Site);
        var owner = await ReadAsync("deployment/site", ".metadata.uid");
        await ApplyAsync($$"""
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: owned
              ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: site, uid: {{owner}}, controller: true, blockOwnerDeletion: true}]
            """);
        await RunAsync("delete", "deployment", "site", $"--cascade={cascade}", "--timeout=30s");
        if (cascade == "orphan")
            Assert.Equal("", await ReadAsync("configmap/owned", ".metadata.ownerReferences"));
        else
            await RunAsync("wait", "--for=delete", "configmap/owned", "--timeout=30s");
    }

    [Fact]
    public async Task Scales_and_rolls_out()
    {
        await ApplyAsync(Site);
        await RunAsync("scale", "deployment", "site", "--replicas=3");
        Assert.Contains("successfully rolled out", await RunAsync("rollout", "status", "deployment/site", "--timeout=30s"), StringComparison.Ordinal);
        Assert.Equal("3", await ReadAsync("deployment/site", ".status.availableReplicas"));
        Assert.Contains("Expected replicas to be 1, was 3", (await TryAsync(null, "scale", "deployment", "site", "--current-replicas=1", "--replicas=2")).Errors, StringComparison.Ordinal);
        await RunAsync("rollout", "restart", "deployment/site");
        Assert.Contains("restartedAt", await ReadAsync("deployment/site", ".spec.template.metadata.annotations"), StringComparison.Ordinal);
        await RunAsync("set", "image", "deployment/site", "c=nginx:9");
        await RunAsync("rollout", "status", "deployment/site", "--timeout=30s");
        Assert.Equal(await ReadAsync("deployment/site", ".metadata.generation"), await ReadAsync("deployment/site", ".status.observedGeneration"));
    }

    [Fact]
    public async Task Labels_annotates_and_lists()
    {
        await ApplyAsync(Site);
        await ApplyAsync(Zebra);
        await RunAsync("label", "agent", "zebra", "tier=front");
        await RunAsync("annotate", "agent", "zebra", "note=seen", "--overwrite");
        Assert.Equal("agent.iofog.org/zebra\n", await RunAsync("get", "agents", "-l", "tier in (front,back)", "-o", "name"));
        Assert.Equal("", await RunAsync("get", "agents", "-l", "tier!=front", "-o", "name"));
        Assert.Contains("already has a value (front)", (await TryAsync(null, "label", "agent", "zebra", "tier=back")).Errors, StringComparison.Ordinal);
        await RunAsync("label", "agent", "zebra", "tier-");
        Assert.Equal("", await ReadAsync("agent/zebra", ".metadata.labels"));
        Assert.Matches(@"NAME +READY +UP-TO-DATE +AVAILABLE +AGE +CONTAINERS +IMAGES +SELECTOR\nsite +\d/1 +\d +\d +\S+ +c +nginx:1 +app=site", await RunAsync("get", "deployments", "-o", "wide"));
        Assert.Contains("deployment.apps/site", await RunAsync("get", "all", "-l", "app=site"), StringComparison.Ordinal);
        Assert.Contains("site", await RunAsync("get", "deployments", "--field-selector=metadata.name=site", "--sort-by=.metadata.name"), StringComparison.Ordinal);
        Assert.Contains("agents", await RunAsync("api-resources", "--api-group=iofog.org"), StringComparison.Ordinal);
    }

    private async Task<string> EditAsync(string script, params string[] item)
    {
        var (code, output, errors) = await Kubectl.TryRunAsync(new() { ["KUBE_EDITOR"] = $"sed -i {script}" }, null, Token, ["-n", space, "edit", .. item]);
        Assert.True(code == 0, errors);
        return output + errors;
    }

    private Task<string> ApplyAsync(string manifest, params string[] options) => Kubectl.ApplyAsync(manifest, Token, ["-n", space, .. options]);

    private Task<string> RunAsync(params string[] arguments) => Kubectl.RunAsync(Token, ["-n", space, .. arguments]);

    private Task<(int Code, string Output, string Errors)> TryAsync(string? input, params string[] arguments) => Kubectl.TryRunAsync(null, input, Token, ["-n", space, .. arguments]);

    private Task<string> ReadAsync(string item, string path) => RunAsync("get", item, "-o", $"jsonpath={{{path}}}");

    /// <summary>One cluster for all of them, with our definitions.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        private readonly string kubeconfig = Path.GetTempFileName();
        private ClusterEmulator? cluster;

        internal Kubectl Kubectl { get; private set; } = null!;

        internal KubernetesApi Api { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            var given = Environment.GetEnvironmentVariable("IOFOG_TEST_KUBECONFIG") is { Length: > 0 } path ? path : null;
            cluster = given is null ? await ClusterEmulator.StartAsync(new() { RunControllers = false }, null, Token) : null;
            await File.WriteAllTextAsync(kubeconfig, cluster?.Kubeconfig ?? await File.ReadAllTextAsync(given!, Token), Token);
            (Kubectl, Api) = (new(kubeconfig), KubernetesConnection.Open(kubeconfig));
            await Kubectl.RunAsync(Token, "apply", "-f", Layout.Crds);
            await Kubectl.RunAsync(Token, "wait", "--for=condition=Established", "-f", Layout.Crds, "--timeout=30s");
        }

        public async ValueTask DisposeAsync()
        {
            if (cluster is not null)
                await cluster.DisposeAsync();
            File.Delete(kubeconfig);
        }
    }
}
