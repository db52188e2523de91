using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.ControlPlanes;

/// <summary>Keeps Controller, router and port manager in the cluster as their object says, with their user and default router.</summary>
public sealed class ControlPlaneReconciler(KubernetesApi api, ControllerConnection connection, TimeProvider time) : IReconciler<ControlPlaneSpec, ControlPlaneStatus>
{
    // What is waited for is owned and watched: its change comes first, the delay is only a net.
    private static readonly TimeSpan SafetyNet = TimeSpan.FromSeconds(30);

    private readonly ClusterObjects cluster = new(api);

    public async Task<Outcome> ReconcileAsync(Turn<ControlPlaneSpec, ControlPlaneStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (ControlPlaneRules.Refuse(turn.Resource.Spec) is { } refused)
            return refused;
        if (await cluster.FindEarlierAsync(turn.Resource.Metadata, cancellationToken) is { } other)
            return Outcome.Refused(Reasons.NameTaken, $"ControlPlane {other} was created earlier; a namespace has one control plane");
        var spec = turn.Resource.Spec!;
        var secrets = await FindPasswordsAsync(turn.Key.Namespace, spec, cancellationToken);
        if (secrets.Outcome is { } missing)
            return missing;
        var observed = await cluster.ReadAsync(turn.Key.Namespace, cancellationToken);
        return await ReconcileAsync(turn, spec, secrets, observed, cancellationToken);
    }

    /// <summary>What the control plane owns goes with it; only the database stays, unless the spec says otherwise.</summary>
    public Task<Outcome> DeleteAsync(Turn<ControlPlaneSpec, ControlPlaneStatus> turn, CancellationToken cancellationToken) =>
        Task.FromResult(Outcome.Gone);

    private async Task<Outcome> ReconcileAsync(
        Turn<ControlPlaneSpec, ControlPlaneStatus> turn, ControlPlaneSpec spec, Passwords secrets, ObservedObjects observed, CancellationToken cancellationToken)
    {
        var components = new Components(turn);
        var stored = StoredUser(observed, turn.Key.Namespace, spec.User!, secrets.User[0]);
        var address = AddressOf(spec, observed, turn.Key.Namespace);
        var inputs = InputsOf(turn, spec, secrets, observed, stored ?? new(spec.User!.Email, secrets.User[0]), address);
        var wanted = ControlPlanePlan.Of(inputs);
        if (ControlPlanePlan.Refuse(wanted, inputs) is { } refused)
            return refused;
        if (!await ApplyAsync(turn, [.. wanted, .. ClusterObjects.ProxiesOf(spec, observed, turn.Key.Namespace)], observed, cancellationToken))
            return Outcome.Continue("The objects of the control plane are being applied");

        components.Of("Controller", Rollout.Missing("controller", observed.Find(ObjectPaths.Deployment(turn.Key.Namespace, "controller"))));
        components.Of("Router", Enumerable.Range(1, spec.Replicas?.Router ?? 1)
            .Select(number => Rollout.Missing(RouterPlan.NameOf(number), observed.Find(ObjectPaths.Deployment(turn.Key.Namespace, RouterPlan.NameOf(number)))))
            .FirstOrDefault(text => text is not null));
        components.Of("PortManager", Rollout.Missing("port-manager", observed.Find(ObjectPaths.Deployment(turn.Key.Namespace, "port-manager"))));
        components.Of("Address", MissingAddress(spec, observed, turn.Key.Namespace, address));
        turn.Status = turn.Status with { RouterAddress = address, CertificatesExpire = inputs.Certificates?.Expires };
        if (components.Missing("Address") is { } noAddress)
            return Later(turn, ControlPlaneReasons.WaitingForAddress, noAddress);
        if ((components.Missing("Controller") ?? components.Missing("Router")) is { } rolling)
            return Later(turn, ControlPlaneReasons.RollingOut, rolling);
        if (await SetUpAsync(turn, components, inputs, secrets, stored, address!, cancellationToken) is { } outcome)
            return outcome;
        if (!await RemoveAsync(turn, ControlPlanePlan.Unwanted(wanted, observed, turn.Resource.Metadata), cancellationToken))
            return Outcome.Continue("What the spec no longer wants is being removed");
        return Outcome.Settled(
            components.Missing("PortManager") is { } starting
                ? Readiness.False(ControlPlaneReasons.PortManagerStarting, starting)
                : Readiness.True(ControlPlaneReasons.Ready, $"The Controller answers at {turn.Status.Endpoint}"),
            inputs.Certificates!.RenewAt - time.GetUtcNow());
    }

    /// <summary>Brings the Controller's user and default router about.</summary>
    /// <returns>Null when both are there.</returns>
    private async Task<Outcome?> SetUpAsync(
        Turn<ControlPlaneSpec, ControlPlaneStatus> turn, Components components, ControlPlaneInputs inputs, Passwords secrets, ControllerCredentials? stored,
        string address, CancellationToken cancellationToken)
    {
        var spec = inputs.Spec;
        var endpoint = await connection.EndpointOfAsync(turn.Key.Namespace, cancellationToken);
        var setup = new ControllerSetup(connection, endpoint, turn, time);
        ControllerStatus status;
        try
        {
            status = await setup.GetStatusAsync(cancellationToken);
        }
        catch (ControllerUnavailableException e)
        {
            components.Of("Controller", e.Message);
            return Outcome.Later(ControlPlaneReasons.ControllerStarting, e.Message);
        }

        turn.Status = turn.Status with { Endpoint = endpoint.ToString().TrimEnd('/'), ControllerVersion = status.Versions?.Controller };
        if (await setup.SignInAsync(spec.User!, secrets.User, stored, cancellationToken) is { } notIn)
        {
            components.Of("User", $"{spec.User!.Email} can't sign in yet");
            return notIn;
        }

        if (setup.SignedIn! != inputs.User)
        {
            var credentials = ControlPlanePlan.Of(InputsOf(turn, spec, secrets, inputs.Observed, setup.SignedIn!, address))
                .Single(one => one.Path == ObjectPaths.Secret(turn.Key.Namespace, ObjectPaths.Credentials));
            if (!await ApplyAsync(turn, [credentials], inputs.Observed, cancellationToken))
                return Outcome.Continue("The user's new password is being stored");
            return Outcome.Continue("The port manager is being told the user's new password");
        }

        if (await setup.RenameAsync(spec.User!, cancellationToken) is { } renaming)
            return renaming;
        components.Of("User", null);
        if (await setup.RegisterAsync(RouterOf(spec, address), cancellationToken) is { } registering)
            return registering;
        components.Of("DefaultRouter", null);
        return null;
    }

    /// <returns>False when the turn's budget is spent.</returns>
    private async Task<bool> ApplyAsync(
        Turn<ControlPlaneSpec, ControlPlaneStatus> turn, IReadOnlyList<OwnedObject> objects, ObservedObjects observed, CancellationToken cancellationToken)
    {
        foreach (var wanted in objects)
        {
            var has = observed.Find(wanted.Path);
            var isAdopted = has is not null && Adoption.IsNeeded(has);
            if (has is not null && !isAdopted && await cluster.IsHeldAsync(wanted, has, cancellationToken))
                continue;
            var isDone = await turn.TryActAsync(
                async token =>
                {
                    if (has is not null && HasOtherRole(wanted, has))
                        await cluster.DeleteAsync(wanted.Path, token);
                    observed.Put(wanted.Path, isAdopted ? await cluster.AdoptAsync(wanted, has!, token) : await cluster.ApplyAsync(wanted, token));
                },
                cancellationToken);
            if (!isDone)
                return false;
            if (isAdopted)
                turn.Tell(ControlPlaneReasons.Adopted, $"Took over {wanted.Display}");
            else
                turn.Tell(ControlPlaneReasons.Applied, $"{(has is null ? "Created" : "Updated")} {wanted.Display}");
            if (wanted.Path == ObjectPaths.Deployment(turn.Key.Namespace, "controller") && has is not null && UsesClaim(has) != UsesClaim(wanted.Content))
                turn.Tell(ControlPlaneReasons.DatabaseSwitched, "The Controller has another database; what it held is not carried over", warning: true);
        }

        return true;
    }

    // A binding can't change its role.
    private static bool HasOtherRole(OwnedObject wanted, JsonObject has) =>
        wanted.Content["roleRef"] is { } role && !JsonNode.DeepEquals(role, has["roleRef"]);

    private static bool UsesClaim(JsonObject deployment) =>
        (deployment["spec"]?["template"]?["spec"]?["volumes"] as JsonArray ?? []).Any(volume => volume!["persistentVolumeClaim"] is not null);

    private async Task<bool> RemoveAsync(Turn<ControlPlaneSpec, ControlPlaneStatus> turn, IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        foreach (var path in paths)
        {
            if (!await turn.TryActAsync(token => cluster.DeleteAsync(path, token), cancellationToken))
                return false;
            turn.Tell(ControlPlaneReasons.Removed, $"Removed {string.Join(' ', path.Split('/')[^2..])}, which the spec no longer wants");
        }

        return true;
    }

    private ControlPlaneInputs InputsOf(
        Turn<ControlPlaneSpec, ControlPlaneStatus> turn, ControlPlaneSpec spec, Passwords secrets, ObservedObjects observed, ControllerCredentials user, string? address) => new()
        {
            Owner = turn.Resource.Metadata,
            Spec = spec,
            User = user,
            DatabasePassword = secrets.Database,
            Certificates = address is null ? null : RouterCertificates.For(
                RouterCertificates.Read(observed, turn.Key.Namespace), RouterCertificates.NamesOf(turn.Key.Namespace, address, spec.Ingresses?.Router?.Address), time.GetUtcNow()),
            Observed = observed,
            NewRevision = static () => Guid.NewGuid().ToString("N")[..16],
        };

    private static Outcome Later(Turn<ControlPlaneSpec, ControlPlaneStatus> turn, string reason, string message)
    {
        turn.Status = turn.Status with { ControllerVersion = null };
        return Outcome.Later(reason, message, SafetyNet);
    }

    /// <summary>
    /// What the Secret holds. The Go operator stored the text of the spec as it is; where that was base64, its reading is what is stored from now on.
    /// </summary>
    private static ControllerCredentials? StoredUser(ObservedObjects observed, string @namespace, ControlPlaneUser user, string reading)
    {
        var path = ObjectPaths.Secret(@namespace, ObjectPaths.Credentials);
        if (observed.Text(path, "email") is not { Length: > 0 } email || observed.Text(path, "password") is not { Length: > 0 } password)
            return null;
        return new(email, observed.Text(path, "encoded") is null && password == user.Password ? reading : password);
    }

    /// <summary>Where agents reach the router; null until that is known.</summary>
    internal static string? AddressOf(ControlPlaneSpec spec, ObservedObjects observed, string @namespace) =>
        ControlPlaneRules.IsLoadBalancer(spec.Services?.Router)
            ? observed.LoadBalancerAddress(ObjectPaths.Service(@namespace, "router"))
            : spec.Ingresses!.Router!.Address;

    private static string? MissingAddress(ControlPlaneSpec spec, ObservedObjects observed, string @namespace, string? address) =>
        address is null ? "The Service router has no load balancer address yet"
        : ControlPlaneRules.IsLoadBalancer(spec.Services?.Controller) && observed.LoadBalancerAddress(ObjectPaths.Service(@namespace, "controller")) is null
            ? "The Service controller has no load balancer address yet"
        : null;

    /// <summary>What the Controller is told of the router.</summary>
    internal static RouterEntry RouterOf(ControlPlaneSpec spec, string address)
    {
        var ingress = ControlPlaneRules.IsLoadBalancer(spec.Services?.Router) ? null : spec.Ingresses?.Router;
        return new(
            address, Port(ingress?.MessagePort, RouterPlan.MessagePort), Port(ingress?.InteriorPort, RouterPlan.InteriorPort), Port(ingress?.EdgePort, RouterPlan.EdgePort));

        static int Port(int? given, int otherwise) => given is > 0 ? given.Value : otherwise;
    }

    private async Task<Passwords> FindPasswordsAsync(string @namespace, ControlPlaneSpec spec, CancellationToken cancellationToken)
    {
        string? missing = null;
        var user = spec.User!.PasswordSecretRef is { Name.Length: > 0 } reference
            ? await ReadAsync("spec.user.passwordSecretRef", reference) is { } text ? [text] : []
            : Password.Readings(spec.User.Password!);
        var database = spec.UsesSqlite ? null
            : spec.Database!.PasswordSecretRef is { Name.Length: > 0 } databaseReference ? await ReadAsync("spec.database.passwordSecretRef", databaseReference)
            : spec.Database.Password;
        if (missing is not null)
            return new([], null, Outcome.Later(ControlPlaneReasons.SecretMissing, missing, SafetyNet));
        return user.All(Password.IsLongEnough) ? new(user, database, null)
            : new([], null, spec.User.PasswordSecretRef is null
                ? Outcome.Refused(ControlPlaneReasons.PasswordTooShort, "spec.user.password: the Controller takes at least 8 characters")
                : Outcome.Later(ControlPlaneReasons.PasswordTooShort, $"The Secret {spec.User.PasswordSecretRef.Name} holds less than the 8 characters that the Controller takes", SafetyNet));

        async Task<string?> ReadAsync(string field, SecretKey secret)
        {
            var key = string.IsNullOrEmpty(secret.Key) ? "password" : secret.Key;
            var found = ObservedObjects.SecretText(await cluster.FindSecretAsync(@namespace, secret.Name, cancellationToken), key);
            if (string.IsNullOrEmpty(found))
                missing ??= $"{field}: the Secret {secret.Name} has no key {key}";
            return string.IsNullOrEmpty(found) ? null : found;
        }
    }

    /// <param name="User">What the user's password may be, the likelier first.</param>
    /// <param name="Database">Of the external database; null without one.</param>
    /// <param name="Outcome">Why there are none.</param>
    private sealed record Passwords(IReadOnlyList<string> User, string? Database, Outcome? Outcome)
    {
        public override string ToString() => "passwords";
    }
}
