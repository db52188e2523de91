using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Azure.Storage.Queues.Specialized;

namespace IoFog.Operator.Changes;

/// <summary>The queue of one kind. The watcher is its only producer, the kind's function app its only consumer.</summary>
public sealed class ChangeQueue(QueueClient client, Kind kind)
{
    /// <summary>Whoever sends comes again by itself; the client's own hundred seconds would only hide that the storage is away.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Forever = TimeSpan.FromSeconds(-1);

    public Kind Kind => kind;

    /// <summary>Opens the queue of a kind; nothing is sent yet.</summary>
    /// <param name="account">A connection string, or what else <see cref="QueueStorage"/> takes.</param>
    public static ChangeQueue Open(string account, Kind kind, QueueClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(kind);
        options ??= new() { Retry = { MaxRetries = 1, NetworkTimeout = Patience } };
        // The Functions host decodes base64; both sides say so, for their defaults differ.
        options.MessageEncoding = QueueMessageEncoding.Base64;
        return new(QueueStorage.Open(account, kind.Queue, options), kind);
    }

    /// <summary>Creates the queue where it is missing; the host's listener does not.</summary>
    public Task EnsureExistsAsync(CancellationToken cancellationToken) =>
        client.CreateIfNotExistsAsync(cancellationToken: cancellationToken);

    /// <summary>Puts a change at the end of the queue, for good.</summary>
    /// <returns>When it was put, by the storage account's clock.</returns>
    /// <exception cref="Azure.RequestFailedException">The storage account refused or is away.</exception>
    public async Task<DateTimeOffset> SendAsync(Change change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        SendReceipt receipt = await client.SendMessageAsync(change.ToJson(), visibilityTimeout: null, timeToLive: Forever, cancellationToken);
        return receipt.InsertionTime;
    }

    /// <summary>When the oldest visible message was put (the storage account's clock), or null when none is visible.</summary>
    public async Task<DateTimeOffset?> PeekOldestAsync(CancellationToken cancellationToken)
    {
        var peeked = await client.PeekMessageAsync(cancellationToken);
        return peeked.Value is PeekedMessage message ? message.InsertedOn : null;
    }

    /// <summary>How many messages the host has given up; they need nothing but somebody who looks at them.</summary>
    public async Task<int> CountPoisonAsync(CancellationToken cancellationToken)
    {
        try
        {
            QueueProperties properties = await client.GetParentQueueServiceClient().GetQueueClient($"{kind.Queue}-poison").GetPropertiesAsync(cancellationToken);
            return properties.ApproximateMessagesCount;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return 0; // made with the first of them
        }
    }

    /// <summary>About how many messages there are, hidden ones included.</summary>
    public async Task<int> CountAsync(CancellationToken cancellationToken)
    {
        QueueProperties properties = await client.GetPropertiesAsync(cancellationToken);
        return properties.ApproximateMessagesCount;
    }
}
