using IoFog.Operator.Reconciling;

namespace IoFog.Operator.ControlPlanes;

/// <summary>
/// What can't work as it is written. The CRD says the same in its rules; here it is said again, because iofogctl replaces a CRD that it does not
/// know by one without rules.
/// </summary>
internal static class ControlPlaneRules
{
    /// <returns>Null when nothing is wrong.</returns>
    public static Outcome? Refuse(ControlPlaneSpec? spec)
    {
        if (spec?.User is not { Email.Length: > 0 } user)
            return Outcome.Refused(ControlPlaneReasons.UserMissing, "spec.user is needed, with name, surname and email");
        if (string.IsNullOrEmpty(user.Password) && string.IsNullOrEmpty(user.PasswordSecretRef?.Name))
            return Outcome.Refused(ControlPlaneReasons.PasswordMissing, "spec.user.password or spec.user.passwordSecretRef is needed");
        if (!spec.UsesSqlite && Missing(spec.Database!) is { } missing)
            return Outcome.Refused(ControlPlaneReasons.DatabaseIncomplete, $"spec.database.{missing} is needed with spec.database.host");
        if (spec.UsesSqlite && spec.Replicas?.Controller > 1)
            return Outcome.Refused(ControlPlaneReasons.ReplicasNeedDatabase, "spec.replicas.controller above 1 needs spec.database: SQLite takes one Controller");
        if (spec.Replicas?.PortManager > 1)
            return Outcome.Refused(ControlPlaneReasons.OnePortManager, "spec.replicas.portManager above 1 can't work: the image has no leader election, two of them would fight over the same objects");
        if (spec.Replicas?.Router is < 1 or > RouterPlan.Most)
            return Outcome.Refused(ControlPlaneReasons.ReplicasOutOfRange, $"spec.replicas.router must be from 1 to {RouterPlan.Most}");
        if (!IsLoadBalancer(spec.Services?.Router) && string.IsNullOrEmpty(spec.Ingresses?.Router?.Address))
            return Outcome.Refused(ControlPlaneReasons.AddressMissing, "spec.ingresses.router.address is needed when spec.services.router.type is not LoadBalancer: agents must reach the router");
        if (spec.Ingresses?.Controller is { } ingress && spec.Services?.Controller?.Type != "ClusterIP")
            return Outcome.Refused(ControlPlaneReasons.IngressNeedsClusterIP, "spec.ingresses.controller needs spec.services.controller.type ClusterIP");
        return null;
    }

    public static bool IsLoadBalancer(ServiceShape? service) =>
        string.IsNullOrEmpty(service?.Type) || service.Type.Equals("LoadBalancer", StringComparison.OrdinalIgnoreCase);

    private static string? Missing(ControlPlaneDatabase database) =>
        string.IsNullOrEmpty(database.Provider) ? "provider"
        : database.Port is not > 0 ? "port"
        : string.IsNullOrEmpty(database.User) ? "user"
        : string.IsNullOrEmpty(database.DatabaseName) ? "databaseName"
        : string.IsNullOrEmpty(database.Password) && string.IsNullOrEmpty(database.PasswordSecretRef?.Name) ? "password or spec.database.passwordSecretRef"
        : null;
}
