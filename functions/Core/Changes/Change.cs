using System.Globalization;
using System.Text.Json;

namespace IoFog.Operator.Changes;

/// <summary>
/// A due change: a reference to an object and what the watcher saw outside of it. It never carries the object, and no secret.
/// Changes may be lost, doubled, late or reordered; the outcome is the same.
/// </summary>
public sealed record Change
{
    public required Kind Kind { get; init; }

    public required ResourceKey Key { get; init; }

    public required Guid Uid { get; init; }

    /// <summary>For people and logs; only <see cref="DueReason.Takeover"/> changes what is done.</summary>
    public required DueReason Reason { get; init; }

    public Seen Seen { get; init; }

    /// <summary>The turn that was observed: whoever finds the object in another one drops the message. Of a takeover, the turn of the claim that ran out.</summary>
    public long Turn { get; init; }

    /// <summary>Which message of this turn it is, from 0.</summary>
    public int Number { get; init; }

    /// <summary>The watcher's time.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>W3C trace context, <c>00-…</c>.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The text for the queue: a CloudEvent 1.0 in structured JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new Envelope
        {
            SpecVersion = "1.0",
            Id = $"{Uid:D}.{Turn}.{Number}",
            Type = TypeOf(Kind),
            Source = $"/{Kind.PathOf(Key.Namespace)}",
            Subject = Key.ToString(),
            Time = Time,
            DataContentType = "application/json",
            TraceParent = TraceParent,
            Data = new() { Uid = Uid, Reason = Reason, Seen = Seen, Turn = Turn },
        },
        ChangeJson.Default.Envelope);

    /// <summary>Reads what <see cref="ToJson"/> wrote, also when another version of the operator wrote it.</summary>
    /// <exception cref="MalformedChangeException">It is no such CloudEvent; the message names the member.</exception>
    public static Change Parse(string text)
    {
        var envelope = Envelope.Parse(text);
        if (envelope.SpecVersion != "1.0")
            throw new MalformedChangeException("specversion must be 1.0");
        var kind = Kinds.All.FirstOrDefault(kind => TypeOf(kind) == envelope.Type)
            ?? throw new MalformedChangeException("type names no kind that this operator serves");
        if (!ResourceKey.TryParse(envelope.Subject, out var key))
            throw new MalformedChangeException("subject must be namespace/name");
        return new()
        {
            Kind = kind,
            Key = key,
            Uid = envelope.Data.Uid,
            Reason = envelope.Data.Reason,
            Seen = envelope.Data.Seen,
            Turn = envelope.Data.Turn,
            Number = NumberIn(envelope.Id),
            Time = envelope.Time,
            TraceParent = envelope.TraceParent,
        };
    }

    private static string TypeOf(Kind kind) => $"org.iofog.{kind.Name.ToLowerInvariant()}.due";

    private static int NumberIn(string id) =>
        int.TryParse(id.AsSpan(id.LastIndexOf('.') + 1), CultureInfo.InvariantCulture, out var number) ? number : 0;
}
