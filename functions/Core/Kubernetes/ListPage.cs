using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace IoFog.Operator.Kubernetes;

/// <summary>
/// Reads one page of a list while it arrives, and holds one object at a time: a page of large objects would be hundreds of megabytes.
/// </summary>
internal sealed class ListPage(IWatchTarget target)
{
    private const int ReadSize = 32 * 1024;

    private JsonReaderState state = new(JsonText.Reading);
    private bool isInItems, isComplete;
    private string? version, next;

    /// <returns>The list's resourceVersion, and the token of the next page or null.</returns>
    /// <exception cref="JsonException">It is no list, or it ends early.</exception>
    public async Task<(string Version, string? Continue)> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(stream, new(bufferSize: ReadSize, minimumReadSize: ReadSize / 4));
        try
        {
            var atLeast = 1;
            while (!isComplete)
            {
                var read = await pipe.ReadAtLeastAsync(atLeast, cancellationToken);
                var used = Step(read.Buffer, read.IsCompleted);
                if (read.IsCompleted && !isComplete)
                    throw new JsonException("the list ends early");
                var left = read.Buffer.Length - used;
                if (left > JsonText.LongestObject)
                    throw new JsonException("an object of the list has no end");

                // Doubled each time, so that a large object is not looked through again with every packet.
                atLeast = (int)Math.Max(1, left * 2);
                pipe.AdvanceTo(read.Buffer.GetPosition(used), read.Buffer.End);
            }

            return (version ?? throw new JsonException("the list has no resourceVersion"), string.IsNullOrEmpty(next) ? null : next);
        }
        finally
        {
            await pipe.CompleteAsync();
        }
    }

    /// <summary>Takes in whole members and whole items.</summary>
    /// <returns>How many bytes it took.</returns>
    private long Step(ReadOnlySequence<byte> buffer, bool isFinal)
    {
        var reader = new Utf8JsonReader(buffer, isFinal, state);
        while (true)
        {
            (state, var used) = (reader.CurrentState, reader.BytesConsumed);
            if (isComplete || !(isInItems ? TryTakeItem(ref reader, buffer) : TryTakeMember(ref reader)))
                return used;
        }
    }

    private bool TryTakeItem(ref Utf8JsonReader reader, ReadOnlySequence<byte> buffer)
    {
        if (!reader.Read())
            return false;
        if (reader.TokenType == JsonTokenType.EndArray)
        {
            isInItems = false;
            return true;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("an item of the list is no object");
        var start = reader.TokenStartIndex;
        if (!reader.TrySkip())
            return false;
        JsonText.Hand(buffer.Slice(start, reader.BytesConsumed - start), target, static (target, json) => target.Received(WatchKind.Listed, json));
        return true;
    }

    private bool TryTakeMember(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
            return false;
        if (reader.TokenType == JsonTokenType.StartObject)
            return true; // the list itself
        if (reader.TokenType == JsonTokenType.EndObject)
        {
            isComplete = true;
            return true;
        }

        if (reader.TokenType != JsonTokenType.PropertyName)
            throw new JsonException("the answer is no list");
        var isItems = reader.ValueTextEquals("items"u8);
        var isMetadata = reader.ValueTextEquals("metadata"u8);
        if (!reader.Read())
            return false;
        if (isItems && reader.TokenType == JsonTokenType.StartArray)
        {
            isInItems = true;
            return true;
        }

        var value = reader;
        if (!reader.TrySkip())
            return false;
        if (isMetadata)
            (version, next) = JsonText.ReadListMetadata(ref value);
        return true;
    }
}
