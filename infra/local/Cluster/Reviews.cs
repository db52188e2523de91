using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster;

/// <summary>Who a token belongs to, and what it may do: tokens, TokenReviews and access reviews.</summary>
internal sealed class Reviews(ClusterState state, string adminToken)
{
    private const string Admin = "kubernetes-admin";
    private static readonly string[] AdminGroups = ["system:masters", "system:authenticated"];

    private readonly ConcurrentDictionary<string, Token> tokens = [];

    /// <summary>The user of a request; null when its token is none of ours.</summary>
    public string? UserOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.Ordinal) && Find(header["Bearer ".Length..]) is { } token
            && (token.Audiences.Length == 0 || token.Audiences.Contains("https://kubernetes.default.svc"))
            ? token.User
            : null;
    }

    /// <returns>Null when the request is no review and no token request.</returns>
    public async Task<JsonObject?> TryAnswerAsync(HttpContext context, RequestPath asked, string user)
    {
        if (asked is { Plural: "serviceaccounts", Subresource: "token" })
            return Issue(asked, await BodyAsync(context));
        return asked.Plural switch
        {
            "tokenreviews" => ReviewToken(await BodyAsync(context)),
            "selfsubjectreviews" => With(await BodyAsync(context), new() { ["userInfo"] = UserInfo(user) }),
            "selfsubjectaccessreviews" => ReviewAccess(await BodyAsync(context), user),
            "subjectaccessreviews" or "localsubjectaccessreviews" => ReviewAccess(await BodyAsync(context), null),
            _ => null,
        };
    }

    private Token? Find(string text) => text == adminToken
        ? new(Admin, [], DateTimeOffset.MaxValue)
        : tokens.GetValueOrDefault(text) is { } token && token.Expires > state.Time.GetUtcNow() ? token : null;

    private JsonObject Issue(RequestPath asked, JsonObject body)
    {
        _ = state.Storage.Find(ResourceKind.Of(ResourceTypes.ServiceAccount), asked.Namespace!, asked.Name!)
            ?? throw ApiError.NotFound(ResourceTypes.ServiceAccount, asked.Name!);
        var audiences = body["spec"]?["audiences"] as JsonArray ?? [];
        var expires = state.Time.GetUtcNow().AddSeconds(body["spec"]?["expirationSeconds"]?.GetValue<long>() ?? 3600);
        var text = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        tokens[text] = new($"system:serviceaccount:{asked.Namespace}:{asked.Name}", [.. audiences.Select(audience => audience!.GetValue<string>())], expires);
        return With(body, new()
        {
            ["token"] = text,
            ["expirationTimestamp"] = expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        });
    }

    private JsonObject ReviewToken(JsonObject body)
    {
        var wanted = (body["spec"]?["audiences"] as JsonArray ?? []).Select(audience => audience!.GetValue<string>()).ToArray();
        var token = Find(body["spec"]?["token"]?.GetValue<string>() ?? "");
        var audiences = wanted.Length == 0 || token?.User == Admin ? wanted : wanted.Intersect(token?.Audiences ?? []).ToArray();
        if (token is null || (wanted.Length > 0 && audiences.Length == 0))
            return With(body, new() { ["authenticated"] = false, ["error"] = "invalid bearer token" });
        return With(body, new()
        {
            ["authenticated"] = true,
            ["user"] = UserInfo(token.User),
            ["audiences"] = new JsonArray([.. audiences.Select(audience => (JsonNode)JsonValue.Create(audience)!)]),
        });
    }

    private JsonObject ReviewAccess(JsonObject body, string? self)
    {
        var spec = body["spec"]!.AsObject();
        var user = self ?? spec["user"]?.GetValue<string>() ?? "";
        var groups = self is null
            ? (spec["groups"] as JsonArray ?? []).Select(group => group!.GetValue<string>()).ToArray()
            : GroupsOf(user);
        var allowed = groups.Contains("system:masters")
            || (spec["resourceAttributes"] is JsonObject attributes && IsGranted(user, groups, attributes));
        return With(body, new() { ["allowed"] = allowed });
    }

    private bool IsGranted(string user, string[] groups, JsonObject attributes)
    {
        var @namespace = attributes["namespace"]?.GetValue<string>() ?? "";
        var bindings = state.Storage.List(new("rbac.authorization.k8s.io", "clusterrolebindings"), null).Objects
            .Concat(@namespace.Length == 0 ? [] : state.Storage.List(new("rbac.authorization.k8s.io", "rolebindings"), @namespace).Objects);
        return bindings.Where(binding => (binding.Content["subjects"] as JsonArray ?? []).Any(subject => IsSubject(subject!.AsObject(), user, groups)))
            .SelectMany(RulesOf)
            .Any(rule => Grants(rule, "verbs", attributes["verb"]) && Grants(rule, "apiGroups", attributes["group"])
                && Grants(rule, "resources", Resource(attributes))
                && (rule["resourceNames"] is not JsonArray { Count: > 0 } || Grants(rule, "resourceNames", attributes["name"])));
    }

    private IEnumerable<JsonObject> RulesOf(StoredObject binding)
    {
        var role = binding.Content["roleRef"]!;
        var isCluster = role["kind"]!.GetValue<string>() == "ClusterRole";
        var found = state.Storage.Find(
            new("rbac.authorization.k8s.io", isCluster ? "clusterroles" : "roles"), isCluster ? "" : binding.Namespace, role["name"]!.GetValue<string>());
        return (found?.Content["rules"] as JsonArray ?? []).OfType<JsonObject>();
    }

    private static JsonNode? Resource(JsonObject attributes) =>
        attributes["subresource"]?.GetValue<string>() is { Length: > 0 } sub ? $"{attributes["resource"]}/{sub}" : attributes["resource"];

    private static bool Grants(JsonObject rule, string list, JsonNode? wanted) =>
        (rule[list] as JsonArray ?? []).Any(option => option!.GetValue<string>() is var text && (text == "*" || text == (wanted?.GetValue<string>() ?? "")));

    private static bool IsSubject(JsonObject subject, string user, string[] groups) => subject["kind"]?.GetValue<string>() switch
    {
        "ServiceAccount" => user == $"system:serviceaccount:{subject["namespace"]}:{subject["name"]}",
        "Group" => groups.Contains(subject["name"]!.GetValue<string>()),
        _ => user == subject["name"]?.GetValue<string>(),
    };

    private static JsonObject UserInfo(string user) => new()
    {
        ["username"] = user,
        ["groups"] = new JsonArray([.. GroupsOf(user).Select(group => (JsonNode)JsonValue.Create(group)!)]),
    };

    private static string[] GroupsOf(string user) => user == Admin ? AdminGroups
        : user.Split(':') is ["system", "serviceaccount", var space, _] ? ["system:serviceaccounts", $"system:serviceaccounts:{space}", "system:authenticated"]
        : ["system:authenticated"];

    private static JsonObject With(JsonObject body, JsonObject status)
    {
        var answer = body.DeepClone().AsObject();
        answer["status"] = status;
        return answer;
    }

    private static async Task<JsonObject> BodyAsync(HttpContext context) =>
        (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))?.AsObject() ?? throw ApiError.BadRequest("the body must be an object");

    private sealed record Token(string User, string[] Audiences, DateTimeOffset Expires);
}
