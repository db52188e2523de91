namespace IoFog.Operator.ControlPlanes;

/// <summary>The reasons of a control plane's conditions and Events.</summary>
public static class ControlPlaneReasons
{
    public const string Ready = "ControlPlaneReady";
    public const string UserMissing = "UserMissing";
    public const string PasswordMissing = "PasswordMissing";
    public const string PasswordTooShort = "PasswordTooShort";
    public const string PasswordWrong = "PasswordWrong";
    public const string AddressMissing = "AddressMissing";
    public const string ReplicasNeedDatabase = "ReplicasNeedDatabase";
    public const string WaitingForAddress = "WaitingForAddress";
    public const string RollingOut = "RollingOut";
    public const string ControllerStarting = "ControllerStarting";
    public const string Applied = "Applied";
    public const string UserCreated = "UserCreated";
    public const string PasswordChanged = "PasswordChanged";
    public const string RouterRegistered = "RouterRegistered";
}
