using System.Text.Json.Nodes;

namespace IoFog.Operator.Integration.ControlPlanes;

/// <summary>A control plane that the Go operator v3.2 has made: its names, labels, selectors and managers of fields.</summary>
public sealed class AdoptionTests
{
    private const string Spec = """
        {"user":{"name":"Jane","surname":"Doe","email":"jane@example.com","password":"Y2hhbmdlLW1lLXBsZWFzZQ=="},
         "images":{"controller":"iofog/controller:3.0.1","router":"iofog/router:3.0.0","portManager":"iofog/port-manager:3.0.0","proxy":"iofog/proxy:3.0.0"},
         "services":{"controller":{"type":"LoadBalancer"},"router":{"type":"LoadBalancer"},"proxy":{"type":"LoadBalancer"}},"replicas":{"controller":1}}
        """;

    [Fact]
    public async Task Takes_over_without_losing_data_or_restarting_the_Controller()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.ApplyAsync(stage.PathOf("iofog"), $$$"""{"apiVersion":"iofog.org/v3","kind":"ControlPlane","metadata":{"name":"iofog"},"spec":{{{Spec}}} }""");
        var uid = (await stage.ReadAsync(stage.PathOf("iofog")))["metadata"]!["uid"]!.GetValue<string>();
        await MakeAsync(stage, uid);
        Assert.True(await stage.ClientOf("change-me-please").SignUpAsync("Jane", "Doe", new(stage.Email, "change-me-please"), TestContext.Current.CancellationToken));
        await stage.PlayKubeletAsync();
        var (controller, claim) = (await stage.ReadAsync(stage.Deployment("controller")), await stage.ReadAsync(ClaimOf(stage)));

        var ready = await stage.SettleAsync();
        Assert.Equal("True ControlPlaneReady", ready.Condition("Ready"));
        Assert.Contains("Adopted", await stage.EventsAsync());
        var adopted = await stage.ReadAsync(stage.Deployment("controller"));
        Assert.Equal(controller["metadata"]!["uid"]!.GetValue<string>(), adopted["metadata"]!["uid"]!.GetValue<string>());
        Assert.Equal(controller["spec"]!["template"]!.ToJsonString(), adopted["spec"]!["template"]!.ToJsonString());
        var kept = await stage.ReadAsync(ClaimOf(stage));
        Assert.Equal(claim["metadata"]!["uid"]!.GetValue<string>(), kept["metadata"]!["uid"]!.GetValue<string>());
        Assert.Null(kept["metadata"]!["ownerReferences"]); // the database no longer goes with its control plane
        Assert.Equal("change-me-please", await stage.SecretTextAsync("controller-credentials", "password"));
        Assert.DoesNotContain(
            (await stage.OwnedAsync()).Values.SelectMany(one => one["metadata"]!["managedFields"]!.AsArray()),
            entry => entry!["manager"]!.GetValue<string>() == "iofog-operator" && entry["operation"]!.GetValue<string>() == "Update" && entry["subresource"] is null);

        var before = (await stage.OwnedAsync()).Select(one => $"{one.Key} {one.Value["metadata"]!["resourceVersion"]}").ToArray();
        await stage.SettleAsync();
        Assert.Equal(before, (await stage.OwnedAsync()).Select(one => $"{one.Key} {one.Value["metadata"]!["resourceVersion"]}"));

        // From the first change on the pods are ours, and what the Go operator wrote beside is gone.
        await stage.EditAsync("""{"images":{"controller":"iofog/controller:3.0.4"}}""");
        var container = (await stage.ReadAsync(stage.Deployment("controller")))["spec"]!["template"]!["spec"]!["containers"]![0]!;
        Assert.Equal("iofog/controller:3.0.4", container["image"]!.GetValue<string>());
        Assert.DoesNotContain(container["env"]!.AsArray(), variable => variable!["name"]!.GetValue<string>() is "SystemImages_Proxy_2" or "DB_HOST");
        Assert.NotNull(container["securityContext"]);
    }

    [Fact]
    public async Task Keeps_what_the_pods_do_even_when_somebody_changes_it()
    {
        await using var stage = await ControlPlaneStage.StartAsync();
        await stage.ApplyAsync(stage.PathOf("iofog"), $$$"""{"apiVersion":"iofog.org/v3","kind":"ControlPlane","metadata":{"name":"iofog"},"spec":{{{Spec}}} }""");
        await MakeAsync(stage, (await stage.ReadAsync(stage.PathOf("iofog")))["metadata"]!["uid"]!.GetValue<string>());
        await stage.SettleAsync();
        await stage.SendAsync(HttpMethod.Patch, stage.Deployment("controller"), """{"spec":{"template":{"spec":{"containers":[{"name":"controller","image":"example.com/other"}]}}}}""", "application/strategic-merge-patch+json");
        await stage.SettleAsync();
        Assert.Equal("iofog/controller:3.0.1", (await stage.ReadAsync(stage.Deployment("controller")))["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]!.GetValue<string>());
    }

    private static string ClaimOf(ControlPlaneStage stage) => $"{stage.In("api/v1/{0}/persistentvolumeclaims")}/controller-sqlite";

    private static async Task MakeAsync(ControlPlaneStage stage, string uid)
    {
        var owner = new JsonArray(new JsonObject
        {
            ["apiVersion"] = "iofog.org/v3",
            ["kind"] = "ControlPlane",
            ["name"] = "iofog",
            ["uid"] = uid,
            ["controller"] = true,
            ["blockOwnerDeletion"] = true,
        });
        var made = JsonNode.Parse("""
            [
              {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"controller"}},
              {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"router"}},
              {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"port-manager"}},
              {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"port-manager"},"rules":[{"apiGroups":["","apps"],"resources":["deployments","services","pods","configmaps"],"verbs":["get","list","watch","create","update","patch","delete"]}]},
              {"apiVersion":"v1","kind":"Secret","metadata":{"name":"controller-credentials"},"stringData":{"email":"jane@example.com","password":"Y2hhbmdlLW1lLXBsZWFzZQ=="}},
              {"apiVersion":"v1","kind":"Secret","metadata":{"name":"controller-db-credentials","unowned":true},"stringData":{"dbname":"","host":"","port":"0","username":"","password":""}},
              {"apiVersion":"v1","kind":"Service","metadata":{"name":"controller","labels":{"name":"controller"}},"spec":{"type":"LoadBalancer","externalTrafficPolicy":"Local","selector":{"name":"controller"},"ports":[{"name":"controller0","port":51121,"targetPort":51121,"protocol":"TCP"},{"name":"controller1","port":80,"targetPort":80,"protocol":"TCP"}]}},
              {"apiVersion":"v1","kind":"Service","metadata":{"name":"router","labels":{"name":"router"}},"spec":{"type":"LoadBalancer","externalTrafficPolicy":"Local","selector":{"name":"router","application":"interior-router","skupper.io/component":"router"},"ports":[{"name":"router0","port":5672,"targetPort":5672,"protocol":"TCP"},{"name":"router1","port":55672,"targetPort":55672,"protocol":"TCP"},{"name":"router2","port":45672,"targetPort":45672,"protocol":"TCP"}]}},
              {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"controller-sqlite"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}},
              {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"controller","labels":{"name":"controller"}},"spec":{"replicas":1,"minReadySeconds":5,"strategy":{"type":"Recreate"},"selector":{"matchLabels":{"name":"controller"}},"template":{"metadata":{"labels":{"name":"controller"}},"spec":{"serviceAccountName":"controller","volumes":[{"name":"controller-sqlite","persistentVolumeClaim":{"claimName":"controller-sqlite"}}],"containers":[{"name":"controller","image":"iofog/controller:3.0.1","imagePullPolicy":"Always","env":[{"name":"DB_PROVIDER","value":"none"},{"name":"DB_HOST","valueFrom":{"secretKeyRef":{"name":"controller-db-credentials","key":"host"}}},{"name":"SystemImages_Proxy_1","value":"iofog/proxy:3.0.0"},{"name":"SystemImages_Proxy_2","value":"iofog/proxy-arm:3.0.0"},{"name":"SystemImages_Router_1","value":"iofog/router:3.0.0"},{"name":"SystemImages_Router_2","value":"iofog/router:3.0.0"},{"name":"PID_BASE","value":"/tmp"},{"name":"VIEWER_PORT","value":"80"}],"volumeMounts":[{"name":"controller-sqlite","mountPath":"/usr/local/lib/node_modules/@iofog/iofogcontroller/src/data/sqlite_files/","subPath":"prod_database.sqlite"}]}]}}}},
              {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"router","labels":{"name":"router"}},"spec":{"replicas":1,"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":0,"maxSurge":1}},"selector":{"matchLabels":{"name":"router","application":"interior-router","skupper.io/component":"router"}},"template":{"metadata":{"labels":{"name":"router","application":"interior-router","skupper.io/component":"router"}},"spec":{"serviceAccountName":"router","containers":[{"name":"router","image":"iofog/router:3.0.0","command":["/qpid-dispatch/launch.sh"],"env":[{"name":"QDROUTERD_CONF","value":"router {}"}]}]}}}},
              {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"port-manager","labels":{"name":"port-manager"}},"spec":{"replicas":1,"strategy":{"type":"Recreate"},"selector":{"matchLabels":{"name":"port-manager"}},"template":{"metadata":{"labels":{"name":"port-manager"}},"spec":{"serviceAccountName":"port-manager","containers":[{"name":"port-manager","image":"iofog/port-manager:3.0.0","env":[{"name":"WATCH_NAMESPACE","value":"NAMESPACE"}]}]}}}}
            ]
            """.Replace("NAMESPACE", stage.Namespace, StringComparison.Ordinal))!.AsArray();
        foreach (var one in made)
        {
            var metadata = one!["metadata"]!.AsObject();
            if (!metadata.Remove("unowned"))
                metadata["ownerReferences"] = owner.DeepClone();
            var plural = one["kind"]!.GetValue<string>().ToLowerInvariant() + "s";
            var group = one["apiVersion"]!.GetValue<string>() == "v1" ? "api" : "apis";
            await stage.SendAsync(
                HttpMethod.Post, $"{group}/{one["apiVersion"]}/namespaces/{stage.Namespace}/{plural}?fieldManager=iofog-operator", one.ToJsonString(), "application/json");
        }
    }
}
