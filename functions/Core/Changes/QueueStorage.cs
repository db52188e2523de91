using Azure.Storage.Queues;
using Microsoft.Extensions.Configuration;

namespace IoFog.Operator.Changes;

/// <summary>The storage account that holds the queues: by a connection string, or by its address and this workload's identity.</summary>
public static class QueueStorage
{
    private static readonly Lazy<WorkloadIdentity> Identity = new(static () => new(new HttpClient(), TimeProvider.System, Environment.GetEnvironmentVariable));

    /// <summary><c>AzureWebJobsStorage</c>, or else <c>AzureWebJobsStorage__queueServiceUri</c>; empty where neither is set.</summary>
    /// <exception cref="InvalidOperationException">The address is none.</exception>
    public static string Read(IConfiguration settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings["AzureWebJobsStorage"] is { Length: > 0 } connectionString)
            return connectionString;
        var address = settings["AzureWebJobsStorage:queueServiceUri"] ?? "";
        return address.Length == 0 || IsAddress(address)
            ? address
            : throw new InvalidOperationException($"AzureWebJobsStorage__queueServiceUri: '{address}' is no https address");
    }

    /// <param name="account">What <see cref="Read"/> returned.</param>
    public static QueueClient Open(string account, string queue, QueueClientOptions options) => IsAddress(account)
        ? new(new Uri($"{account.TrimEnd('/')}/{queue}"), Identity.Value, options)
        : new(account, queue, options);

    private static bool IsAddress(string account) => account.StartsWith("https://", StringComparison.Ordinal) && Uri.IsWellFormedUriString(account, UriKind.Absolute);
}
