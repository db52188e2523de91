using System.Net;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Admin;

/// <summary>Lets callers ask about themselves, with their own tokens: what every account may, so that we need no cluster-wide right.</summary>
/// <param name="apiOf">The cluster for a caller's token.</param>
/// <param name="options">For the namespace.</param>
internal sealed class SelfReviews(Func<string, KubernetesApi> apiOf, AdminOptions options) : IReviews
{
    public async Task<Caller?> FindCallerAsync(string token, CancellationToken cancellationToken)
    {
        var review = new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "SelfSubjectReview" };
        try
        {
            var answer = await apiOf(token).CreateAsync("apis/authentication.k8s.io/v1/selfsubjectreviews", review, KubernetesJson.Default.JsonObject, cancellationToken);
            return answer["status"]?["userInfo"] is JsonObject user && user["username"]?.GetValue<string>() is { } name and not "system:anonymous"
                ? new(name, user, token)
                : null;
        }
        catch (KubernetesException e) when (e.Code is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            return null;
        }
    }

    public async Task<bool> IsAllowedAsync(Caller caller, Kind kind, string verb, string? name, CancellationToken cancellationToken)
    {
        var review = new JsonObject
        {
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["kind"] = "SelfSubjectAccessReview",
            ["spec"] = new JsonObject { ["resourceAttributes"] = ClusterReviews.AttributesOf(kind, options.Namespace, verb, name) },
        };
        try
        {
            var answer = await apiOf(caller.Token).CreateAsync("apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review, KubernetesJson.Default.JsonObject, cancellationToken);
            return answer["status"]?["allowed"]?.GetValue<bool>() == true;
        }
        catch (KubernetesException e) when (e.Code is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            return false;
        }
    }
}
