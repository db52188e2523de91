using Microsoft.Extensions.Logging;

namespace IoFog.Operator.Admin;

internal static partial class Log
{
    [LoggerMessage(301, LogLevel.Information, "Audit: {User} {Act} {Kind} {Name}")]
    public static partial void Acted(ILogger logger, string user, string act, string kind, string name);

    [LoggerMessage(302, LogLevel.Warning, "Audit: {User} refused: {Why}")]
    public static partial void ActRefused(ILogger logger, string user, string why);

    [LoggerMessage(303, LogLevel.Warning, "Event not written")]
    public static partial void EventNotWritten(ILogger logger, Exception exception);

    [LoggerMessage(304, LogLevel.Warning, "Request failed: {Why}")]
    public static partial void RequestFailed(ILogger logger, string why);
}
