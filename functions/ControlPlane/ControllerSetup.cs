using IoFog.Operator.Controller;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.ControlPlanes;

/// <summary>What a control plane needs in its Controller: the user, and the default router.</summary>
internal sealed class ControllerSetup(ControllerConnection connection, Uri endpoint, Turn<ControlPlaneSpec, ControlPlaneStatus> turn, TimeProvider time)
{
    private static readonly TimeSpan NextTry = TimeSpan.FromMinutes(5);

    private readonly ControllerClient anonymous = connection.Connect(endpoint, null);

    /// <summary>How the user signs in now.</summary>
    public ControllerCredentials? SignedIn { get; private set; }

    public Task<ControllerStatus> GetStatusAsync(CancellationToken cancellationToken) => anonymous.GetStatusAsync(cancellationToken);

    /// <summary>Makes the user sign in with the password of the spec: as it is, as a new user, or by a change from the one that worked before.</summary>
    /// <param name="user">From the spec.</param>
    /// <param name="passwords">What the password of the spec may be, the likelier first.</param>
    /// <param name="before">What the Secret holds; null when there is none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Null when it can sign in.</returns>
    public async Task<Outcome?> SignInAsync(
        ControlPlaneUser user, IReadOnlyList<string> passwords, ControllerCredentials? before, CancellationToken cancellationToken)
    {
        foreach (var password in passwords.OrderBy(password => password == before?.Password ? 0 : 1))
        {
            if (!await anonymous.CanLogInAsync(new(user.Email, password), cancellationToken))
                continue;
            SignedIn = new(user.Email, password);
            return null;
        }

        if (before is not null && before.Email != user.Email && await anonymous.CanLogInAsync(before, cancellationToken))
        {
            return Outcome.Refused(
                ControlPlaneReasons.EmailChanged,
                $"spec.user.email: everything in the Controller belongs to {before.Email}, and an account's e-mail can't change; put it back, or delete the control plane and its data");
        }

        var wanted = new ControllerCredentials(user.Email, passwords[0]);
        foreach (var old in before is null || before.Email != user.Email ? [] : Password.Readings(before.Password).Except(passwords))
        {
            if (!await anonymous.CanLogInAsync(new(user.Email, old), cancellationToken))
                continue;
            var client = connection.Connect(endpoint, new(user.Email, old));
            if (!await turn.TryActAsync(token => client.ChangePasswordAsync(old, wanted.Password, token), cancellationToken))
                return Outcome.Continue("The password is being changed");
            turn.Tell(ControlPlaneReasons.PasswordChanged, $"Changed the password of {user.Email}");
            SignedIn = wanted;
            return null;
        }

        if (UntilNextTry() is { } remaining)
            return Wrong(user, remaining);
        var created = false;
        if (!await turn.TryActAsync(async token => created = await anonymous.SignUpAsync(user.Name, user.Surname, wanted, token), cancellationToken))
            return Outcome.Continue("The user is being created");
        if (created)
        {
            turn.Tell(ControlPlaneReasons.UserCreated, $"Created user {user.Email}");
            if (passwords.Count > 1)
                turn.Tell(ControlPlaneReasons.PasswordDecoded, "spec.user.password was taken for base64, as iofogctl writes it; a password in passwordSecretRef is taken as it is");
            SignedIn = wanted;
            return null;
        }

        return Wrong(user, NextTry);
    }

    /// <summary>
    /// How long the account is still taken for one of another password. Only an attempt to create it can tell whether it is there, and each of these is a
    /// write; so there is one for each spec, each time that the Controller has been away, and now and then: a Controller may lose its users.
    /// </summary>
    private TimeSpan? UntilNextTry() => turn.Resource.Status is { Conditions: { } conditions, NextReconcileTime: { } next } status
        && status.ObservedGeneration == turn.Resource.Metadata.Generation
        && conditions.Any(condition => condition.Type == Names.Ready && condition.Reason == ControlPlaneReasons.PasswordWrong)
        && next - time.GetUtcNow() is var remaining && remaining > TimeSpan.Zero ? remaining : null;

    private static Outcome Wrong(ControlPlaneUser user, TimeSpan delay) => Outcome.Later(
        ControlPlaneReasons.PasswordWrong,
        $"spec.user: the Controller knows {user.Email} with another password: it was changed there, or the database is that of an earlier control plane; give that one, here or in the Secret {ObjectPaths.Credentials}",
        delay);

    /// <summary>Gives the user the names of the spec.</summary>
    /// <returns>Null when it has them.</returns>
    public async Task<Outcome?> RenameAsync(ControlPlaneUser user, CancellationToken cancellationToken)
    {
        var client = connection.Connect(endpoint, SignedIn);
        var profile = await client.GetProfileAsync(cancellationToken);
        if (profile.FirstName == user.Name && profile.LastName == user.Surname)
            return null;
        if (!await turn.TryActAsync(token => client.RenameUserAsync(user.Name, user.Surname, token), cancellationToken))
            return Outcome.Continue("The user is being renamed");
        turn.Tell(ControlPlaneReasons.UserRenamed, $"Renamed user {user.Email}");
        return null;
    }

    /// <summary>Registers the default router.</summary>
    /// <returns>Null when it is registered as it should.</returns>
    public async Task<Outcome?> RegisterAsync(RouterEntry wanted, CancellationToken cancellationToken)
    {
        var client = connection.Connect(endpoint, SignedIn);
        if (await client.FindDefaultRouterAsync(cancellationToken) == wanted)
            return null;
        if (!await turn.TryActAsync(token => client.PutDefaultRouterAsync(wanted, token), cancellationToken))
            return Outcome.Continue("The default router is being registered");
        turn.Tell(ControlPlaneReasons.RouterRegistered, $"Registered the default router at {wanted.Host}");
        return null;
    }
}
