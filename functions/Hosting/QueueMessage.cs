using System.Text.Json;

namespace IoFog.Operator.Hosting;

/// <summary>The body that the Functions host posts for a queue message.</summary>
internal static class QueueMessage
{
    /// <summary>
    /// The text of the message. The host puts the text, written once more as JSON, into a JSON string: it is decoded twice here,
    /// and the text itself, when it is JSON, is left to whoever understands it.
    /// </summary>
    /// <exception cref="JsonException">The body is not one of the host's.</exception>
    public static string Read(JsonDocument body, string binding)
    {
        if (body.RootElement is not { ValueKind: JsonValueKind.Object } root
            || !root.TryGetProperty("Data", out var content)
            || content.ValueKind != JsonValueKind.Object
            || !content.TryGetProperty(binding, out var value))
            throw new JsonException($"the request has no Data.{binding}; is the binding in function.json called {binding}?");
        if (value.ValueKind != JsonValueKind.String)
            return value.GetRawText();
        var once = TextOf(value);
        try
        {
            using var inner = JsonDocument.Parse(once);
            return inner.RootElement.ValueKind == JsonValueKind.String ? TextOf(inner.RootElement) : once;
        }
        catch (JsonException)
        {
            return once;
        }
    }

    private static string TextOf(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("a text is no Unicode", e); // half of a surrogate pair
        }
    }
}
