using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Admin;

/// <summary>Asks with our own rights, by TokenReview and SubjectAccessReview: both are cluster-wide (<c>system:auth-delegator</c>).</summary>
internal sealed class ClusterReviews(KubernetesApi api, AdminOptions options) : IReviews
{
    public async Task<Caller?> FindCallerAsync(string token, CancellationToken cancellationToken)
    {
        var review = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenReview",
            ["spec"] = new JsonObject { ["token"] = token, ["audiences"] = new JsonArray((JsonNode)options.Audience) },
        };
        var status = (await api.CreateAsync("apis/authentication.k8s.io/v1/tokenreviews", review, KubernetesJson.Default.JsonObject, cancellationToken))["status"];

        // An authenticator that knows no audiences accepts the token and leaves them out: then it was not meant for us.
        var isMeantForUs = (status?["audiences"] as JsonArray ?? []).Any(audience => audience?.GetValue<string>() == options.Audience);
        return status?["authenticated"]?.GetValue<bool>() == true && isMeantForUs && status["user"] is JsonObject user && user["username"]?.GetValue<string>() is { } name
            ? new(name, user, token)
            : null;
    }

    public async Task<bool> IsAllowedAsync(Caller caller, Kind kind, string verb, string? name, CancellationToken cancellationToken)
    {
        var review = new JsonObject
        {
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["kind"] = "SubjectAccessReview",
            ["spec"] = new JsonObject
            {
                ["user"] = caller.Name,
                ["uid"] = caller.User["uid"]?.DeepClone(),
                ["groups"] = caller.User["groups"]?.DeepClone(),
                ["extra"] = caller.User["extra"]?.DeepClone(),
                ["resourceAttributes"] = AttributesOf(kind, options.Namespace, verb, name),
            },
        };
        var answer = await api.CreateAsync("apis/authorization.k8s.io/v1/subjectaccessreviews", review, KubernetesJson.Default.JsonObject, cancellationToken);
        return answer["status"]?["allowed"]?.GetValue<bool>() == true;
    }

    public static JsonObject AttributesOf(Kind kind, string @namespace, string verb, string? name)
    {
        var attributes = new JsonObject { ["group"] = Kind.Group, ["resource"] = kind.Plural, ["namespace"] = @namespace, ["verb"] = verb };
        if (name is not null)
            attributes["name"] = name;
        return attributes;
    }
}
