using System.Net;
using System.Text.Json;

namespace IoFog.Operator.Kubernetes;

/// <summary>Reads one line of a watch.</summary>
internal static class WatchEvent
{
    /// <summary>Hands on the object, if the event has one.</summary>
    /// <param name="json">The line.</param>
    /// <param name="target">Is told of it.</param>
    /// <param name="isBookmark">True when it only says how far the watch is.</param>
    /// <returns>The resourceVersion that the event carries; null when it has none.</returns>
    /// <exception cref="KubernetesException">The event is an error; code 410 when history is lost.</exception>
    /// <exception cref="JsonException">It is no event.</exception>
    public static string? Read(ReadOnlySpan<byte> json, IWatchTarget target, out bool isBookmark)
    {
        WatchKind? kind;
        ReadOnlySpan<byte> body;
        string? version;
        try
        {
            body = Split(json, out kind, out var isError, out isBookmark);
            if (isError)
                throw ErrorIn(body);
            if (body.IsEmpty)
                throw new JsonException("the event has no object");
            version = JsonText.VersionOf(body);
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("the event has half of a surrogate pair in a name", e);
        }

        if (kind is { } known)
            target.Received(known, body);
        return version;
    }

    private static ReadOnlySpan<byte> Split(ReadOnlySpan<byte> json, out WatchKind? kind, out bool isError, out bool isBookmark)
    {
        kind = null;
        isError = isBookmark = false;
        var body = default(ReadOnlySpan<byte>);
        var reader = new Utf8JsonReader(json, JsonText.Reading);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("the event is no object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            var isObject = reader.ValueTextEquals("object"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String)
            {
                isError = reader.ValueTextEquals("ERROR"u8);
                isBookmark = reader.ValueTextEquals("BOOKMARK"u8);
                kind = reader.ValueTextEquals("ADDED"u8) ? WatchKind.Added
                    : reader.ValueTextEquals("MODIFIED"u8) ? WatchKind.Modified
                    : reader.ValueTextEquals("DELETED"u8) ? WatchKind.Deleted
                    : null;
            }
            else if (isObject && reader.TokenType == JsonTokenType.StartObject)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                body = json[start..(int)reader.BytesConsumed];
            }
            else
            {
                reader.Skip();
            }
        }

        return body;
    }

    private static KubernetesException ErrorIn(ReadOnlySpan<byte> status)
    {
        var (code, reason) = (HttpStatusCode.InternalServerError, "Unknown");
        if (status.IsEmpty)
            return new(code, reason, [], "watch");
        var reader = new Utf8JsonReader(status, JsonText.Reading);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isCode, isReason) = (reader.ValueTextEquals("code"u8), reader.ValueTextEquals("reason"u8));
            reader.Read();
            if (isCode && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number))
                code = (HttpStatusCode)number;
            else if (isReason)
                reason = JsonText.TextOf(ref reader) ?? reason;
            else
                reader.Skip();
        }

        // An etcd that was restored or compacted says so by its reason, sometimes under another code.
        return new(reason is "Expired" or "Gone" ? HttpStatusCode.Gone : code, reason, [], "watch");
    }
}
