using System.Net;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Controller;

public sealed partial class ControllerClient
{
    /// <summary>Creates a user.</summary>
    /// <returns>False when the e-mail has an account already.</returns>
    public async Task<bool> SignUpAsync(string firstName, string lastName, ControllerCredentials user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        var body = new JsonObject { ["firstName"] = firstName, ["lastName"] = lastName, ["email"] = user.Email, ["password"] = user.Password };
        try
        {
            await SendOnceAsync(HttpMethod.Post, "user/signup", body, null, Timeout, cancellationToken);
            return true;
        }
        catch (ControllerException e) when (e.Message.Contains("already an account associated", StringComparison.Ordinal))
        {
            return false;
        }
    }

    /// <summary>Whether these credentials sign in.</summary>
    public async Task<bool> CanLogInAsync(ControllerCredentials user, CancellationToken cancellationToken)
    {
        try
        {
            await LogInAsync(user, cancellationToken);
            return true;
        }
        catch (ControllerUnavailableException e) when (e.InnerException is ControllerException)
        {
            return false;
        }
    }

    /// <summary>Changes the session's user's password; all of the user's tokens end with it.</summary>
    public Task ChangePasswordAsync(string oldPassword, string newPassword, CancellationToken cancellationToken) =>
        WriteAsync(
            HttpMethod.Patch, "user/password", new JsonObject { ["oldPassword"] = oldPassword, ["newPassword"] = newPassword }, cancellationToken);

    /// <summary>The session's user.</summary>
    public Task<UserProfile> GetProfileAsync(CancellationToken cancellationToken) =>
        GetAsync("user/profile", ControllerJson.Default.UserProfile, Timeout, cancellationToken);

    /// <summary>Gives the session's user other names; the e-mail can't change.</summary>
    public Task RenameUserAsync(string firstName, string lastName, CancellationToken cancellationToken) =>
        WriteAsync(HttpMethod.Patch, "user/profile", new JsonObject { ["firstName"] = firstName, ["lastName"] = lastName }, cancellationToken);

    private async Task<string> LogInAsync(ControllerCredentials user, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["email"] = user.Email, ["password"] = user.Password };
        try
        {
            var answer = await SendOnceAsync(HttpMethod.Post, "user/login", body, null, Timeout, cancellationToken);
            return Parse(answer, ControllerJson.Default.Login).AccessToken;
        }
        catch (ControllerException e) when (e.Code == HttpStatusCode.Unauthorized)
        {
            // A Controller that has lost its users gets them again from its ControlPlane.
            throw new ControllerUnavailableException(Kinds.ControlPlane.Name, $"The Controller does not know {user.Email} with this password", e);
        }
    }
}
