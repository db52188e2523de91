using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster;

/// <summary>Who a token belongs to, and what it may do: tokens, TokenReviews and access reviews.</summary>
internal sealed class Reviews(ClusterState state, Authorization authorization, string adminToken)
{
    public const string Admin = "kubernetes-admin";

    private readonly ConcurrentDictionary<string, Token> tokens = [];

    /// <summary>The user of a request; null when its token is none of ours.</summary>
    public User? UserOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        var user = header.StartsWith("Bearer ", StringComparison.Ordinal) && Find(header["Bearer ".Length..]) is { } token
            && (token.Audiences.Length == 0 || token.Audiences.Contains("https://kubernetes.default.svc"))
            ? User.Of(token.User)
            : null;
        return user is not null && request.Headers["Impersonate-User"].ToString() is { Length: > 0 } other ? Impersonate(user, other, request) : user;
    }

    private User Impersonate(User user, string other, HttpRequest request)
    {
        authorization.Require(user, new(user.Name, "impersonate", "", "users", "", other));
        var groups = request.Headers["Impersonate-Group"].OfType<string>().ToArray();
        var impersonated = User.Of(other);
        return groups.Length == 0 ? impersonated : impersonated with { Groups = [.. groups, "system:authenticated"] };
    }

    /// <returns>Null when the request is no review and no token request.</returns>
    public async Task<JsonObject?> TryAnswerAsync(HttpContext context, RequestPath asked, User user)
    {
        if (asked is { Plural: "serviceaccounts", Subresource: "token" })
        {
            authorization.Require(user, new(user.Name, "create", "", "serviceaccounts/token", asked.Namespace ?? "", asked.Name ?? ""));
            return Issue(asked, await BodyAsync(context));
        }

        switch (asked.Plural)
        {
            case "tokenreviews" or "subjectaccessreviews" or "localsubjectaccessreviews":
                authorization.Require(user, new(user.Name, "create", asked.Group, asked.Plural, asked.Namespace ?? "", ""));
                return asked.Plural == "tokenreviews" ? ReviewToken(await BodyAsync(context)) : ReviewAccess(await BodyAsync(context), null);
            case "selfsubjectreviews":
                return With(await BodyAsync(context), new() { ["userInfo"] = UserInfo(user) });
            case "selfsubjectaccessreviews":
                return ReviewAccess(await BodyAsync(context), user);
            case "selfsubjectrulesreviews":
                return ReviewRules(await BodyAsync(context), user);
            default:
                return null;
        }
    }

    private Token? Find(string text)
    {
        if (text == adminToken)
            return new(Admin, [], DateTimeOffset.MaxValue, null);
        if (!tokens.TryGetValue(text, out var token) || token.Expires <= state.Time.GetUtcNow())
            return null;

        // A token lives as long as its account.
        return token.User.Split(':') is [_, _, var space, var name]
            && state.Storage.Find(ResourceKind.Of(ResourceTypes.ServiceAccount), space, name)?.Uid == token.AccountUid ? token : null;
    }

    private JsonObject Issue(RequestPath asked, JsonObject body)
    {
        var account = state.Storage.Find(ResourceKind.Of(ResourceTypes.ServiceAccount), asked.Namespace!, asked.Name!)
            ?? throw ApiError.NotFound(ResourceTypes.ServiceAccount, asked.Name!);
        var audiences = body["spec"]?["audiences"] as JsonArray ?? [];
        var expires = state.Time.GetUtcNow().AddSeconds(body["spec"]?["expirationSeconds"] is { } seconds ? Numbers.Long(seconds) : 3600);
        var text = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        tokens[text] = new($"system:serviceaccount:{asked.Namespace}:{asked.Name}", [.. audiences.Select(audience => audience!.GetValue<string>())], expires, account.Uid);
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
            ["user"] = UserInfo(User.Of(token.User)),
            ["audiences"] = new JsonArray([.. audiences.Select(audience => (JsonNode)JsonValue.Create(audience)!)]),
        });
    }

    private JsonObject ReviewAccess(JsonObject body, User? self)
    {
        var spec = body["spec"]!.AsObject();
        var user = self ?? new(Text(spec, "user"), [.. (spec["groups"] as JsonArray ?? []).Select(group => group!.GetValue<string>())]);
        if (spec["resourceAttributes"] is not JsonObject asked)
            return With(body, new() { ["allowed"] = user.IsAdmin || self is not null }); // discovery is open to all who sign in
        var resource = Text(asked, "subresource") is { Length: > 0 } sub ? $"{Text(asked, "resource")}/{sub}" : Text(asked, "resource");
        var attempt = new Attempt(user.Name, Text(asked, "verb"), Text(asked, "group"), resource, Text(asked, "namespace"), Text(asked, "name"));
        return With(body, new() { ["allowed"] = authorization.IsAllowed(user, attempt) });
    }

    private JsonObject ReviewRules(JsonObject body, User user) => With(body, new()
    {
        ["resourceRules"] = new JsonArray([.. authorization.RulesIn(user, body["spec"]?["namespace"]?.GetValue<string>() ?? "").Select(rule => (JsonNode)rule.DeepClone())]),
        ["nonResourceRules"] = new JsonArray(),
        ["incomplete"] = user.IsAdmin,
    });

    private static string Text(JsonObject node, string name) => node[name]?.GetValue<string>() ?? "";

    private static JsonObject UserInfo(User user) => new()
    {
        ["username"] = user.Name,
        ["groups"] = new JsonArray([.. user.Groups.Select(group => (JsonNode)JsonValue.Create(group)!)]),
    };

    private static JsonObject With(JsonObject body, JsonObject status)
    {
        var answer = body.DeepClone().AsObject();
        answer["status"] = status;
        return answer;
    }

    private static async Task<JsonObject> BodyAsync(HttpContext context) =>
        await Body.ReadAsync(context) as JsonObject ?? throw ApiError.BadRequest("the body must be an object");

    private sealed record Token(string User, string[] Audiences, DateTimeOffset Expires, string? AccountUid);
}
