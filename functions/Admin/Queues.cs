using System.Text.Json.Nodes;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using IoFog.Operator.Changes;
using Microsoft.AspNetCore.Http;

namespace IoFog.Operator.Admin;

/// <summary>Looks at the queues, and at the poison queues: what is in those could not be understood, and nothing in them is needed.</summary>
internal sealed class Queues(AdminOptions options)
{
    private const int MostMessages = 32;

    /// <summary>Depth, age of the oldest message and number of poisoned ones.</summary>
    public async Task<JsonObject> CountAsync(Kind kind, CancellationToken cancellationToken)
    {
        var queue = ChangeQueue.Open(options.Storage, kind);
        try
        {
            return new()
            {
                ["depth"] = await queue.CountAsync(cancellationToken),
                ["oldest"] = (await queue.PeekOldestAsync(cancellationToken))?.UtcDateTime.ToString("O"),
                ["poison"] = await CountPoisonAsync(kind, cancellationToken),
            };
        }
        catch (RequestFailedException e) when (e.Status == StatusCodes.Status404NotFound)
        {
            return new() { ["depth"] = 0, ["oldest"] = null, ["poison"] = 0 };
        }
    }

    /// <summary>The messages of a poison queue, at most 32.</summary>
    public async Task<JsonArray> ListPoisonAsync(Kind kind, CancellationToken cancellationToken)
    {
        try
        {
            PeekedMessage[] messages = await PoisonOf(kind).PeekMessagesAsync(MostMessages, cancellationToken);
            return new([.. messages.Select(message => (JsonNode)new JsonObject
            {
                ["id"] = message.MessageId,
                ["inserted"] = message.InsertedOn?.UtcDateTime.ToString("O"),
                ["text"] = message.MessageText,
                ["why"] = Why(message.MessageText),
            })]);
        }
        catch (RequestFailedException e) when (e.Status == StatusCodes.Status404NotFound)
        {
            return [];
        }
    }

    /// <summary>Throws one message of a poison queue away.</summary>
    public async Task DiscardAsync(Kind kind, string id, CancellationToken cancellationToken)
    {
        var poison = PoisonOf(kind);
        try
        {
            QueueMessage[] messages = await poison.ReceiveMessagesAsync(MostMessages, TimeSpan.FromSeconds(1), cancellationToken);
            var found = messages.FirstOrDefault(message => message.MessageId == id)
                ?? throw new Problem(StatusCodes.Status404NotFound, $"There is no message {id} in the poison queue of {kind}");
            await poison.DeleteMessageAsync(found.MessageId, found.PopReceipt, cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == StatusCodes.Status404NotFound)
        {
            throw new Problem(StatusCodes.Status404NotFound, $"There is no message {id} in the poison queue of {kind}");
        }
    }

    private async Task<int> CountPoisonAsync(Kind kind, CancellationToken cancellationToken)
    {
        try
        {
            return (await PoisonOf(kind).GetPropertiesAsync(cancellationToken)).Value.ApproximateMessagesCount;
        }
        catch (RequestFailedException e) when (e.Status == StatusCodes.Status404NotFound)
        {
            return 0;
        }
    }

    // The text is shown as it is: what was no base64 is among what ends there.
    private QueueClient PoisonOf(Kind kind) => new(options.Storage, $"{kind.Queue}-poison");

    private static string Why(string text)
    {
        try
        {
            Change.Parse(System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(text)));
            return "it can be understood: its handler died each time before a claim";
        }
        catch (FormatException)
        {
            return "it is not base64";
        }
        catch (MalformedChangeException e)
        {
            return e.Message;
        }
    }
}
