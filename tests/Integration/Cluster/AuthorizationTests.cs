using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Local.Cluster;

namespace IoFog.Operator.Integration.Cluster;

/// <summary>What a service account may do in the emulated cluster, as in a real one.</summary>
public sealed class AuthorizationTests
{
    private const string Space = "api/v1/namespaces/default";
    private const string Rbac = "apis/rbac.authorization.k8s.io/v1/namespaces/default";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rule_grants_what_it_names_and_nothing_beside()
    {
        var audited = new List<Audited>();
        await using var cluster = await ClusterEmulator.StartAsync(new() { Audit = audited.Add }, null, Token);
        var admin = await OpenAsync(cluster, cluster.Identity.AdminToken);
        var bob = await AccountAsync(cluster, admin, """
            [{"apiGroups":[""],"resources":["secrets"],"resourceNames":["mine"],"verbs":["get","list","watch","patch","create"]},
             {"apiGroups":[""],"resources":["namespaces"],"resourceNames":["default"],"verbs":["get"]},
             {"apiGroups":[""],"resources":["configmaps"],"verbs":["get","list"]}]
            """);
        Assert.Equal(HttpStatusCode.Created, await ApplyAsync(bob, $"{Space}/secrets/mine", """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"mine"}}"""));
        Assert.Equal(HttpStatusCode.Forbidden, await ApplyAsync(bob, $"{Space}/secrets/other", """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"other"}}"""));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(bob, $"{Space}/secrets/mine"));
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(bob, $"{Space}/secrets"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(bob, $"{Space}/secrets?fieldSelector=metadata.name%3Dmine"));
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(bob, $"{Space}/secrets?fieldSelector=metadata.name%3Dother"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(bob, Space));
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(bob, "api/v1/namespaces/kube-system"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(bob, $"{Space}/configmaps"));
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(bob, "api/v1/configmaps"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(bob, "apis"));
        Assert.Contains(audited, one => one is { GrantedBy: "Role bob rules[1]", What: { Verb: "get", Resource: "namespaces" } });

        await admin.DeleteAsync($"{Space}/serviceaccounts/bob", Token);
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(bob, Space));
    }

    [Fact]
    public async Task Nobody_grants_what_he_does_not_hold()
    {
        await using var cluster = await ClusterEmulator.StartAsync(new(), null, Token);
        var admin = await OpenAsync(cluster, cluster.Identity.AdminToken);
        var bob = await AccountAsync(cluster, admin, """
            [{"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles","rolebindings"],"verbs":["get","create","patch"]},
             {"apiGroups":[""],"resources":["pods"],"verbs":["get","list"]}]
            """);
        Assert.Equal(HttpStatusCode.Created, await ApplyAsync(bob, $"{Rbac}/roles/less", Role("less", "get")));
        Assert.Equal(HttpStatusCode.Forbidden, await ApplyAsync(bob, $"{Rbac}/roles/more", Role("more", "delete")));
        Assert.Equal(HttpStatusCode.Forbidden, await ApplyAsync(bob, $"{Rbac}/roles/less", Role("less", "delete")));
        Assert.Equal(HttpStatusCode.Created, await ApplyAsync(bob, $"{Rbac}/rolebindings/less", Binding("less")));
        await ApplyAsync(admin, $"{Rbac}/roles/all", Role("all", "*"));
        Assert.Equal(HttpStatusCode.Forbidden, await ApplyAsync(bob, $"{Rbac}/rolebindings/all", Binding("all")));
    }

    private static string Role(string name, string verb) =>
        $$"""{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"{{name}}"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["{{verb}}"]}]}""";

    private static string Binding(string name) =>
        $$"""{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"{{name}}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"{{name}}"},"subjects":[{"kind":"ServiceAccount","name":"bob","namespace":"default"}]}""";

    private static async Task<KubernetesApi> AccountAsync(ClusterEmulator cluster, KubernetesApi admin, string rules)
    {
        await ApplyAsync(admin, $"{Space}/serviceaccounts/bob", """{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"bob"}}""");
        await ApplyAsync(admin, $"{Rbac}/roles/bob", $$"""{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"bob"},"rules":{{rules}}}""");
        await ApplyAsync(admin, $"{Rbac}/rolebindings/bob", Binding("bob"));
        var request = new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenRequest", ["spec"] = new JsonObject() };
        var answer = await admin.CreateAsync($"{Space}/serviceaccounts/bob/token", request, KubernetesJson.Default.JsonObject, Token);
        return await OpenAsync(cluster, answer["status"]!["token"]!.GetValue<string>());
    }

    private static async Task<KubernetesApi> OpenAsync(ClusterEmulator cluster, string token)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, cluster.Kubeconfig.Replace(cluster.Identity.AdminToken, token, StringComparison.Ordinal), Token);
        var api = KubernetesConnection.Open(file);
        File.Delete(file);
        return api;
    }

    private static async Task<HttpStatusCode> GetAsync(KubernetesApi api, string path)
    {
        using var response = await api.SendAsync(new(HttpMethod.Get, path), HttpCompletionOption.ResponseContentRead, Token);
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode> ApplyAsync(KubernetesApi api, string path, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Patch, $"{path}?fieldManager=test&force=true")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(JsonNode.Parse(body)!.ToJsonString())) { Headers = { ContentType = new("application/apply-patch+yaml") } },
        };
        using var response = await api.SendAsync(request, HttpCompletionOption.ResponseContentRead, Token);
        return response.StatusCode;
    }
}
