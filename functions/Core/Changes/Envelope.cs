using System.Text.Json;
using System.Text.Json.Serialization;

namespace IoFog.Operator.Changes;

/// <summary>The CloudEvent on the wire.</summary>
internal sealed record Envelope
{
    [JsonPropertyName("specversion")]
    public required string SpecVersion { get; init; }

    public required string Id { get; init; }

    public required string Type { get; init; }

    public required string Source { get; init; }

    public required string Subject { get; init; }

    public required DateTimeOffset Time { get; init; }

    [JsonPropertyName("datacontenttype")]
    public string? DataContentType { get; init; }

    [JsonPropertyName("traceparent")]
    public string? TraceParent { get; init; }

    public required Reference Data { get; init; }

    public static Envelope Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, ChangeJson.Default.Envelope)
                ?? throw new MalformedChangeException("the message is null");
        }
        catch (JsonException e)
        {
            throw new MalformedChangeException($"the message is not a change: not understood at {e.Path ?? "$"}", e);
        }
    }

    internal sealed record Reference
    {
        public required Guid Uid { get; init; }

        public required DueReason Reason { get; init; }

        public Seen Seen { get; init; }

        public long Turn { get; init; }
    }
}

[JsonSerializable(typeof(Envelope))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    Converters = [typeof(DueReasonConverter)])]
internal sealed partial class ChangeJson : JsonSerializerContext;

internal sealed class DueReasonConverter() : JsonStringEnumConverter<DueReason>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
