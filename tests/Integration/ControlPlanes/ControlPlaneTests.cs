using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Integration.ControlPlanes;

/// <summary>A control plane from its creation to its deletion.</summary>
public sealed class ControlPlaneTests
{
    [Fact]
    public async Task Comes_up_step_by_step_and_says_what_it_waits_for()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.ApplyAsync(stage.PathOf("iofog"), $$"""{"apiVersion":"iofog.org/v3","kind":"ControlPlane","metadata":{"name":"iofog"},"spec":{{ControlPlaneStage.Spec}}}""");
        var waiting = (await stage.LookAsync())!;
        Assert.Equal("False WaitingForAddress", waiting.Condition("Ready"));
        Assert.Equal("True WaitingForAddress", waiting.Condition("deploying"));
        Assert.Equal(["ready", "deploying"], waiting["status"]!["conditions"]!.AsArray().Take(2).Select(condition => condition!["type"]!.GetValue<string>()));
        Assert.Null(await stage.FindAsync(stage.Deployment("router"))); // it would only start anew once it has an address

        var ready = await stage.SettleAsync();
        Assert.Equal("True ControlPlaneReady", ready.Condition("Ready"));
        Assert.Equal("True ControlPlaneReady", ready.Condition("ready"));
        Assert.Equal("False ControlPlaneReady", ready.Condition("deploying"));
        Assert.Equal(
            ["Controller True", "Router True", "PortManager True", "Address True", "User True", "DefaultRouter True"],
            ready["status"]!["components"]!.AsArray().Select(component => $"{component!["name"]} {component["ready"]!.GetValue<bool>()}"));
        Assert.Equal("10.1.2.3", ready.Status("routerAddress"));
        Assert.True(await stage.SignsInAsync(ControlPlaneStage.Password));
        Assert.Equal("10.1.2.3", (await stage.ClientOf(ControlPlaneStage.Password).FindDefaultRouterAsync(TestContext.Current.CancellationToken))!.Host);
        var service = await stage.ReadAsync(stage.Service("controller"));
        Assert.Equal("controller", service["spec"]!["selector"]!["name"]!.GetValue<string>());
        Assert.Contains(service["spec"]!["ports"]!.AsArray(), port => port!["targetPort"]!.GetValueKind() == System.Text.Json.JsonValueKind.Number && port["targetPort"]!.GetValue<int>() == 51121);
        var visible = await stage.VisibleAsync();
        Assert.DoesNotContain(ControlPlaneStage.Password, visible, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(ControlPlaneStage.Password)), visible, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", visible, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rests_without_a_write()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.CreateAsync();
        var (before, told) = (await stage.OwnedAsync(), await stage.EventsAsync());
        await stage.LookAsync();
        var after = await stage.OwnedAsync();
        Assert.Equal(before.Select(WrittenOf), after.Select(WrittenOf));
        Assert.Equal(told, await stage.EventsAsync());
        Assert.NotNull((await stage.ReadAsync(stage.PathOf("iofog"))).Status("nextReconcileTime")); // certificates end one day
    }

    // The size of the volume comes last: it can't go back.
    private static readonly (string Change, string Path, string Field, string Value)[] Changes =
    [
        ("""{"images":{"controller":"example.com/controller:1"}}""", "apis/apps/v1/{0}/deployments/controller", "spec.template.spec.containers.0.image", "example.com/controller:1"),
        ("""{"images":{"router":"example.com/router:1"}}""", "apis/apps/v1/{0}/deployments/router", "spec.template.spec.containers.0.image", "example.com/router:1"),
        ("""{"images":{"portManager":"example.com/pm:1"}}""", "apis/apps/v1/{0}/deployments/port-manager", "spec.template.spec.containers.0.image", "example.com/pm:1"),
        ("""{"images":{"pullSecret":"regcred"}}""", "api/v1/{0}/serviceaccounts/router", "imagePullSecrets.0.name", "regcred"),
        ("""{"services":{"controller":{"type":"NodePort"}}}""", "api/v1/{0}/services/controller", "spec.type", "NodePort"),
        ("""{"services":{"controller":{"type":"ClusterIP"}},"ingresses":{"controller":{"host":"ecn.example.com","ingressClassName":"nginx"}}}""", "apis/networking.k8s.io/v1/{0}/ingresses/controller", "spec.rules.0.host", "ecn.example.com"),
        ("""{"services":{"router":{"address":"10.9.9.9"}}}""", "api/v1/{0}/services/router", "spec.loadBalancerIP", "10.9.9.9"),
        ("""{"services":{"router":{"annotations":{"example.com/kind":"internal"}}}}""", "api/v1/{0}/services/router", "metadata.annotations.example~com/kind", "internal"),
        ("""{"services":{"controller":{"externalTrafficPolicy":"Cluster"}}}""", "api/v1/{0}/services/controller", "spec.externalTrafficPolicy", "Cluster"),
        ("""{"controller":{"ecn":"mine"}}""", "apis/apps/v1/{0}/deployments/controller", "spec.template.spec.containers.0.env.name=ECN_NAME.value", "mine"),
        ("""{"controller":{"ecnViewerPort":8080}}""", "api/v1/{0}/services/controller", "spec.ports.1.port", "8080"),
        ("""{"controller":{"proxyBrokerToken":"s3cret-token"}}""", "apis/apps/v1/{0}/deployments/controller", "spec.template.spec.containers.0.env.name=PROXY_BROKER_TOKEN.valueFrom.secretKeyRef.name", "controller-s2s-tokens"),
        ("""{"images":{"proxy":"example.com/proxy:1"}}""", "apis/apps/v1/{0}/deployments/port-manager", "spec.template.spec.containers.0.env.name=PROXY_IMAGE.value", "example.com/proxy:1"),
        ("""{"images":{"portRouter":"example.com/pr:1"}}""", "apis/apps/v1/{0}/deployments/controller", "spec.template.spec.containers.0.env.name=SystemImages_PortRouter_2.value", "example.com/pr:1"),
        ("""{"ingresses":{"httpProxy":{"address":"h.example.com"},"tcpProxy":{"address":"t.example.com"}}}""", "apis/apps/v1/{0}/deployments/port-manager", "spec.template.spec.containers.0.env.name=HTTP_PROXY_ADDRESS.value", "h.example.com"),
        ("""{"ingresses":{"httpProxy":{"address":"h.example.com"},"tcpProxy":{"address":"t.example.com"}}}""", "apis/apps/v1/{0}/deployments/port-manager", "spec.template.spec.containers.0.env.name=TCP_PROXY_ADDRESS.value", "t.example.com"),
        ("""{"controller":{"pidBaseDir":"/run"}}""", "apis/apps/v1/{0}/deployments/controller", "spec.template.spec.containers.0.env.name=PID_BASE.value", "/run"),
        ("""{"controller":{"ecnViewerUrl":"https://viewer.example.com"}}""", "apis/apps/v1/{0}/deployments/controller", "spec.template.spec.containers.0.env.name=VIEWER_URL.value", "https://viewer.example.com"),
        ("""{"controller":{"portProvider":"proxy"}}""", "apis/apps/v1/{0}/deployments/controller", "spec.template.spec.containers.0.env.name=MSVC_PORT_PROVIDER.value", "proxy"),
        ("""{"controller":{"portAllocatorHost":"ports.example.com"}}""", "apis/apps/v1/{0}/deployments/controller", "spec.template.spec.containers.0.env.name=PORT_ALLOC_ADDRESS.value", "ports.example.com"),
        ("""{"controller":{"proxyBrokerUrl":"http://broker.example.com"}}""", "apis/apps/v1/{0}/deployments/controller", "spec.template.spec.containers.0.env.name=PROXY_BROKER_URL.value", "http://broker.example.com"),
        ("""{"services":{"controller":{"address":"10.8.8.8"}}}""", "api/v1/{0}/services/controller", "spec.loadBalancerIP", "10.8.8.8"),
        ("""{"services":{"controller":{"annotations":{"example.com/kind":"internal"}}}}""", "api/v1/{0}/services/controller", "metadata.annotations.example~com/kind", "internal"),
        ("""{"services":{"router":{"externalTrafficPolicy":"Cluster"}}}""", "api/v1/{0}/services/router", "spec.externalTrafficPolicy", "Cluster"),
        ("""{"services":{"controller":{"type":"ClusterIP"}},"ingresses":{"controller":{"host":"ecn.example.com","secretName":"tls"}}}""", "apis/networking.k8s.io/v1/{0}/ingresses/controller", "spec.tls.0.secretName", "tls"),
        ("""{"services":{"controller":{"type":"ClusterIP"}},"ingresses":{"controller":{"host":"ecn.example.com","annotations":{"example.com/kind":"internal"}}}}""", "apis/networking.k8s.io/v1/{0}/ingresses/controller", "metadata.annotations.example~com/kind", "internal"),
        ("""{"pods":{"portManager":{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"zone","operator":"Exists"}]}]}}}}}}""", "apis/apps/v1/{0}/deployments/port-manager", "spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.0.matchExpressions.0.key", "zone"),
        ("""{"pods":{"router":{"resources":{"requests":{"cpu":"50m"}}}}}""", "apis/apps/v1/{0}/deployments/router", "spec.template.spec.containers.0.resources.requests.cpu", "50m"),
        ("""{"replicas":{"router":3}}""", "apis/apps/v1/{0}/deployments/router-3", "spec.replicas", "1"),
        ("""{"replicas":{"router":3}}""", "apis/policy/v1/{0}/poddisruptionbudgets/router", "spec.maxUnavailable", "1"),
        ("""{"replicas":{"portManager":0}}""", "apis/apps/v1/{0}/deployments/port-manager", "spec.replicas", "0"),
        ("""{"pods":{"controller":{"resources":{"limits":{"memory":"1Gi"}}}}}""", "apis/apps/v1/{0}/deployments/controller", "spec.template.spec.containers.0.resources.limits.memory", "1Gi"),
        ("""{"pods":{"router":{"nodeSelector":{"zone":"a"}}}}""", "apis/apps/v1/{0}/deployments/router", "spec.template.spec.nodeSelector.zone", "a"),
        ("""{"pods":{"portManager":{"tolerations":[{"key":"edge","operator":"Exists"}]}}}""", "apis/apps/v1/{0}/deployments/port-manager", "spec.template.spec.tolerations.0.key", "edge"),
        ("""{"pods":{"router":{"annotations":{"example.com/scrape":"true"}}}}""", "apis/apps/v1/{0}/deployments/router", "spec.template.metadata.annotations.example~com/scrape", "true"),
        ("""{"storage":{"keep":false}}""", "api/v1/{0}/persistentvolumeclaims/controller-sqlite", "metadata.ownerReferences.0.kind", "ControlPlane"),
        ("""{"storage":{"size":"2Gi"}}""", "api/v1/{0}/persistentvolumeclaims/controller-sqlite", "spec.resources.requests.storage", "2Gi"),
    ];

    [Fact]
    public async Task Every_change_of_the_spec_rolls_out_and_back()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.CreateAsync();
        foreach (var (change, path, field, value) in Changes)
        {
            var before = await stage.OwnedAsync();
            var changed = await stage.EditAsync(change);
            Assert.Equal("True ControlPlaneReady", changed.Condition("Ready"));
            Assert.Equal((change, value), (change, Read(await stage.ReadAsync(stage.In(path)), field)?.ToString()));
            if (change == Changes[^1].Change)
                continue;

            // The whole spec as it was: what came goes again, and nothing else.
            await stage.SendAsync(HttpMethod.Patch, stage.PathOf("iofog"), $$"""[{"op":"replace","path":"/spec","value":{{ControlPlaneStage.Spec}}}]""", "application/json-patch+json");
            Assert.Equal("True ControlPlaneReady", (await stage.SettleAsync()).Condition("Ready"));
            var after = await stage.OwnedAsync();
            Assert.Equal(before.Keys, after.Keys);
            foreach (var (name, content) in before)
                Assert.Equal(Lasting(content), Lasting(after[name]));
        }
    }

    [Fact]
    public async Task Drift_of_every_owned_object_is_repaired_and_its_deletion_too()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.CreateAsync("""{"user":{"name":"Jane","surname":"Doe","email":"jane@example.com","password":"change-me-please"},"replicas":{"router":2},"services":{"controller":{"type":"ClusterIP"}},"ingresses":{"controller":{"host":"ecn.example.com"}},"controller":{"proxyBrokerToken":"t0ken"}}""");
        var owned = await stage.OwnedAsync();
        Assert.Equal(
            ["Deployment 4", "Ingress 1", "PersistentVolumeClaim 1", "PodDisruptionBudget 1", "Role 2", "RoleBinding 2", "Secret 5", "Service 4", "ServiceAccount 3"],
            owned.Values.GroupBy(one => one["kind"]!.GetValue<string>()).Select(group => $"{group.Key} {group.Count()}").Order());
        foreach (var (path, content) in owned)
        {
            await stage.PatchAsync(path, """{"metadata":{"labels":{"name":"drifted"}}}""");
            await stage.SettleAsync();
            Assert.Equal(content["metadata"]!["name"]!.GetValue<string>(), (await stage.ReadAsync(path))["metadata"]!["labels"]!["name"]!.GetValue<string>());
        }

        await stage.PatchAsync(stage.Service("controller"), """{"spec":{"type":"NodePort"}}""");
        await stage.PatchAsync(stage.Secret("router-ca"), """{"data":{"tls.key":"bm90aGluZw=="}}""");
        await stage.SettleAsync();
        Assert.Equal("ClusterIP", (await stage.ReadAsync(stage.Service("controller")))["spec"]!["type"]!.GetValue<string>());
        Assert.Contains("PRIVATE KEY", await stage.SecretTextAsync("router-ca", "tls.key"), StringComparison.Ordinal);
        foreach (var path in owned.Keys)
            await stage.DeleteAsync(path);
        Assert.Equal("True ControlPlaneReady", (await stage.SettleAsync()).Condition("Ready"));
        Assert.Equal(owned.Keys, (await stage.OwnedAsync()).Keys);
    }

    [Fact]
    public async Task A_certificate_that_is_deleted_comes_back_the_same()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.CreateAsync();
        var (authority, before) = (await stage.SecretTextAsync("router-ca", "tls.crt"), await stage.ReadAsync(stage.Deployment("router")));
        await stage.DeleteAsync(stage.Secret("router-internal"));
        await stage.SettleAsync();
        Assert.Equal(authority, await stage.SecretTextAsync("router-internal", "ca.crt"));
        Assert.Equal(await stage.SecretTextAsync("router-amqps", "tls.crt"), await stage.SecretTextAsync("router-internal", "tls.crt"));
        Assert.Equal(before["metadata"]!["generation"]!.GetValue<long>(), (await stage.ReadAsync(stage.Deployment("router")))["metadata"]!["generation"]!.GetValue<long>());
    }

    [Fact]
    public async Task Others_fields_are_left_alone()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.CreateAsync("""{"user":{"name":"Jane","surname":"Doe","email":"jane@example.com","password":"change-me-please"},"database":{"provider":"mysql","host":"db","port":3306,"user":"u","password":"db-password","databaseName":"iofog"}}""");
        await stage.PatchAsync(stage.Deployment("controller"), """{"spec":{"replicas":3,"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"now"}}}}}""");
        await stage.SendAsync(HttpMethod.Patch, stage.Deployment("router"), """{"spec":{"template":{"spec":{"containers":[{"name":"sidecar","image":"example.com/sidecar"}]}}}}""", "application/strategic-merge-patch+json");
        await stage.SettleAsync();
        await stage.EditAsync("""{"images":{"controller":"example.com/controller:2"}}""");
        var controller = await stage.ReadAsync(stage.Deployment("controller"));
        Assert.Equal(3, controller["spec"]!["replicas"]!.GetValue<int>());
        Assert.Equal("now", controller["spec"]!["template"]!["metadata"]!["annotations"]!["kubectl.kubernetes.io/restartedAt"]!.GetValue<string>());
        Assert.Equal(2, (await stage.ReadAsync(stage.Deployment("router")))["spec"]!["template"]!["spec"]!["containers"]!.AsArray().Count);

        await stage.EditAsync("""{"replicas":{"controller":2}}""");
        await stage.PatchAsync(stage.Deployment("controller"), """{"spec":{"replicas":5}}""");
        await stage.SettleAsync();
        Assert.Equal(2, (await stage.ReadAsync(stage.Deployment("controller")))["spec"]!["replicas"]!.GetValue<int>());
    }

    [Fact]
    public async Task Another_address_makes_another_certificate_and_registers_the_router_anew()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.CreateAsync();
        var (authority, before) = (await stage.SecretTextAsync("router-ca", "tls.crt"), Read(await stage.ReadAsync(stage.Deployment("router")), Fingerprint)!.ToString());
        stage.Address = "10.7.7.7";
        await stage.PlayKubeletAsync();
        var ready = await stage.SettleAsync();
        Assert.Equal("10.7.7.7", ready.Status("routerAddress"));
        Assert.Equal(authority, await stage.SecretTextAsync("router-ca", "tls.crt"));
        using var certificate = X509Certificate2.CreateFromPem(await stage.SecretTextAsync("router-amqps", "tls.crt"));
        Assert.True(certificate.MatchesHostname("10.7.7.7"));
        Assert.True(certificate.MatchesHostname($"router.{stage.Namespace}.svc.cluster.local"));
        Assert.NotEqual(before, Read(await stage.ReadAsync(stage.Deployment("router")), Fingerprint)!.ToString());
        Assert.Equal("10.7.7.7", (await stage.ClientOf(ControlPlaneStage.Password).FindDefaultRouterAsync(TestContext.Current.CancellationToken))!.Host);
    }

    [Fact]
    public async Task Certificates_are_renewed_before_they_end_and_routers_start_anew()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        var ready = await stage.CreateAsync();
        var (authority, server) = (await stage.SecretTextAsync("router-ca", "tls.crt"), await stage.SecretTextAsync("router-amqps", "tls.crt"));
        var before = Read(await stage.ReadAsync(stage.Deployment("router")), Fingerprint)!.ToString();
        var (next, ends) = (Date(ready, "nextReconcileTime"), Date(ready, "certificatesExpire"));
        Assert.InRange(ends - next, TimeSpan.FromDays(29), TimeSpan.FromDays(31));

        stage.Time.SetUtcNow(next.AddMinutes(-1));
        await stage.SettleAsync();
        Assert.Equal(server, await stage.SecretTextAsync("router-amqps", "tls.crt"));
        stage.Time.SetUtcNow(next.AddMinutes(1));
        var renewed = await stage.SettleAsync();
        Assert.NotEqual(server, await stage.SecretTextAsync("router-amqps", "tls.crt"));
        Assert.Equal(authority, await stage.SecretTextAsync("router-ca", "tls.crt")); // who trusts it need not change
        Assert.NotEqual(before, Read(await stage.ReadAsync(stage.Deployment("router")), Fingerprint)!.ToString());
        Assert.True(Date(renewed, "nextReconcileTime") > next.AddDays(300));
    }

    [Fact]
    public async Task A_new_authority_is_trusted_before_it_signs_and_the_old_one_until_it_ends()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.CreateAsync();
        var old = await stage.SecretTextAsync("router-ca", "tls.crt");
        using var authority = X509Certificate2.CreateFromPem(old);
        var ends = new DateTimeOffset(authority.NotAfter.ToUniversalTime());

        stage.Time.SetUtcNow(ends.AddDays(-89));
        var told = await stage.SettleAsync();
        var bundle = await stage.SecretTextAsync("router-amqps", "ca.crt");
        Assert.Equal(bundle, await stage.SecretTextAsync("router-internal", "ca.crt"));
        Assert.Equal(2, Certificates(bundle).Length);
        Assert.Equal(old, await stage.SecretTextAsync("router-ca", "tls.crt"));
        var (next, fingerprint) = (await stage.SecretTextAsync("router-ca", "next.crt"), Read(await stage.ReadAsync(stage.Deployment("router")), Fingerprint)!.ToString());
        Assert.InRange(Date(told, "nextReconcileTime"), ends.AddDays(-80), ends.AddDays(-70));

        // Whoever deletes the Secrets of the router itself finds the same again.
        await stage.DeleteAsync(stage.Secret("router-amqps"));
        await stage.SettleAsync();
        Assert.Equal(bundle, await stage.SecretTextAsync("router-amqps", "ca.crt"));
        Assert.Equal(fingerprint, Read(await stage.ReadAsync(stage.Deployment("router")), Fingerprint)!.ToString());

        stage.Time.SetUtcNow(Date(told, "nextReconcileTime").AddMinutes(1));
        await stage.SettleAsync();
        Assert.Equal(next, await stage.SecretTextAsync("router-ca", "tls.crt"));
        Assert.Null((await stage.ReadAsync(stage.Secret("router-ca")))["data"]!["next.key"]);
        Assert.Equal(Certificates(bundle).Order(), Certificates(await stage.SecretTextAsync("router-amqps", "ca.crt")).Order());
        Assert.True(IsSigned(await stage.SecretTextAsync("router-amqps", "tls.crt"), next));
        Assert.NotEqual(fingerprint, Read(await stage.ReadAsync(stage.Deployment("router")), Fingerprint)!.ToString());

        stage.Time.SetUtcNow(ends.AddMinutes(1));
        await stage.SettleAsync();
        Assert.Equal(Certificates(next), Certificates(await stage.SecretTextAsync("router-amqps", "ca.crt")));
        Assert.DoesNotContain("PRIVATE KEY", await stage.VisibleAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_Services_of_the_port_manager_are_shaped_and_stay_its_own()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.CreateAsync();
        await stage.SendAsync(HttpMethod.Post, $"{stage.In("api/v1/{0}/services")}?fieldManager=port-manager", """{"apiVersion":"v1","kind":"Service","metadata":{"name":"http-proxy","labels":{"name":"http-proxy"}},"spec":{"type":"LoadBalancer","externalTrafficPolicy":"Local","selector":{"name":"http-proxy"},"ports":[{"name":"queue-1","port":6001,"targetPort":6001,"protocol":"TCP"}]}}""", "application/json");
        var made = await stage.ReadAsync(stage.Service("http-proxy"));
        await stage.EditAsync("""{"services":{"proxy":{"type":"NodePort","externalTrafficPolicy":"Cluster","annotations":{"example.com/kind":"internal"}}}}""");
        var shaped = await stage.ReadAsync(stage.Service("http-proxy"));
        Assert.Equal(made["metadata"]!["uid"]!.ToString(), shaped["metadata"]!["uid"]!.ToString());
        Assert.Equal("NodePort Cluster internal", $"{shaped["spec"]!["type"]} {shaped["spec"]!["externalTrafficPolicy"]} {Read(shaped, "metadata.annotations.example~com/kind")}");
        Assert.Null(shaped["metadata"]!["ownerReferences"]);

        // The port manager writes ports, and what it does stays; what others do to the shape is put right.
        await stage.PatchAsync(stage.Service("http-proxy"), """{"spec":{"externalTrafficPolicy":"Local","ports":[{"name":"queue-2","port":6002,"targetPort":6002,"protocol":"TCP"}]}}""");
        Assert.Equal("True ControlPlaneReady", (await stage.SettleAsync()).Condition("Ready"));
        var after = await stage.ReadAsync(stage.Service("http-proxy"));
        Assert.Equal("Cluster 6002", $"{after["spec"]!["externalTrafficPolicy"]} {after["spec"]!["ports"]![0]!["port"]}");

        // A load balancer can't change its class, nor lose it.
        await stage.EditAsync("""{"services":{"proxy":{"type":"LoadBalancer"}}}""");
        await stage.EditAsync("""{"services":{"proxy":{"loadBalancerClass":"example.com/lb"}}}""");
        Assert.Equal("LoadBalancer example.com/lb", Shape(await stage.ReadAsync(stage.Service("http-proxy"))));
        Assert.Equal("True ControlPlaneReady", (await stage.EditAsync("""{"services":{"proxy":{"loadBalancerClass":null}}}""")).Condition("Ready"));
        Assert.Equal("LoadBalancer example.com/lb", Shape(await stage.ReadAsync(stage.Service("http-proxy"))));

        // When its last public port is gone it deletes the Service; nobody makes it again.
        await stage.DeleteAsync(stage.Service("http-proxy"));
        Assert.Equal("True ControlPlaneReady", (await stage.SettleAsync()).Condition("Ready"));
        Assert.Null(await stage.FindAsync(stage.Service("http-proxy")));

        static string Shape(JsonObject service) => $"{service["spec"]!["type"]} {service["spec"]!["loadBalancerClass"]}";
    }

    [Fact]
    public async Task The_class_of_a_load_balancer_comes_with_it_and_its_change_is_refused()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.CreateAsync(ControlPlaneStage.Spec.Replace("}}", """},"services":{"controller":{"loadBalancerClass":"example.com/lb"}}}""", StringComparison.Ordinal));
        Assert.Equal("example.com/lb", (await stage.ReadAsync(stage.Service("controller")))["spec"]!["loadBalancerClass"]!.GetValue<string>());
        foreach (var change in new[] { "null", "\"example.com/other\"" })
        {
            var refused = await stage.EditAsync($$$"""{"services":{"controller":{"loadBalancerClass":{{{change}}} } } }""");
            Assert.Equal("False FieldImmutable", refused.Condition("Ready"));
        }

        Assert.Equal("True ControlPlaneReady", (await stage.EditAsync("""{"services":{"controller":{"loadBalancerClass":"example.com/lb"}}}""")).Condition("Ready"));
    }

    [Fact]
    public async Task Another_database_is_taken_and_its_password_goes_when_it_is_left()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.CreateAsync();
        await stage.ApplyAsync(stage.Secret("db"), """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"db"},"stringData":{"password":"db-password-1"}}""");
        await stage.EditAsync("""{"database":{"provider":"postgres","host":"db.example.com","port":5432,"user":"u","passwordSecretRef":{"name":"db"},"databaseName":"iofog"}}""");
        var controller = await stage.ReadAsync(stage.Deployment("controller"));
        Assert.Equal("RollingUpdate", controller["spec"]!["strategy"]!["type"]!.GetValue<string>());
        Assert.Null(controller["spec"]!["template"]!["spec"]!["volumes"]);
        Assert.Equal("db-password-1", await stage.SecretTextAsync("controller-db-credentials", "password"));
        Assert.NotNull(await stage.FindAsync($"{stage.In("api/v1/{0}/persistentvolumeclaims")}/controller-sqlite"));
        Assert.Contains("DatabaseSwitched", await stage.EventsAsync());

        var revision = Read(controller, "spec.template.metadata.annotations.iofog~org/database")!.ToString();
        await stage.PatchAsync(stage.Secret("db"), $$$"""{"data":{"password":"{{{Convert.ToBase64String("db-password-2"u8)}}}"}}""");
        await stage.SettleAsync();
        Assert.Equal("db-password-2", await stage.SecretTextAsync("controller-db-credentials", "password"));
        Assert.NotEqual(revision, Read(await stage.ReadAsync(stage.Deployment("controller")), "spec.template.metadata.annotations.iofog~org/database")!.ToString());

        await stage.EditAsync("""{"database":null}""");
        Assert.Equal("Recreate", (await stage.ReadAsync(stage.Deployment("controller")))["spec"]!["strategy"]!["type"]!.GetValue<string>());
        Assert.Null(await stage.FindAsync(stage.Secret("controller-db-credentials")));
        Assert.DoesNotContain("db-password", await stage.VisibleAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Goes_with_all_that_it_owns_but_its_data()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.CreateAsync();
        var uid = (await stage.ReadAsync(stage.PathOf("iofog")))["metadata"]!["uid"]!.GetValue<string>();
        var kept = (await stage.OwnedAsync())
            .Where(one => (one.Value["metadata"]!["ownerReferences"] as JsonArray)?.Any(owner => owner!["uid"]!.GetValue<string>() == uid) != true)
            .Select(one => one.Key.Split('/')[^1]);
        Assert.Equal(["controller-sqlite", "controller-credentials"], kept); // the one is of no use without the other
        await stage.DeleteAsync(stage.PathOf("iofog"));
        await stage.LookAsync();
        Assert.Null(await stage.FindAsync(stage.PathOf("iofog")));
        if (Environment.GetEnvironmentVariable("IOFOG_TEST_KUBECONFIG") is { Length: > 0 })
            return; // collecting what has no owner is the cluster's own work
        await Eventually.HoldsAsync("all that it owned is gone", async () => (await stage.OwnedAsync()).Count == 2);

        var again = await stage.CreateAsync(ControlPlaneStage.Spec.Replace(ControlPlaneStage.Password, "quite-another-one", StringComparison.Ordinal));
        Assert.Equal("True ControlPlaneReady", again.Condition("Ready")); // the old password was kept with the data
        Assert.True(await stage.SignsInAsync("quite-another-one"));
    }

    [Fact]
    public async Task A_second_one_is_told_and_takes_over_when_the_first_goes()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        var created = DateTimeOffset.Parse((await stage.CreateAsync())["metadata"]!["creationTimestamp"]!.GetValue<string>());
        await Eventually.HoldsAsync("another second", () => Task.FromResult(TimeProvider.System.GetUtcNow() >= created.AddSeconds(1)));
        var owned = await stage.OwnedAsync();
        var second = await stage.CreateAsync(name: "second");
        Assert.Equal("False NameTaken", second.Condition("Ready"));
        Assert.Equal("True NameTaken", second.Condition("Stalled"));
        Assert.False(second.HasFinalizer());
        Assert.Contains("NameTaken", await stage.EventsAsync());
        Assert.Equal(owned.Select(VersionOf), (await stage.OwnedAsync()).Select(VersionOf));
        await stage.DeleteAsync(stage.PathOf("iofog"));
        await stage.LookAsync();
        var former = await stage.OwnedAsync();
        var waiting = await stage.LookAsync("second");
        if (former.ContainsKey(stage.Deployment("port-manager")) && waiting?.Condition("Ready") != "False WaitingForAddress")
            Assert.Equal("False FormerLeaving", waiting?.Condition("Ready")); // the cluster is slow to collect it
        await Eventually.HoldsAsync("the second takes over", async () =>
        {
            stage.Time.Advance(TimeSpan.FromMinutes(1));
            return (await stage.SettleAsync("second")).Condition("Ready") == "True ControlPlaneReady";
        });
        Assert.Equal(owned.Keys, (await stage.OwnedAsync()).Keys);
    }

    [Fact]
    public async Task What_belongs_to_somebody_else_is_left()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.ApplyAsync(stage.In("api/v1/{0}/configmaps/owner"), """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"owner"}}""");
        var uid = (await stage.ReadAsync(stage.In("api/v1/{0}/configmaps/owner")))["metadata"]!["uid"];
        await stage.ApplyAsync(stage.Service("router"), $$$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"router","ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"{{{uid}}}","controller":true}]},"spec":{"ports":[{"port":80}]}}""");
        var refused = await stage.CreateAsync();
        Assert.Equal("False BelongsToAnother", refused.Condition("Ready"));
        Assert.Empty(await stage.OwnedAsync());
    }

    private static string[] Certificates(string bundle)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(bundle);
        return [.. all.Select(one => one.Thumbprint)];
    }

    private static bool IsSigned(string certificate, string authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        using var read = X509Certificate2.CreateFromPem(certificate);
        return chain.Build(read);
    }

    private const string Fingerprint = "spec.template.metadata.annotations.iofog~org/certificates";

    // A cluster that has nodes writes the status at any time.
    private static string WrittenOf(KeyValuePair<string, JsonObject> one) => $"{one.Key} {one.Value["metadata"]!["generation"]} {Lasting(one.Value)}";

    private static string VersionOf(KeyValuePair<string, JsonObject> one) => $"{one.Key} {one.Value["metadata"]!["resourceVersion"]}";

    private static DateTimeOffset Date(JsonObject resource, string field) => DateTimeOffset.Parse(resource.Status(field)!);

    // Revisions are random, and what the server counts goes on.
    private static string Lasting(JsonObject content)
    {
        var copy = content.DeepClone().AsObject();
        copy.Remove("status");
        foreach (var field in new[] { "resourceVersion", "generation", "managedFields", "uid", "creationTimestamp" })
            copy["metadata"]!.AsObject().Remove(field);
        (copy["data"] as JsonObject)?.Remove("revision");
        (copy["spec"] as JsonObject)?.Remove("healthCheckNodePort");
        foreach (var port in copy["spec"]?["ports"] as JsonArray ?? [])
            port!.AsObject().Remove("nodePort");
        (copy["spec"]?["template"]?["metadata"]?["annotations"] as JsonObject)?.Remove("iofog.org/credentials");
        return Sorted(copy)!.ToJsonString();
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    internal static JsonNode? Read(JsonNode? node, string path) => path.Split('.').Aggregate(node, (at, segment) => at switch
    {
        JsonArray list when segment.StartsWith("name=", StringComparison.Ordinal) => list.FirstOrDefault(item => item!["name"]!.ToString() == segment["name=".Length..]),
        JsonArray list => int.Parse(segment) < list.Count ? list[int.Parse(segment)] : null,
        JsonObject map => map[segment.Replace('~', '.')],
        _ => null,
    });
}
