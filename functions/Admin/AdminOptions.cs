using Microsoft.Extensions.Configuration;

namespace IoFog.Operator.Admin;

/// <summary>The settings of the admin functions.</summary>
public sealed class AdminOptions
{
    /// <summary><c>WATCH_NAMESPACE</c>: whose objects are shown.</summary>
    public required string Namespace { get; init; }

    /// <summary><c>AzureWebJobsStorage</c>: the account that holds the queues; empty where only health is asked for.</summary>
    public required string Storage { get; init; }

    public static AdminOptions Read(IConfiguration settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new()
        {
            Namespace = settings["WATCH_NAMESPACE"] is { Length: > 0 } name ? name : "default",
            Storage = settings["AzureWebJobsStorage"] ?? "",
        };
    }
}
