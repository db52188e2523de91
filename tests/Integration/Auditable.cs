using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Integration;

/// <summary>Audits are of service accounts: one for the loops tells what they ask for from what the test does.</summary>
internal static class Auditable
{
    /// <summary>Makes a service account that may do everything in a namespace.</summary>
    /// <param name="api">As the administrator.</param>
    /// <param name="kubeconfig">Its file.</param>
    /// <param name="namespace">That is there.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>A client of that account.</returns>
    public static async Task<KubernetesApi> OpenAsync(KubernetesApi api, string kubeconfig, string @namespace, CancellationToken cancellationToken)
    {
        var rbac = $"apis/rbac.authorization.k8s.io/v1/namespaces/{@namespace}";
        await MakeAsync($"api/v1/namespaces/{@namespace}/serviceaccounts", """{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"loops"}}""");
        await MakeAsync($"{rbac}/roles", """
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"loops"},"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]}
            """);
        await MakeAsync($"{rbac}/rolebindings", $$$"""
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"loops"},
             "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"loops"},"subjects":[{"kind":"ServiceAccount","name":"loops","namespace":"{{{@namespace}}}"}]}
            """);
        var token = await MakeAsync($"api/v1/namespaces/{@namespace}/serviceaccounts/loops/token", """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}""");
        return KubernetesConnection.OpenForCallers(kubeconfig)(token["status"]!["token"]!.GetValue<string>());

        Task<JsonObject> MakeAsync(string path, string json) => api.CreateAsync(path, JsonNode.Parse(json)!.AsObject(), KubernetesJson.Default.JsonObject, cancellationToken);
    }
}
