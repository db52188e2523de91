using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace IoFog.Operator.Local.Controller;

/// <summary>Status, users, tokens, configuration.</summary>
internal sealed partial class Users(ControllerState state, ControllerOptions options)
{
    public IEnumerable<Endpoint> Endpoints =>
    [
        new("GET", "status", 200, _ => new JsonObject
        {
            ["status"] = "online", ["timestamp"] = state.NowMs(), ["uptimeSec"] = (state.Time.GetUtcNow() - state.Started).TotalSeconds,
            ["versions"] = new JsonObject { ["controller"] = "3.0.4", ["ecnViewer"] = "3.0.2" },
        })
        { IsPublic = true },
        new("HEAD", "capabilities/edgeResources", 204, _ => null) { IsPublic = true },
        new("HEAD", "capabilities/applicationTemplates", 204, _ => null) { IsPublic = true },
        new("GET", "email-activation", 200, _ => new JsonObject { ["isEmailActivationEnabled"] = false }) { IsPublic = true },
        new("GET", "fog-types", 200, _ => new JsonObject { ["fogTypes"] = new JsonArray(FogType(0, "Unspecified"), FogType(1, "Standard Linux (x86)"), FogType(2, "ARM Linux")) }) { IsPublic = true },
        new("POST", "user/signup", 201, SignUp) { IsPublic = true, IsRendered = false },
        new("POST", "user/login", 200, LogIn) { IsPublic = true, IsRendered = false },
        new("GET", "user/profile", 200, call => new JsonObject { ["firstName"] = call.User!.FirstName, ["lastName"] = call.User.LastName, ["email"] = call.User.Email }),
        new("PATCH", "user/profile", 200, ChangeProfile) { IsRendered = false },
        new("DELETE", "user/profile", 204, DeleteProfile),
        new("PATCH", "user/password", 204, ChangePassword) { IsRendered = false },
        new("DELETE", "user/password", 204, call => throw (state.Users.Exists(user => user.Email == Fields.Text(call.Body, "email"))
            ? new Refusal(500, "EmailActivationSetupError", "Email activation is not configured")
            : Refusal.NotFound("Account not found"))) { IsPublic = true },
        new("POST", "user/logout", 204, call =>
        {
            Forget(call.User!.Id);
            return null;
        }),
        new("GET", "config", 200, _ => new JsonObject { ["config"] = new JsonArray([.. state.Config.Select(entry => (JsonNode)new JsonObject { ["key"] = entry.Key, ["value"] = entry.Value })]) }),
        new("GET", "config/*", 200, call => state.Config.TryGetValue(call[0], out var value)
            ? new JsonObject { ["key"] = call[0], ["value"] = value }
            : throw Refusal.NotFound($"Unkown config key '{call[0]}'")),
        new("PUT", "config", 200, call =>
        {
            Fields.Require(call.Body, "key", "value");
            Fields.Check(call.Body, "", ("key", "string"), ("value", "string"));
            state.Config[Fields.Text(call.Body, "key")!] = Fields.Text(call.Body, "value")!;
            return call.Body;
        }),
    ];

    /// <summary>The user of a request. The token is bare: with a scheme before it, it is another one.</summary>
    public ControllerState.User Authorize(HttpRequest request)
    {
        if (request.Headers.Authorization.Count == 0)
            throw new Refusal(500, "Error", "WHERE parameter \"token\" has invalid \"undefined\" value");
        if (!state.Tokens.TryGetValue(request.Headers.Authorization.ToString(), out var token))
            throw Refusal.Unauthorized();
        if (token.Expires < state.Time.GetUtcNow())
            throw Refusal.Unauthorized("token expired");
        token.Expires += options.TokenLifetime;
        return state.Users.Single(user => user.Id == token.UserId);
    }

    private JsonNode SignUp(Call call)
    {
        Fields.Require(call.Body, "firstName", "lastName", "email", "password");
        Fields.Check(call.Body, "", ("firstName", "string"), ("lastName", "string"), ("email", "string"), ("password", "string"));
        CheckLength(call.Body, "firstName", 3);
        CheckLength(call.Body, "lastName", 3);
        CheckEmail(call.Body);
        CheckLength(call.Body, "password", 8);
        var email = Fields.Text(call.Body, "email")!;
        if (state.Users.Exists(user => user.Email == email))
            throw Refusal.Invalid("Registration failed: There is already an account associated with your email address. Please try logging in instead.");
        var created = new ControllerState.User(state.NextId(), email)
        {
            FirstName = Fields.Text(call.Body, "firstName")!,
            LastName = Fields.Text(call.Body, "lastName")!,
            Password = Fields.Text(call.Body, "password")!,
        };
        state.Users.Add(created);
        return new JsonObject { ["userId"] = created.Id, ["firstName"] = created.FirstName, ["lastName"] = created.LastName, ["email"] = email, ["emailActivated"] = true };
    }

    private JsonNode LogIn(Call call)
    {
        Fields.Require(call.Body, "email", "password");
        CheckEmail(call.Body);
        var user = state.Users.Find(user => user.Email == Fields.Text(call.Body, "email") && user.Password == Fields.Text(call.Body, "password"))
            ?? throw new Refusal(401, "InvalidCredentialsError", "Invalid credentials");
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        state.Tokens[token] = new(user.Id) { Expires = state.Time.GetUtcNow() + options.TokenLifetime };
        return new JsonObject { ["accessToken"] = token };
    }

    private static JsonObject FogType(int id, string name) => new() { ["id"] = id, ["name"] = name };

    private static JsonNode ChangeProfile(Call call)
    {
        Fields.Check(call.Body, "", ("firstName", "string"), ("lastName", "string"));
        CheckLength(call.Body, "firstName", 3);
        CheckLength(call.Body, "lastName", 3);
        var answer = new JsonObject();
        if (Fields.Text(call.Body, "firstName") is { } first)
            answer["firstName"] = call.User!.FirstName = first;
        if (Fields.Text(call.Body, "lastName") is { } last)
            answer["lastName"] = call.User!.LastName = last;
        answer["email"] = call.User!.Email;
        return answer;
    }

    private JsonNode? DeleteProfile(Call call)
    {
        if (state.Agents.Exists(call.User!.Owns))
        {
            throw Fields.IsTrue(call.Body["force"])
                ? new Refusal(500, "SequelizeForeignKeyConstraintError", "SQLITE_CONSTRAINT: FOREIGN KEY constraint failed")
                : new Refusal(500, "ValidationError", "There are running iofog-agents, stop them before removal or pass 'force' parameter");
        }

        Forget(call.User!.Id);
        state.Users.Remove(call.User);
        return null;
    }

    private JsonNode? ChangePassword(Call call)
    {
        Fields.Require(call.Body, "oldPassword", "newPassword");
        CheckLength(call.Body, "newPassword", 8);
        if (call.User!.Password != Fields.Text(call.Body, "oldPassword"))
            throw Refusal.Invalid("Old password is incorrect");
        call.User.Password = Fields.Text(call.Body, "newPassword")!;
        Forget(call.User.Id);
        return null;
    }

    private void Forget(long user)
    {
        foreach (var token in state.Tokens.Where(token => token.Value.UserId == user).Select(token => token.Key).ToArray())
            state.Tokens.Remove(token);
    }

    private static void CheckLength(JsonObject body, string field, int least)
    {
        if (Fields.Text(body, field)?.Length < least)
            throw Refusal.Invalid($"Field {field} does not meet minimum length of {least}");
    }

    private static void CheckEmail(JsonObject body)
    {
        if (!Email().IsMatch(Fields.Text(body, "email") ?? ""))
            throw Refusal.Invalid("Invalid format for field 'email'");
    }

    [GeneratedRegex(@"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    private static partial Regex Email();
}
