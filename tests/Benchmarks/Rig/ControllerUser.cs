using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Benchmarks.Rig;

/// <summary>Somebody who works with the Controller directly.</summary>
internal static class ControllerUser
{
    public const string Email = "bench@example.com";
    public const string Password = "long-enough";

    /// <returns>A client for paths of the Controller's API.</returns>
    public static async Task<HttpClient> SignInAsync(string controller, CancellationToken cancellationToken)
    {
        var http = new HttpClient { BaseAddress = new($"{controller}/api/v3/") };
        var user = new JsonObject { ["firstName"] = "Ben", ["lastName"] = "Chmark", ["email"] = Email, ["password"] = Password };
        using (var signUp = await http.PostAsJsonAsync("user/signup", user, cancellationToken))
            signUp.EnsureSuccessStatusCode();
        using var logIn = await http.PostAsJsonAsync("user/login", user, cancellationToken);
        var token = (await logIn.Content.ReadFromJsonAsync<JsonNode>(cancellationToken))!["accessToken"]!.GetValue<string>();
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", token);
        return http;
    }
}
