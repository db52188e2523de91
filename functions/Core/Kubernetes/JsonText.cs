using System.Buffers;
using System.Text.Json;

namespace IoFog.Operator.Kubernetes;

/// <summary>Parts of the API server's JSON that lists, watches and objects have in common. Nothing in it is trusted to be of the expected type.</summary>
internal static class JsonText
{
    /// <summary>No object is this long (etcd takes 1.5 MB): what is, is a stream without end.</summary>
    public const int LongestObject = 32 * 1024 * 1024;

    /// <summary>As deep as the API server itself reads. A free-form field may be nested deeper than .NET reads by default.</summary>
    public static readonly JsonReaderOptions Reading = new() { MaxDepth = 10_000 };

    public delegate void Taker<in T>(T state, ReadOnlySpan<byte> json);

    /// <summary>Hands on a sequence as one span.</summary>
    public static void Hand<T>(ReadOnlySequence<byte> json, T state, Taker<T> take)
    {
        if (json.IsSingleSegment)
        {
            take(state, json.FirstSpan);
            return;
        }

        var length = (int)json.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            json.CopyTo(rented);
            take(state, rented.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Reads <c>metadata</c> of a list or an object; the reader stands on its first token before and on its last after.</summary>
    public static (string? Version, string? Continue) ReadListMetadata(ref Utf8JsonReader reader)
    {
        string? version = null, next = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.TrySkip();
            return default;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isVersion, isNext) = (reader.ValueTextEquals("resourceVersion"u8), reader.ValueTextEquals("continue"u8));
            reader.Read();
            if (isVersion)
                version = TextOf(ref reader);
            else if (isNext)
                next = TextOf(ref reader);
            else
                reader.TrySkip();
        }

        return (version, next);
    }

    /// <summary>The value as text, or null when it is none; the reader stands on its last token after.</summary>
    public static string? TextOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.TrySkip();
            return null;
        }

        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("a text is no Unicode", e); // half of a surrogate pair
        }
    }

    /// <summary>The resourceVersion in the metadata of an object; null when there is none.</summary>
    public static string? VersionOf(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, Reading);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isMetadata = reader.ValueTextEquals("metadata"u8);
            reader.Read();
            if (isMetadata)
                return ReadListMetadata(ref reader).Version;
            reader.TrySkip();
        }

        return null;
    }
}
