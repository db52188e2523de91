using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using IoFog.Operator.Local.Cluster.Schemas;

namespace IoFog.Operator.Local.Cluster;

/// <summary>Bodies in protobuf, in which typed clients (kubectl create, helm) write built-ins. Fields of later versions are left out, as an API server does.</summary>
internal static class Protobuf
{
    private static readonly byte[] Magic = [0x6b, 0x38, 0x73, 0x00];

    /// <exception cref="ApiError">415: no such body, or a message that is not known here.</exception>
    public static JsonObject Parse(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith(Magic))
            throw Refused("it does not begin as Kubernetes' protobuf does");
        string apiVersion = "", kind = "";
        ReadOnlySpan<byte> raw = [];
        var envelope = new Reader(body[Magic.Length..]);
        while (envelope.Next(out var number, out _, out var content))
        {
            if (number == 2)
                raw = content;
            else if (number == 1)
            {
                var type = new Reader(content);
                while (type.Next(out var part, out _, out var text))
                    (apiVersion, kind) = part == 1 ? (Encoding.UTF8.GetString(text), kind) : (apiVersion, Encoding.UTF8.GetString(text));
            }
        }

        var group = apiVersion.Contains('/', StringComparison.Ordinal) ? apiVersion.Split('/')[0] : "";
        var parsed = Read(BuiltIns.Find(BuiltIns.NameOf(group, kind)) ?? throw Refused($"it holds a {kind}"), raw);
        (parsed["apiVersion"], parsed["kind"]) = (apiVersion, kind);
        return parsed;
    }

    private static JsonObject Read(Message message, ReadOnlySpan<byte> bytes)
    {
        var read = new JsonObject();
        var reader = new Reader(bytes);
        while (reader.Next(out var number, out var value, out var content))
        {
            if (message.Fields.FirstOrDefault(field => field.Number == number) is not { } field)
                continue;
            if (field.IsInline)
            {
                foreach (var (name, member) in Read(field.Message!, content))
                    read[name] = member?.DeepClone();
            }
            else if (field.Shape == Shape.Map)
            {
                if (read[field.Name] is not JsonObject map)
                    read[field.Name] = map = [];
                var (key, entry) = Entry(content);
                map[key] = One(field, 0, entry);
            }
            else if (field.Shape == Shape.List)
            {
                if (read[field.Name] is not JsonArray list)
                    read[field.Name] = list = [];
                list.Add(One(field, value, content));
            }
            else if (One(field, value, content) is { } one && (field.IsPointer || field.IsRequired || !IsEmpty(one)))
            {
                read[field.Name] = one;
            }
        }

        return read;
    }

    private static JsonNode? One(Field field, ulong value, ReadOnlySpan<byte> content) => field.Type switch
    {
        "int" => (long)value,
        "bool" => value != 0,
        "bytes" => Convert.ToBase64String(content),
        "quantity" => Encoding.UTF8.GetString(Part(content, 1).Text),
        "time" or "micro" => Time(content, field.Type == "micro"),
        "intstr" => Part(content, 1).Number == 0 ? (long)Part(content, 2).Number : Encoding.UTF8.GetString(Part(content, 3).Text),
        "any" => JsonNode.Parse(Part(content, 1).Text),
        "[]string" => Texts(content),
        _ => field.Message is { } message ? Read(message, content) : Encoding.UTF8.GetString(content),
    };

    private static (ulong Number, byte[] Text) Part(ReadOnlySpan<byte> bytes, int wanted)
    {
        var reader = new Reader(bytes);
        while (reader.Next(out var number, out var value, out var content))
        {
            if (number == wanted)
                return (value, content.ToArray());
        }

        return (0, []);
    }

    private static JsonValue? Time(ReadOnlySpan<byte> bytes, bool isMicro) => bytes.IsEmpty ? null : JsonValue.Create(DateTimeOffset
        .FromUnixTimeSeconds((long)Part(bytes, 1).Number).AddMicroseconds(isMicro ? Part(bytes, 2).Number / 1000 : 0)
        .ToString(isMicro ? "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'" : "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));

    private static JsonArray Texts(ReadOnlySpan<byte> bytes)
    {
        var texts = new JsonArray();
        var reader = new Reader(bytes);
        while (reader.Next(out _, out _, out var content))
            texts.Add((JsonNode)Encoding.UTF8.GetString(content));
        return texts;
    }

    private static bool IsEmpty(JsonNode one) => one switch
    {
        JsonObject { Count: 0 } => true,
        JsonValue value => value.ToJsonString() is "\"\"" or "0" or "false",
        _ => false,
    };

    private static (string Key, byte[] Value) Entry(ReadOnlySpan<byte> bytes)
    {
        var (key, value) = ("", Array.Empty<byte>());
        var reader = new Reader(bytes);
        while (reader.Next(out var number, out _, out var content))
            (key, value) = number == 1 ? (Encoding.UTF8.GetString(content), value) : (key, content.ToArray());
        return (key, value);
    }

    private static ApiError Refused(string why) => new(415, "UnsupportedMediaType",
        $"this emulator does not understand this body in protobuf ({why}); send JSON (kubectl apply does), a real cluster takes both");

    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> rest = bytes;

        public bool Next(out int number, out ulong value, out ReadOnlySpan<byte> content)
        {
            number = 0;
            value = 0;
            content = default;
            if (rest.IsEmpty)
                return false;
            var tag = Varint();
            number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    value = Varint();
                    return true;
                case 2 when Varint() is var length && length <= (ulong)rest.Length:
                    content = rest[..(int)length];
                    rest = rest[(int)length..];
                    return true;
                default:
                    throw Refused("it is cut off, or holds a form of field that Kubernetes does not use here");
            }
        }

        private ulong Varint()
        {
            ulong value = 0;
            for (var shift = 0; shift < 64 && !rest.IsEmpty; shift += 7)
            {
                var next = rest[0];
                rest = rest[1..];
                value |= (ulong)(next & 0x7f) << shift;
                if (next < 0x80)
                    return value;
            }

            throw Refused("a number is cut off");
        }
    }
}
