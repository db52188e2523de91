using Microsoft.Extensions.Logging;

namespace IoFog.Operator;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "Dropped: {Why}")]
    public static partial void ChangeDropped(ILogger logger, string why);

    [LoggerMessage(2, LogLevel.Information, "Turn {Turn} ended: {Outcome}")]
    public static partial void TurnEnded(ILogger logger, long turn, string outcome);

    [LoggerMessage(3, LogLevel.Information, "Turn lost: {Why}")]
    public static partial void TurnLost(ILogger logger, string why);

    [LoggerMessage(4, LogLevel.Error, "Reconcile failed")]
    public static partial void ReconcileFailed(ILogger logger, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "Kubernetes API away, the object stays due")]
    public static partial void KubernetesAway(ILogger logger, Exception exception);

    [LoggerMessage(6, LogLevel.Warning, "Event not written")]
    public static partial void EventNotWritten(ILogger logger, Exception exception);

    [LoggerMessage(7, LogLevel.Error, "Status rejected, a minimal one was written")]
    public static partial void StatusRejected(ILogger logger, Exception exception);

    [LoggerMessage(8, LogLevel.Warning, "Took over turn {Turn}, whose handler did not come back")]
    public static partial void TakenOver(ILogger logger, long turn);

    [LoggerMessage(9, LogLevel.Warning, "Refused: {Why}")]
    public static partial void ObjectRefused(ILogger logger, string why);

    [LoggerMessage(20, LogLevel.Information, "History lost, listing again: {Path}")]
    public static partial void HistoryLost(ILogger logger, string path);

    [LoggerMessage(21, LogLevel.Warning, "Watch failed, trying again: {Path}")]
    public static partial void WatchFailed(ILogger logger, string path, Exception exception);
}
