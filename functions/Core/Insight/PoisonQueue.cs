using System.Text;
using System.Text.Json.Serialization;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using IoFog.Operator.Changes;

namespace IoFog.Operator.Insight;

/// <summary>A message that ended in a poison queue.</summary>
public sealed record PoisonMessage
{
    public required string Id { get; init; }

    public required string Kind { get; init; }

    [JsonConverter(typeof(UtcTimeConverter))]
    public DateTimeOffset? Inserted { get; init; }

    /// <summary>Why it ended here.</summary>
    public required string Why { get; init; }

    /// <summary>The object that it is about, <c>namespace/name</c>; absent when it can't be understood.</summary>
    public string? Subject { get; init; }

    /// <summary>Tells it from a namesake.</summary>
    [JsonIgnore]
    public Guid? Uid { get; init; }

    /// <inheritdoc cref="Subject"/>
    public string? Reason { get; init; }

    /// <inheritdoc cref="Subject"/>
    public long? Turn { get; init; }

    /// <summary>When it was sent.</summary>
    [JsonConverter(typeof(UtcTimeConverter))]
    public DateTimeOffset? Sent { get; init; }

    /// <summary>How many characters long it is; only of what can't be understood, which is never quoted: nobody knows what is in it.</summary>
    public int? Length { get; init; }
}

/// <summary>What could not be understood, or killed its handler each time. Nothing in it is needed: to reconcile now is the replay.</summary>
/// <param name="account">What <see cref="QueueStorage"/> takes.</param>
/// <param name="kind">Whose queue.</param>
/// <param name="namespace">The one that the operator serves.</param>
/// <param name="options">Of the client; the text is always taken as it is, for what was no base64 is among what ends there.</param>
public sealed class PoisonQueue(string account, Kind kind, string @namespace, QueueClientOptions? options = null)
{
    private const int MostMessages = 32;

    private readonly QueueClient client = QueueStorage.Open(account, $"{kind.Queue}-poison", AsItIs(options ?? new()));

    /// <summary>The oldest messages, at most 32.</summary>
    public async Task<IReadOnlyList<PoisonMessage>> ListAsync(CancellationToken cancellationToken)
    {
        try
        {
            PeekedMessage[] messages = await client.PeekMessagesAsync(MostMessages, cancellationToken);
            return [.. messages.Select(message => Read(kind, @namespace, message.MessageId, message.InsertedOn, message.MessageText))];
        }
        catch (RequestFailedException e) when (IsMissing(e))
        {
            return [];
        }
    }

    /// <summary>About how many there are.</summary>
    public async Task<int> CountAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await client.GetPropertiesAsync(cancellationToken)).Value.ApproximateMessagesCount;
        }
        catch (RequestFailedException e) when (IsMissing(e))
        {
            return 0;
        }
    }

    /// <summary>Throws a message away.</summary>
    /// <returns>What it was; null when it is not among the oldest 32.</returns>
    public async Task<PoisonMessage?> DiscardAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            QueueMessage[] messages = await client.ReceiveMessagesAsync(MostMessages, TimeSpan.FromSeconds(2), cancellationToken);
            var found = messages.FirstOrDefault(message => message.MessageId == id);
            if (found is not null)
                await client.DeleteMessageAsync(found.MessageId, found.PopReceipt, cancellationToken);
            // The rest was taken along, and would be hidden from whoever looks or discards next.
            await Task.WhenAll(messages.Where(message => message != found).Select(message => ShowAsync(message, cancellationToken)));
            if (found is null)
                return null;
            return Read(kind, @namespace, found.MessageId, found.InsertedOn, found.MessageText);
        }
        catch (RequestFailedException e) when (IsMissing(e))
        {
            return null;
        }
    }

    private async Task ShowAsync(QueueMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await client.UpdateMessageAsync(message.MessageId, message.PopReceipt, visibilityTimeout: TimeSpan.Zero, cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (IsMissing(e) || e.ErrorCode == QueueErrorCode.PopReceiptMismatch)
        {
            // It is visible again by itself, and somebody else has it.
        }
    }

    /// <summary>Decodes a message and says why it is here.</summary>
    public static PoisonMessage Read(Kind kind, string @namespace, string id, DateTimeOffset? inserted, string text)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(text);
        var message = new PoisonMessage { Id = id, Kind = kind.Name, Inserted = inserted, Why = "" };
        var decoded = text;
        try
        {
            decoded = Encoding.UTF8.GetString(Convert.FromBase64String(text));
            var change = Change.Parse(decoded);
            return message with
            {
                Why = change.Kind != kind ? $"It is about {change.Kind}, and this is the queue of {kind}"
                    : change.Key.Namespace != @namespace ? $"It is about the namespace {change.Key.Namespace}, and this operator serves {@namespace}"
                    : "Its handler died each time before it claimed the object",
                Subject = change.Key.ToString(),
                Uid = change.Uid,
                Reason = change.Reason.ToString(),
                Turn = change.Turn,
                Sent = change.Time,
            };
        }
        catch (FormatException)
        {
            return message with { Why = "It is not base64", Length = text.Length };
        }
        catch (MalformedChangeException e)
        {
            return message with { Why = e.Message, Length = decoded.Length };
        }
    }

    private static QueueClientOptions AsItIs(QueueClientOptions options)
    {
        options.MessageEncoding = QueueMessageEncoding.None;
        return options;
    }

    private static bool IsMissing(RequestFailedException e) => e.Status == 404;
}
