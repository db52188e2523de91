using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Controller;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.ControlPlanes;

/// <summary>Keeps Controller, router and port manager in the cluster as their object says, with their user and default router.</summary>
public sealed class ControlPlaneReconciler(KubernetesApi api, ControllerConnection connection, TimeProvider time) : IReconciler<ControlPlaneSpec, ControlPlaneStatus>
{
    private static readonly TimeSpan SafetyNet = TimeSpan.FromSeconds(30);

    public async Task<Outcome> ReconcileAsync(Turn<ControlPlaneSpec, ControlPlaneStatus> turn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (turn.Resource.Spec is not { User: { } user } spec)
            return Outcome.Refused(ControlPlaneReasons.UserMissing, "spec.user is needed");
        if (spec.Replicas?.Controller > 1 && spec.Database is null)
            return Outcome.Refused(ControlPlaneReasons.ReplicasNeedDatabase, "spec.replicas.controller above 1 needs spec.database: SQLite takes one Controller");
        if (await FindOtherAsync(turn, cancellationToken) is { } other)
            return Outcome.Refused(Reasons.NameTaken, $"ControlPlane {other} was created earlier; a namespace has one control plane");
        if (!IsLoadBalancer(spec.Services?.Router) && string.IsNullOrEmpty(spec.Ingresses?.Router?.Address))
            return Outcome.Refused(ControlPlaneReasons.AddressMissing, "spec.ingresses.router.address is needed when spec.services.router.type is not LoadBalancer");
        var password = await FindPasswordAsync(turn.Key.Namespace, user, cancellationToken);
        if (password is null)
            return user.PasswordSecretRef is { } secret
                ? Outcome.Later(ControlPlaneReasons.PasswordMissing, $"spec.user.passwordSecretRef: the Secret {secret.Name} has no key {secret.Key ?? "password"}", SafetyNet)
                : Outcome.Refused(ControlPlaneReasons.PasswordMissing, "spec.user.password or spec.user.passwordSecretRef is needed");
        if (!Password.IsLongEnough(password))
            return Outcome.Refused(ControlPlaneReasons.PasswordTooShort, "spec.user.password: the Controller takes at least 8 characters");

        var before = await FindCredentialsAsync(turn.Key.Namespace, cancellationToken);
        var address = await FindRouterAddressAsync(turn.Key.Namespace, spec, cancellationToken);
        if (!await ApplyAsync(turn, spec, password, address, cancellationToken))
            return Outcome.Continue("The objects of the control plane are being applied");

        // The Service may have got its address just now.
        address ??= await FindRouterAddressAsync(turn.Key.Namespace, spec, cancellationToken);
        if (address is null)
            return Waiting(turn, ControlPlaneReasons.WaitingForAddress, "The Service router has no load balancer address yet");
        if (!await HasCertificatesAsync(turn.Key.Namespace, cancellationToken)
            && !await ApplyAsync(turn, spec, password, address, cancellationToken))
            return Outcome.Continue("The router's certificates are being made");
        if (await FindRolloutAsync(turn, cancellationToken) is { } rolling)
            return Waiting(turn, ControlPlaneReasons.RollingOut, rolling);
        return await SetUpControllerAsync(turn, spec, new(user.Email, password), before, address, cancellationToken);
    }

    /// <summary>What the control plane owns goes with it; only the database stays.</summary>
    public Task<Outcome> DeleteAsync(Turn<ControlPlaneSpec, ControlPlaneStatus> turn, CancellationToken cancellationToken) =>
        Task.FromResult(Outcome.Gone);

    private async Task<Outcome> SetUpControllerAsync(
        Turn<ControlPlaneSpec, ControlPlaneStatus> turn, ControlPlaneSpec spec, ControllerCredentials user, ControllerCredentials? before, string address, CancellationToken cancellationToken)
    {
        var endpoint = await connection.EndpointOfAsync(turn.Key.Namespace, cancellationToken);
        var anonymous = connection.Connect(endpoint, null);
        ControllerStatus status;
        try
        {
            status = await anonymous.GetStatusAsync(cancellationToken);
        }
        catch (ControllerUnavailableException e)
        {
            return Waiting(turn, ControlPlaneReasons.ControllerStarting, e.Message, useBackOff: true);
        }

        if (!await anonymous.CanLogInAsync(user, cancellationToken)
            && await SignInAsync(turn, spec.User!, user, before, anonymous, cancellationToken) is { } failed)
            return failed;
        var controller = connection.Connect(endpoint, user);
        var wanted = RouterOf(spec, address);
        if (await controller.FindDefaultRouterAsync(cancellationToken) != wanted)
        {
            if (!await turn.TryActAsync(token => controller.PutDefaultRouterAsync(wanted, token), cancellationToken))
                return Outcome.Continue("The default router is being registered");
            turn.Tell(ControlPlaneReasons.RouterRegistered, $"Registered the default router at {address}");
        }

        turn.Status = turn.Status with
        {
            Endpoint = endpoint.ToString().TrimEnd('/'),
            ControllerVersion = status.Versions?.Controller,
            RouterAddress = address,
            Components = [new("Controller", true, null), new("PortManager", true, null), new("Router", true, null)],
        };
        return Outcome.Settled(Readiness.True(ControlPlaneReasons.Ready, $"The Controller answers at {turn.Status.Endpoint}"));
    }

    /// <summary>Creates the user, or changes the password from the one that worked before.</summary>
    /// <returns>Null when it can sign in now.</returns>
    private async Task<Outcome?> SignInAsync(
        Turn<ControlPlaneSpec, ControlPlaneStatus> turn, ControlPlaneUser spec, ControllerCredentials user, ControllerCredentials? before,
        ControllerClient anonymous, CancellationToken cancellationToken)
    {
        var created = false;
        if (!await turn.TryActAsync(async token => created = await anonymous.SignUpAsync(spec.Name, spec.Surname, user, token), cancellationToken))
            return Outcome.Continue("The user is being created");
        if (created)
        {
            turn.Tell(ControlPlaneReasons.UserCreated, $"Created user {user.Email}");
            return null;
        }

        if (before is null || before == user || before.Email != user.Email || !await anonymous.CanLogInAsync(before, cancellationToken))
            return Outcome.Refused(ControlPlaneReasons.PasswordWrong, $"spec.user: the Controller knows {user.Email} with another password");
        var old = connection.Connect(anonymous.Endpoint, before);
        if (!await turn.TryActAsync(token => old.ChangePasswordAsync(before.Password, user.Password, token), cancellationToken))
            return Outcome.Continue("The password is being changed");
        turn.Tell(ControlPlaneReasons.PasswordChanged, $"Changed the password of {user.Email}");
        return null;
    }

    /// <returns>False when the turn's budget is spent.</returns>
    private async Task<bool> ApplyAsync(
        Turn<ControlPlaneSpec, ControlPlaneStatus> turn, ControlPlaneSpec spec, string password, string? address, CancellationToken cancellationToken)
    {
        var certificates = address is null || await HasCertificatesAsync(turn.Key.Namespace, cancellationToken)
            ? null
            : RouterCertificates.Create(address, turn.Key.Namespace, time.GetUtcNow());
        foreach (var wanted in ControlPlanePlan.Of(turn.Resource.Metadata, spec, password, certificates))
        {
            var observed = await api.FindAsync(wanted.Path, KubernetesJson.Default.JsonObject, cancellationToken);
            if (observed is not null && wanted.IsHeldBy(observed))
                continue;
            if (!await turn.TryActAsync(token => api.ApplyAsync(wanted.Path, wanted.Content, KubernetesJson.Default.JsonObject, Names.FieldManager, token), cancellationToken))
                return false;
            turn.Tell(ControlPlaneReasons.Applied, $"{(observed is null ? "Created" : "Repaired")} {wanted.Display}");
        }

        return true;
    }

    private async Task<bool> HasCertificatesAsync(string @namespace, CancellationToken cancellationToken)
    {
        foreach (var name in new[] { "router-ca", "router-amqps", "router-internal" })
        {
            if (await api.FindAsync($"api/v1/namespaces/{@namespace}/secrets/{name}", cancellationToken) is null)
                return false; // one alone cannot be made again: the others were signed by its key
        }

        return true;
    }

    private async Task<string?> FindRolloutAsync(Turn<ControlPlaneSpec, ControlPlaneStatus> turn, CancellationToken cancellationToken)
    {
        var components = new List<ControlPlaneComponent>();
        foreach (var (component, name) in new[] { ("Controller", "controller"), ("PortManager", "port-manager"), ("Router", "router") })
        {
            var deployment = await api.FindAsync(
                $"apis/apps/v1/namespaces/{turn.Key.Namespace}/deployments/{name}", KubernetesJson.Default.JsonObject, cancellationToken);
            components.Add(new(component, IsRolledOut(deployment), IsRolledOut(deployment) ? null : $"Deployment {name} is rolling out"));
        }

        turn.Status = turn.Status with { Components = components };

        // The port manager signs in to the Controller first; it is none of what the Controller waits for.
        return components.FirstOrDefault(component => !component.Ready && component.Name != "PortManager")?.Message;
    }

    private static bool IsRolledOut(JsonObject? deployment) =>
        deployment?["status"] is JsonObject status
        && Number(status["observedGeneration"]) == Number(deployment["metadata"]!["generation"])
        && Number(status["availableReplicas"]) >= Number(deployment["spec"]!["replicas"])
        && Number(status["updatedReplicas"]) >= Number(deployment["spec"]!["replicas"]);

    private static long Number(JsonNode? node) => node?.GetValueKind() == JsonValueKind.Number ? node.GetValue<long>() : 0;

    private static Outcome Waiting(Turn<ControlPlaneSpec, ControlPlaneStatus> turn, string reason, string message, bool useBackOff = false)
    {
        // What it waits for is owned and watched: the change wakes it, the delay is only a net.
        turn.Status = turn.Status with { ControllerVersion = null };
        return Outcome.Later(reason, message, useBackOff ? null : SafetyNet);
    }

    private async Task<string?> FindRouterAddressAsync(string @namespace, ControlPlaneSpec spec, CancellationToken cancellationToken)
    {
        if (!IsLoadBalancer(spec.Services?.Router))
            return spec.Ingresses!.Router!.Address;
        var service = await api.FindAsync($"api/v1/namespaces/{@namespace}/services/router", KubernetesJson.Default.JsonObject, cancellationToken);
        var ingress = service?["status"]?["loadBalancer"]?["ingress"] is JsonArray { Count: > 0 } list ? list[0] : null;
        return ingress?["hostname"]?.GetValue<string>() ?? ingress?["ip"]?.GetValue<string>();
    }

    private static RouterEntry RouterOf(ControlPlaneSpec spec, string address) => IsLoadBalancer(spec.Services?.Router)
        ? new(address, ControlPlanePlan.MessagePort, ControlPlanePlan.InteriorPort, ControlPlanePlan.EdgePort)
        : new(
            address,
            spec.Ingresses?.Router?.MessagePort ?? ControlPlanePlan.MessagePort,
            spec.Ingresses?.Router?.InteriorPort ?? ControlPlanePlan.InteriorPort,
            spec.Ingresses?.Router?.EdgePort ?? ControlPlanePlan.EdgePort);

    private static bool IsLoadBalancer(ServiceShape? service) =>
        string.IsNullOrEmpty(service?.Type) || service.Type.Equals("LoadBalancer", StringComparison.OrdinalIgnoreCase);

    private async Task<string?> FindOtherAsync(Turn<ControlPlaneSpec, ControlPlaneStatus> turn, CancellationToken cancellationToken)
    {
        var list = await api.FindAsync(Kinds.ControlPlane.PathOf(turn.Key.Namespace), KubernetesJson.Default.JsonObject, cancellationToken);
        var first = (list?["items"]?.AsArray() ?? [])
            .Select(item => item!["metadata"]!)
            .OrderBy(metadata => metadata["creationTimestamp"]?.GetValue<string>(), StringComparer.Ordinal)
            .ThenBy(metadata => metadata["uid"]?.GetValue<string>(), StringComparer.Ordinal)
            .FirstOrDefault();
        return first is null || first["uid"]!.GetValue<string>() == turn.Resource.Metadata.Uid ? null : first["name"]!.GetValue<string>();
    }

    private async Task<string?> FindPasswordAsync(string @namespace, ControlPlaneUser user, CancellationToken cancellationToken)
    {
        if (user.PasswordSecretRef is not { } reference)
            return string.IsNullOrEmpty(user.Password) ? null : Password.Plain(user.Password);
        var content = await FindSecretAsync(@namespace, reference.Name, cancellationToken);
        return Read(content, reference.Key ?? "password");
    }

    private async Task<ControllerCredentials?> FindCredentialsAsync(string @namespace, CancellationToken cancellationToken)
    {
        var content = await FindSecretAsync(@namespace, ControllerConnection.CredentialsSecret, cancellationToken);
        return Read(content, "email") is { } email && Read(content, "password") is { } password ? new(email, password) : null;
    }

    private async Task<JsonObject?> FindSecretAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        (await api.FindAsync($"api/v1/namespaces/{@namespace}/secrets/{name}", KubernetesJson.Default.JsonObject, cancellationToken))?["data"] as JsonObject;

    private static string? Read(JsonObject? content, string key) =>
        content?[key]?.GetValue<string>() is { } base64 ? Encoding.UTF8.GetString(Convert.FromBase64String(base64)) : null;
}
