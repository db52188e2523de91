using System.Globalization;
using System.Text;
using System.Text.Json;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator;

/// <summary>
/// Reads a <see cref="Watched"/> from the JSON of a custom resource without building an object of the rest.
/// Members may come in any order; what is not needed is skipped unread. Not safe for concurrent use.
/// </summary>
public sealed class WatchedReader(Kind kind)
{
    private readonly byte[] namedBy = Encoding.UTF8.GetBytes(kind.Entry?.NamedBy ?? "name");
    private readonly Dictionary<string, string> asked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> honoured = new(StringComparer.Ordinal);
    private string lastNamespace = "";
    private string lastWaitingFor = "";
    private readonly List<(Kind Kind, string Name)> declared = [];
    private string? specName, application, version;
    private bool template;

    /// <summary>Reads one whole object.</summary>
    /// <exception cref="JsonException">The JSON is broken, or <c>metadata</c> lacks its name or uid.</exception>
    public Watched Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, JsonText.Reading);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject ? Read(ref reader) : throw new JsonException("it is no object");
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("a text is no Unicode", e); // half of a surrogate pair
        }
    }

    /// <summary>Reads one object; the reader stands on its <c>{</c> before and on its <c>}</c> after.</summary>
    /// <exception cref="JsonException">The JSON is broken, or <c>metadata</c> lacks its name or uid.</exception>
    public Watched Read(ref Utf8JsonReader reader)
    {
        asked.Clear();
        honoured.Clear();
        declared.Clear();
        specName = application = version = null;
        template = false;
        MetadataPart? metadata = null;
        var status = default(StatusPart);
        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("metadata"u8))
                metadata = ReadMetadata(ref reader);
            else if (reader.ValueTextEquals("spec"u8))
                ReadSpec(ref reader);
            else if (reader.ValueTextEquals("status"u8))
                status = ReadStatus(ref reader);
            else
                reader.Skip();
        }

        if (metadata is not { } of)
            throw new JsonException("the object has no metadata");
        return new()
        {
            Uid = of.Uid,
            Key = of.Key,
            Generation = of.Generation,
            Created = of.Created,
            Deleting = of.Deleting,
            HasFinalizer = of.HasFinalizer,
            Paused = of.Paused,
            Entry = EntryHash(of.Key.Name),
            Application = ApplicationOf(of.Key.Name),
            Children = ChildrenOf(of.Key.Name),
            FromTemplate = template,
            RequestPending = IsRequestPending(),
            ObservedGeneration = status.ObservedGeneration,
            Turn = status.Turn,
            Seen = status.Seen,
            StatusPaused = status.Paused,
            NextReconcileTime = status.NextReconcileTime,
            ClaimTurn = status.ClaimTurn,
            WaitingFor = status.WaitingFor,
            Synced = status.Synced,
            Ready = status.Ready,
        };
    }

    private MetadataPart? ReadMetadata(ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader))
            return null;
        string? name = null;
        var @namespace = "";
        Guid? uid = null;
        long generation = 0;
        DateTimeOffset created = default;
        bool deleting = false, finalizer = false, paused = false;
        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("name"u8))
                name = NextString(ref reader);
            else if (reader.ValueTextEquals("namespace"u8))
                @namespace = NextNamespace(ref reader);
            else if (reader.ValueTextEquals("uid"u8))
                uid = NextUid(ref reader);
            else if (reader.ValueTextEquals("generation"u8))
                generation = NextNumber(ref reader);
            else if (reader.ValueTextEquals("creationTimestamp"u8))
                created = NextTime(ref reader) ?? default;
            else if (reader.ValueTextEquals("deletionTimestamp"u8))
                deleting = NextIsString(ref reader);
            else if (reader.ValueTextEquals("finalizers"u8))
                finalizer = NextArrayHas(ref reader, "iofog.org/operator"u8);
            else if (reader.ValueTextEquals("annotations"u8))
                paused = ReadAnnotations(ref reader);
            else
                reader.Skip();
        }

        if (name is null || uid is null)
            throw new JsonException("metadata lacks name or uid");
        return new MetadataPart
        {
            Uid = uid.Value,
            Key = new(@namespace, name),
            Generation = generation,
            Created = created,
            Deleting = deleting,
            HasFinalizer = finalizer,
            Paused = paused,
        };
    }

    private bool ReadAnnotations(ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader))
            return false;
        var paused = false;
        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("iofog.org/paused"u8))
            {
                reader.Read();
                paused = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("true"u8);
            }
            else if (reader.ValueSpan.StartsWith("request.iofog.org/"u8))
            {
                var name = reader.GetString()![Names.RequestPrefix.Length..];
                asked[name] = NextString(ref reader) ?? "";
            }
            else
            {
                reader.Skip();
            }
        }

        return paused;
    }

    private void ReadSpec(ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader))
            return;
        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals(namedBy))
                specName = NextString(ref reader);
            else if (reader.ValueTextEquals("application"u8))
                application = NextString(ref reader);
            else if (reader.ValueTextEquals("version"u8))
                version = NextString(ref reader);
            else if (IsApplication && reader.ValueTextEquals("microservices"u8))
                ReadDeclared(ref reader, Kinds.Microservice);
            else if (IsApplication && reader.ValueTextEquals("routes"u8))
                ReadDeclared(ref reader, Kinds.Route);
            else if (IsApplication && reader.ValueTextEquals("template"u8))
                template = SkipObject(ref reader);
            else
                reader.Skip();
        }
    }

    private bool IsApplication => kind == Kinds.Application;

    private void ReadDeclared(ref Utf8JsonReader reader, Kind of)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            string? name = null, from = null, to = null;
            while (NextMember(ref reader))
            {
                if (reader.ValueTextEquals("name"u8))
                    name = NextString(ref reader);
                else if (of == Kinds.Route && reader.ValueTextEquals("from"u8))
                    from = NextString(ref reader);
                else if (of == Kinds.Route && reader.ValueTextEquals("to"u8))
                    to = NextString(ref reader);
                else
                    reader.Skip();
            }

            if ((name ?? (of == Kinds.Route ? $"r-{from}-{to}" : null)) is { } known)
                declared.Add((of, known));
        }
    }

    private static bool SkipObject(ref Utf8JsonReader reader)
    {
        reader.Read();
        var isObject = reader.TokenType == JsonTokenType.StartObject;
        reader.Skip();
        return isObject;
    }

    private StatusPart ReadStatus(ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader))
            return default;
        var status = default(StatusPart);
        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("observedGeneration"u8))
                status.ObservedGeneration = NextNumber(ref reader);
            else if (reader.ValueTextEquals("turn"u8))
                status.Turn = NextNumber(ref reader);
            else if (reader.ValueTextEquals("seen"u8))
                status.Seen = Enter(ref reader) ? SeenConverter.ReadObject(ref reader) : default;
            else if (reader.ValueTextEquals("claim"u8))
                status.ClaimTurn = ReadClaim(ref reader);
            else if (reader.ValueTextEquals("requests"u8))
                ReadRequests(ref reader);
            else if (reader.ValueTextEquals("paused"u8))
                status.Paused = reader.Read() && reader.TokenType == JsonTokenType.True;
            else if (reader.ValueTextEquals("nextReconcileTime"u8))
                status.NextReconcileTime = NextTime(ref reader);
            else if (reader.ValueTextEquals("waitingFor"u8))
                status.WaitingFor = NextWaitingFor(ref reader);
            else if (reader.ValueTextEquals("conditions"u8))
                ReadConditions(ref reader, ref status);
            else
                reader.Skip();
        }

        return status;
    }

    private static long ReadClaim(ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader))
            return 0;
        long turn = 0;
        while (NextMember(ref reader))
        {
            if (reader.ValueTextEquals("turn"u8))
                turn = NextNumber(ref reader);
            else
                reader.Skip();
        }

        return turn;
    }

    private void ReadRequests(ref Utf8JsonReader reader)
    {
        if (!Enter(ref reader))
            return;
        while (NextMember(ref reader))
        {
            var name = reader.GetString()!;
            honoured[name] = NextString(ref reader) ?? "";
        }
    }

    private static void ReadConditions(ref Utf8JsonReader reader, ref StatusPart status)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            bool synced = false, ready = false, isTrue = false;
            while (NextMember(ref reader))
            {
                if (reader.ValueTextEquals("type"u8))
                {
                    reader.Read();
                    synced = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("Synced"u8);
                    ready = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("Ready"u8);
                }
                else if (reader.ValueTextEquals("status"u8))
                {
                    reader.Read();
                    isTrue = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("True"u8);
                }
                else
                {
                    reader.Skip();
                }
            }

            status.Synced |= synced && isTrue;
            status.Ready |= ready && isTrue;
        }
    }

    private ulong EntryHash(string name) => kind.Entry is { } entry
        ? EntryName.Hash(kind, entry.Fields, specName ?? name, application, version)
        : 0;

    private string? ApplicationOf(string name) =>
        IsApplication ? specName ?? name
        : kind.Entry?.Fields.HasFlag(EntryFields.Application) == true ? application
        : null;

    private ulong[]? ChildrenOf(string name) => declared.Count == 0 ? null :
    [
        .. declared.Select(child => EntryName.Hash(child.Kind, child.Kind.Entry!.Fields, child.Name, specName ?? name, null)),
    ];

    private bool IsRequestPending()
    {
        foreach (var (name, value) in asked)
        {
            if (!honoured.TryGetValue(name, out var last) || last != value)
                return true;
        }

        return false;
    }

    // Many wait for the same.
    private string? NextWaitingFor(ref Utf8JsonReader reader)
    {
        if (!NextIsString(ref reader))
            return null;
        if (!reader.ValueTextEquals(lastWaitingFor))
            lastWaitingFor = reader.GetString()!;
        return lastWaitingFor;
    }

    private string NextNamespace(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String && !reader.ValueTextEquals(lastNamespace))
            lastNamespace = reader.GetString()!;
        return lastNamespace;
    }

    private static bool NextMember(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    // Moves from a member's name into its object; a value of any other type is skipped.
    private static bool Enter(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
            return true;
        reader.Skip();
        return false;
    }

    private static string? NextString(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString();
        reader.Skip();
        return null;
    }

    private static long NextNumber(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number))
            return number;
        reader.Skip();
        return 0;
    }

    private static bool NextIsString(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return true;
        reader.Skip();
        return false;
    }

    private static Guid? NextUid(ref Utf8JsonReader reader) => NextIsString(ref reader) && reader.TryGetGuid(out var uid) ? uid : null;

    // The form that the API server writes is read without a string of it.
    private static DateTimeOffset? NextTime(ref Utf8JsonReader reader) =>
        NextIsString(ref reader)
        && (reader.TryGetDateTimeOffset(out var time)
            || DateTimeOffset.TryParse(reader.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time))
            ? time
            : null;

    private static bool NextArrayHas(ref Utf8JsonReader reader, ReadOnlySpan<byte> value)
    {
        reader.Read();
        var found = false;
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                found |= reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(value);
                reader.Skip();
            }
        }

        return found;
    }

    private struct MetadataPart
    {
        public Guid Uid;
        public ResourceKey Key;
        public long Generation;
        public DateTimeOffset Created;
        public bool Deleting, HasFinalizer, Paused;
    }

    private struct StatusPart
    {
        public long ObservedGeneration, Turn, ClaimTurn;
        public Seen Seen;
        public bool Paused, Synced, Ready;
        public DateTimeOffset? NextReconcileTime;
        public string? WaitingFor;
    }
}
