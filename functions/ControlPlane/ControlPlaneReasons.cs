namespace IoFog.Operator.ControlPlanes;

/// <summary>The reasons of a control plane's conditions and Events.</summary>
public static class ControlPlaneReasons
{
    public const string Ready = "ControlPlaneReady";
    public const string UserMissing = "UserMissing";
    public const string EmailChanged = "EmailChanged";
    public const string PasswordMissing = "PasswordMissing";
    public const string PasswordTooShort = "PasswordTooShort";
    public const string PasswordWrong = "PasswordWrong";
    public const string PasswordDecoded = "PasswordDecoded";
    public const string SecretMissing = "SecretMissing";
    public const string DatabaseIncomplete = "DatabaseIncomplete";
    public const string DatabaseSwitched = "DatabaseSwitched";
    public const string AddressMissing = "AddressMissing";
    public const string IngressNeedsClusterIP = "IngressNeedsClusterIP";
    public const string ReplicasNeedDatabase = "ReplicasNeedDatabase";
    public const string ReplicasOutOfRange = "ReplicasOutOfRange";
    public const string OnePortManager = "OnePortManager";
    public const string BelongsToAnother = "BelongsToAnother";
    public const string FormerLeaving = "FormerLeaving";
    public const string FieldImmutable = "FieldImmutable";
    public const string WaitingForAddress = "WaitingForAddress";
    public const string RollingOut = "RollingOut";
    public const string ControllerStarting = "ControllerStarting";
    public const string PortManagerStarting = "PortManagerStarting";
    public const string Applied = "Applied";
    public const string Adopted = "Adopted";
    public const string Removed = "Removed";
    public const string UserCreated = "UserCreated";
    public const string UserRenamed = "UserRenamed";
    public const string PasswordChanged = "PasswordChanged";
    public const string RouterRegistered = "RouterRegistered";
}
