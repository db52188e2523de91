using System.Net.Http.Headers;
using IoFog.Operator.Local;

namespace IoFog.Operator.EndToEnd.Install;

/// <summary>
/// The chart, installed by the real helm into a cluster with RBAC, with the built binaries played in for the images; each pod signs in as its
/// service account.
/// </summary>
[Collection(nameof(WholeMachineCollection))]
public sealed class InstallTests
{
    /// <summary>Rendered, and used by nobody here; why.</summary>
    private static readonly Dictionary<string, string> Unused = new()
    {
        ["endpointslices/restricted.discovery.k8s.io"] = "OpenShift asks for it",
        ["controlplanes/finalizers.iofog.org"] = "OpenShift asks for it",
        ["agents/finalizers.iofog.org"] = "OpenShift asks for it",
        ["apps.iofog.org"] = "iofogctl's name of applications: a cluster serves one of the two",
        ["apps/status.iofog.org"] = "the same",
    };

    /// <summary>What <c>large.yaml</c> adds to a control plane.</summary>
    private static readonly string[] Further = ["ingress/controller", "pdb/router", "pdb/controller", "secret/controller-db-credentials", "secret/controller-s2s-tokens"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_releases_live_in_one_cluster_and_use_every_right_that_they_have_and_no_other()
    {
        await using var stage = await InstallStage.StartAsync(Token);
        await using var edge = await Release.InstallAsync(stage, "edge", "admin.replicas=1");
        await using var far = await Release.InstallAsync(stage, "far", "apps=small", "admin.replicas=1", "admin.access=self");
        Release[] both = [edge, far];
        await Task.WhenAll(both.Select(StartAsync));
        await Task.WhenAll(both.Select(WorkAsync));
        await Task.WhenAll(both.Select(AskAsync));

        await edge.TestAsync();
        await far.TestAsync();
        await edge.AllAtZeroAsync();
        await edge.HelmAsync("upgrade", "pods.annotations.edition=second");
        Assert.All(await edge.ReplicasAsync(), app => Assert.Equal(0, app.Value)); // KEDA has the say, not the chart
        await edge.TestAsync();
        await edge.RollBackAsync();
        await edge.TestAsync();
        await edge.AllReadyAsync();

        // From here on Roles go before those who had them.
        var forbidden = both.SelectMany(release => stage.Rights.ForbiddenIn(release.Namespace)).ToArray();
        await edge.UninstallAsync();
        Assert.Equal(EcnSample.Objects.Count, (await edge.KubectlAsync("get", "iofog", "-o", "name")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length); // objects outlive the operator
        await stage.Kubectl.RunAsync(Token, "delete", "namespace", "edge", "--timeout=30s");
        await far.ReconcileAsync(); // and nobody else notices
        await stage.Kubectl.RunAsync(Token, "delete", "namespace", "far", "--timeout=30s");

        Assert.SkipUnless(stage.HasAudit, "the API server's own audit log has what was attempted");
        Assert.Empty(forbidden);
        Assert.Empty(stage.Rights.UnusedIn(both, Unused.Keys));
    }

    /// <summary>Apps go to zero, and everything of a network becomes Ready at once when it is applied.</summary>
    private static async Task StartAsync(Release release)
    {
        await release.AllAtZeroAsync();

        // Somebody was here before: a binding's role can't change, so it is made anew.
        await release.KubectlAsync("create", "rolebinding", "router", "--role=former", "--serviceaccount=former:router");
        await release.KubectlAsync("apply", "-f", Path.Combine(Layout.Samples, "ecn.yaml"));
        await release.AllReadyAsync();
        Assert.Equal(await release.AppsAsync(), release.Woken.Order());
        await release.AllAtZeroAsync();
    }

    /// <summary>What comes up in a long life: rivals, other shapes of the control plane, an outage.</summary>
    private static async Task WorkAsync(Release release)
    {
        var rivals = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(rivals, string.Join("\n---\n", EcnSample.Rivals.Select(rival => rival.ToJsonString())), Token);
            foreach (var file in new[] { rivals, FileOf("rivals.yaml") })
            {
                await release.KubectlAsync("apply", "-f", file);
                await release.KubectlAsync("wait", "--for=condition=Stalled", "-f", file, "--timeout=60s");
                await release.KubectlAsync("delete", "-f", file, "--timeout=60s");
            }
        }
        finally
        {
            File.Delete(rivals);
        }

        await SwapAsync(release);

        await release.KubectlAsync("patch", "controlplane", "iofog", "--type=merge", "--patch-file", FileOf("large.yaml"));
        foreach (var further in Further)
            await release.KubectlAsync("wait", "--for=create", further, "--timeout=60s"); // kubectl can wait for one at a time
        await release.AllReadyAsync();
        await release.KubectlAsync("patch", "controlplane", "iofog", "--type=merge", "-p", """{"spec":{"database":null,"images":null,"replicas":null,"controller":null,"ingresses":null,"services":null}}""");
        await release.KubectlAsync(["wait", "--for=delete", .. Further, "--timeout=60s"]);
        await release.AllReadyAsync();

        await release.StopControllerAsync();
        await release.AskForReconcileAsync();
        await release.KubectlAsync("wait", "--for=condition=Ready=false", Release.Kinds, "--all", "--timeout=60s");
        await release.StartControllerAsync();
        await release.AllReadyAsync();
    }

    /// <summary>Two microservices on one device change their ports, and two routes their ends; one goes to another application.</summary>
    private static async Task SwapAsync(Release release)
    {
        var swap = FileOf("swap.yaml");
        await release.KubectlAsync("apply", "-f", swap);
        await release.KubectlAsync("wait", "--for=condition=Ready", "-f", swap, "--timeout=60s");
        foreach (var (name, port) in new[] { ("left", 7002), ("right", 7001) })
            await PatchAsync($"microservice/{name}", $$"""{"spec":{"container":{"ports":[{"internal":80,"external":{{port}} }]} } }""");
        await PatchAsync("route/there", """{"spec":{"from":"right","to":"left"}}""");
        await PatchAsync("route/back", """{"spec":{"from":"left","to":"right"}}""");
        await release.KubectlAsync("wait", "--for=jsonpath={.status.observedGeneration}=2", "-f", swap, "--timeout=60s");
        await release.KubectlAsync("wait", "--for=condition=Ready", "-f", swap, "--timeout=180s");
        await release.KubectlAsync("delete", "-f", swap, "--timeout=60s");

        var move = FileOf("move.yaml");
        await release.KubectlAsync("apply", "-f", move);
        await release.KubectlAsync("wait", "--for=condition=Ready", "microservice/mover", "--timeout=60s");
        await PatchAsync("microservice/mover", """{"spec":{"application":"elsewhere"}}""");
        await release.KubectlAsync("wait", "--for=jsonpath={.status.observedGeneration}=2", "microservice/mover", "--timeout=60s");
        await release.KubectlAsync("wait", "--for=condition=Ready", "microservice/mover", "--timeout=60s");
        await release.KubectlAsync("delete", "-f", move, "--timeout=60s");

        Task PatchAsync(string item, string patch) => release.KubectlAsync("patch", item, "--type=merge", "-p", patch);
    }

    /// <summary>All that the admin functions do for somebody with rights of their own.</summary>
    private static async Task AskAsync(Release release)
    {
        await release.KubectlAsync("apply", "-f", FileOf("people.yaml"));
        await release.KubectlAsync("create", "rolebinding", "person", "--role=person", $"--serviceaccount={release.Namespace}:person");
        using var http = new HttpClient { BaseAddress = await release.AddressOfAsync("admin") };
        string[] audience = release.Namespace == "far" ? [] : ["--audience=iofog-admin"];
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await release.KubectlAsync(["create", "token", "person", .. audience])).Trim());
        foreach (var path in new[] { "overview", "objects", "graph", "diagnostics", "objects/agents/zebra-1", "objects/agents/zebra-1/comparison", "objects/controlplanes/iofog/comparison" })
            await OkAsync(await http.GetAsync(new Uri($"api/{path}", UriKind.Relative), Token));
        foreach (var one in Kinds.All.Select(kind => $"{kind.Plural}/{EcnSample.Objects.First(item => item.Kind == kind).Name}"))
        {
            await OkAsync(await http.GetAsync(new Uri($"api/objects/{one}", UriKind.Relative), Token));
            for (var i = 0; i < 2; i++)
                await OkAsync(await http.PostAsync(new Uri($"api/objects/{one}/reconcile", UriKind.Relative), null, Token)); // the second raises the Event of the first
        }

        static async Task OkAsync(HttpResponseMessage answer)
        {
            using (answer)
                Assert.True(answer.IsSuccessStatusCode, $"{answer.RequestMessage!.RequestUri}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(Token)}");
        }
    }

    private static string FileOf(string name) => Path.Combine(Layout.Repository, "tests", "EndToEnd", "Install", name);
}
