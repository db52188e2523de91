using Microsoft.Extensions.Logging;

namespace IoFog.Operator.Hosting;

internal static partial class Log
{
    [LoggerMessage(201, LogLevel.Error, "Message refused, it will end in {Queue}-poison: {Why}")]
    public static partial void MessageRefused(ILogger logger, string queue, string why);
}
