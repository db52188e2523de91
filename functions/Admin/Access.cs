using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using Microsoft.AspNetCore.Http;

namespace IoFog.Operator.Admin;

/// <summary>Who asks, and whether they may: a Kubernetes token, checked by the cluster for each request.</summary>
internal sealed class Access(KubernetesApi api, AdminOptions options)
{
    private const string Scheme = "Bearer ";

    /// <param name="request">With <c>Authorization: Bearer …</c>.</param>
    /// <param name="kind">What it is about.</param>
    /// <param name="verb"><c>get</c> to look, <c>update</c> to act.</param>
    /// <param name="cancellationToken">Ends the checks.</param>
    /// <exception cref="Problem">401 without a valid token, 403 without the right.</exception>
    public async Task RequireAsync(HttpRequest request, Kind kind, string verb, CancellationToken cancellationToken)
    {
        var user = await AuthenticateAsync(request, cancellationToken);
        var review = new JsonObject
        {
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["kind"] = "SubjectAccessReview",
            ["spec"] = new JsonObject
            {
                ["user"] = user["username"]?.DeepClone(),
                ["groups"] = user["groups"]?.DeepClone(),
                ["resourceAttributes"] = new JsonObject
                {
                    ["group"] = Kind.Group,
                    ["resource"] = kind.Plural,
                    ["namespace"] = options.Namespace,
                    ["verb"] = verb,
                },
            },
        };
        var answer = await api.CreateAsync("apis/authorization.k8s.io/v1/subjectaccessreviews", review, KubernetesJson.Default.JsonObject, cancellationToken);
        if (answer["status"]?["allowed"]?.GetValue<bool>() != true)
            throw new Problem(StatusCodes.Status403Forbidden, $"You may not {verb} {kind.Plural}.{Kind.Group} in the namespace {options.Namespace}");
    }

    private async Task<JsonObject> AuthenticateAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.Ordinal))
            throw new Problem(StatusCodes.Status401Unauthorized, "A Kubernetes token is needed: Authorization: Bearer …");
        var review = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenReview",
            ["spec"] = new JsonObject { ["token"] = header[Scheme.Length..] },
        };
        var answer = await api.CreateAsync("apis/authentication.k8s.io/v1/tokenreviews", review, KubernetesJson.Default.JsonObject, cancellationToken);
        return answer["status"]?["authenticated"]?.GetValue<bool>() == true && answer["status"]?["user"] is JsonObject user
            ? user
            : throw new Problem(StatusCodes.Status401Unauthorized, "The cluster does not accept this token");
    }
}
