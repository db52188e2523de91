namespace IoFog.Operator.Reconciling;

/// <summary>The reasons that every kind's conditions and Events may have; a kind's own stand beside the kind.</summary>
public static class Reasons
{
    public const string Synced = "Synced";
    public const string Progressing = "Progressing";
    public const string Deleting = "Deleting";
    public const string Paused = "Paused";
    public const string Orphaned = "Orphaned";
    public const string NameTaken = "NameTaken";
    public const string RequestHonoured = "RequestHonoured";
    public const string RequestDenied = "RequestDenied";
    public const string RequestFailed = "RequestFailed";
    public const string WaitingForDependency = "WaitingForDependency";
    public const string SecretMissing = "SecretMissing";
    public const string SecretForbidden = "SecretForbidden";
    public const string ControlPlaneGone = "ControlPlaneGone";
    public const string ControllerUnreachable = "ControllerUnreachable";
    public const string ReconcileFailed = "ReconcileFailed";
    public const string HandlerDied = "HandlerDied";
    public const string StatusRejected = "StatusRejected";
    public const string Unreadable = "Unreadable";
}
