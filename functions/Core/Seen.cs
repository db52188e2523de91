using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace IoFog.Operator;

/// <summary>
/// What the watcher sees outside of an object, as stable 64-bit hashes. Zero means: unknown, or does not apply;
/// such a part is never compared. On the wire a part is 16 hexadecimal digits and an absent part is left out.
/// </summary>
[JsonConverter(typeof(SeenConverter))]
public readonly record struct Seen
{
    /// <summary>What <see cref="Controller"/> is where the control plane has gone, and its Controller with it.</summary>
    public static readonly ulong NoControlPlane = Hash("no control plane");

    /// <summary>The entry's live state and content in the ioFog Controller.</summary>
    public ulong Controller { get; init; }

    /// <summary>The versions of the Kubernetes objects that this object owns or refers to.</summary>
    public ulong Owned { get; init; }

    /// <summary>Uid and turn of what <c>status.waitingFor</c> names, once that is there.</summary>
    public ulong Dependency { get; init; }

    /// <summary>The uid of the object that owns the Controller entry, once two objects have claimed it.</summary>
    public ulong Owner { get; init; }

    /// <summary>True when no part is known.</summary>
    public bool IsEmpty => this == default;

    /// <summary>True when a part that is known here is another one in <paramref name="status"/>.</summary>
    public bool DiffersFrom(in Seen status) =>
        Differs(Controller, status.Controller) || Differs(Owned, status.Owned)
        || Differs(Dependency, status.Dependency) || Differs(Owner, status.Owner);

    /// <summary>What to store after a turn: the parts known here, and <paramref name="before"/> where nothing is known.</summary>
    public Seen Over(in Seen before) => new()
    {
        Controller = Controller != 0 ? Controller : before.Controller,
        Owned = Owned != 0 ? Owned : before.Owned,
        Dependency = Dependency != 0 ? Dependency : before.Dependency,
        Owner = Owner != 0 ? Owner : before.Owner,
    };

    /// <summary>A stable hash that is never zero.</summary>
    public static ulong Hash(ReadOnlySpan<byte> content) => XxHash64.HashToUInt64(content) is var hash and not 0 ? hash : 1;

    /// <inheritdoc cref="Hash(ReadOnlySpan{byte})"/>
    public static ulong Hash(string content)
    {
        Span<byte> buffer = stackalloc byte[512];
        return Encoding.UTF8.TryGetBytes(content, buffer, out var length) ? Hash(buffer[..length]) : Hash(Encoding.UTF8.GetBytes(content));
    }

    private static bool Differs(ulong known, ulong stored) => known != 0 && known != stored;
}

/// <summary>Reads and writes the wire form of <see cref="Seen"/>.</summary>
public sealed class SeenConverter : JsonConverter<Seen>
{
    /// <inheritdoc/>
    public override Seen Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("seen must be an object");
        return ReadObject(ref reader);
    }

    /// <summary>The reader stands on <c>{</c> before and on <c>}</c> after.</summary>
    internal static Seen ReadObject(ref Utf8JsonReader reader)
    {
        var seen = default(Seen);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("controller"u8))
                seen = seen with { Controller = ReadPart(ref reader) };
            else if (reader.ValueTextEquals("owned"u8))
                seen = seen with { Owned = ReadPart(ref reader) };
            else if (reader.ValueTextEquals("dependency"u8))
                seen = seen with { Dependency = ReadPart(ref reader) };
            else if (reader.ValueTextEquals("owner"u8))
                seen = seen with { Owner = ReadPart(ref reader) };
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return seen;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Seen value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        WritePart(writer, "controller"u8, value.Controller);
        WritePart(writer, "owned"u8, value.Owned);
        WritePart(writer, "dependency"u8, value.Dependency);
        WritePart(writer, "owner"u8, value.Owner);
        writer.WriteEndObject();
    }

    // A part that this version cannot read counts as unknown: at worst the object is looked at once more.
    private static ulong ReadPart(ref Utf8JsonReader reader)
    {
        reader.Read();
        ulong part;
        if (reader.TokenType == JsonTokenType.String
            && (reader.HasValueSequence
                ? ulong.TryParse(reader.GetString(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out part)
                : ulong.TryParse(reader.ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out part)))
            return part;
        reader.Skip();
        return 0;
    }

    private static void WritePart(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ulong part)
    {
        if (part != 0)
            writer.WriteString(name, part.ToString("x16", CultureInfo.InvariantCulture));
    }
}
