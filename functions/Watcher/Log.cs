namespace IoFog.Operator.Watcher;

internal static partial class Log
{
    [LoggerMessage(101, LogLevel.Information, "Change sent: {Kind} {Key} {Reason} turn {Turn}")]
    public static partial void ChangeSent(ILogger logger, string kind, ResourceKey key, DueReason reason, long turn);

    [LoggerMessage(102, LogLevel.Warning, "Storage away, trying again: {Queue}")]
    public static partial void StorageAway(ILogger logger, string queue, Exception exception);

    [LoggerMessage(103, LogLevel.Information, "Controller reached at {Endpoint}")]
    public static partial void ControllerReached(ILogger logger, Uri endpoint);

    [LoggerMessage(104, LogLevel.Warning, "Controller lost: {Why}")]
    public static partial void ControllerLost(ILogger logger, string why);

    [LoggerMessage(105, LogLevel.Information, "Leading as {Identity}")]
    public static partial void Leading(ILogger logger, string identity);

    [LoggerMessage(106, LogLevel.Information, "Standing by as {Identity}; {Holder} leads")]
    public static partial void StandingBy(ILogger logger, string identity, string? holder);

    [LoggerMessage(107, LogLevel.Critical, "Lease lost, ending so that only one watcher leads")]
    public static partial void LeaseLost(ILogger logger);

    [LoggerMessage(108, LogLevel.Warning, "Lease not written, trying again")]
    public static partial void LeaseFailed(ILogger logger, Exception exception);

    [LoggerMessage(109, LogLevel.Information, "Finalizer released: {Kind} {Key}, because {Why}")]
    public static partial void FinalizerReleased(ILogger logger, string kind, ResourceKey key, string why);

    [LoggerMessage(110, LogLevel.Warning, "Finalizer not released: {Kind} {Key}")]
    public static partial void FinalizerKept(ILogger logger, string kind, ResourceKey key, Exception exception);

    [LoggerMessage(116, LogLevel.Error, "An object of kind {Kind} is not readable and left out: {Why}")]
    public static partial void ObjectUnreadable(ILogger logger, string kind, string why);

    [LoggerMessage(117, LogLevel.Warning, "The clock was set by {Seconds} s")]
    public static partial void ClockSet(ILogger logger, double seconds);

    [LoggerMessage(111, LogLevel.Critical, "A loop of the watcher failed, ending")]
    public static partial void LoopFailed(ILogger logger, Exception exception);

    [LoggerMessage(112, LogLevel.Information, "All kinds are listed; probes are answered at {Health}, KEDA at {Scaler}")]
    public static partial void Ready(ILogger logger, string health, string scaler);

    [LoggerMessage(113, LogLevel.Warning, "ScaledObject {Name}: {Objection}")]
    public static partial void ScaledObjectUnclear(ILogger logger, string name, string objection);

    [LoggerMessage(114, LogLevel.Warning, "The Controller can't show {Path}, which is unknown until it can: {Why}")]
    public static partial void EntriesUnseen(ILogger logger, string path, string why);

    [LoggerMessage(115, LogLevel.Information, "The Controller shows {Path} again")]
    public static partial void EntriesSeenAgain(ILogger logger, string path);

    [LoggerMessage(118, LogLevel.Information, "The Service {Service} leads to {Address}")]
    public static partial void EndpointWritten(ILogger logger, string service, string address);

    [LoggerMessage(119, LogLevel.Warning, "The Service {Service} could not be led here, trying again")]
    public static partial void EndpointNotWritten(ILogger logger, string service, Exception exception);
}
