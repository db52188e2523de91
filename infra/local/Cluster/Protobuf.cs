using System.Collections.Frozen;
using System.Text;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster;

/// <summary>
/// Bodies in protobuf, in which typed clients (kubectl create, helm) write built-ins. It knows the messages and fields below; any other is
/// refused, never dropped.
/// </summary>
internal static class Protobuf
{
    /// <summary>Field numbers of Kubernetes' own definitions. A field's form: none for text, # number, ? boolean, ~ left out, [] list, {} map, b bytes; after a colon its message.</summary>
    private const string Definitions = """
        ObjectMeta 1 name; 2 generateName; 3 namespace; 4 ~selfLink; 5 uid; 6 resourceVersion; 7 #generation; 8 ~creationTimestamp; 9 ~deletionTimestamp; 10 #deletionGracePeriodSeconds; 11 {}labels; 12 {}annotations; 13 []ownerReferences:OwnerReference; 14 []finalizers; 17 ~managedFields
        OwnerReference 1 kind; 3 name; 4 uid; 5 apiVersion; 6 ?controller; 7 ?blockOwnerDeletion
        Namespace 1 metadata:ObjectMeta; 2 spec:NamespaceSpec; 3 ~status
        NamespaceSpec 1 []finalizers
        Secret 1 metadata:ObjectMeta; 2 {b}data; 3 type; 4 {}stringData; 5 ?immutable
        ConfigMap 1 metadata:ObjectMeta; 2 {}data; 3 {b}binaryData; 4 ?immutable
        ServiceAccount 1 metadata:ObjectMeta; 2 []secrets:ObjectReference; 3 []imagePullSecrets:NameReference; 4 ?automountServiceAccountToken
        ObjectReference 1 kind; 2 namespace; 3 name; 4 uid; 5 apiVersion; 6 resourceVersion; 7 fieldPath
        NameReference 1 name
        Role 1 metadata:ObjectMeta; 2 []rules:PolicyRule
        ClusterRole 1 metadata:ObjectMeta; 2 []rules:PolicyRule
        PolicyRule 1 []verbs; 2 []apiGroups; 3 []resources; 4 []resourceNames; 5 []nonResourceURLs
        RoleBinding 1 metadata:ObjectMeta; 2 []subjects:Subject; 3 roleRef:RoleRef
        ClusterRoleBinding 1 metadata:ObjectMeta; 2 []subjects:Subject; 3 roleRef:RoleRef
        Subject 1 kind; 2 apiGroup; 3 name; 4 namespace
        RoleRef 1 apiGroup; 2 kind; 3 name
        Deployment 1 metadata:ObjectMeta; 2 spec:DeploymentSpec; 3 ~status
        DeploymentSpec 1 #replicas; 2 selector:LabelSelector; 3 template:PodTemplateSpec; 4 ~strategy; 5 #minReadySeconds; 6 #revisionHistoryLimit
        LabelSelector 1 {}matchLabels
        PodTemplateSpec 1 metadata:ObjectMeta; 2 spec:PodSpec
        PodSpec 2 []containers:Container; 8 serviceAccountName; 9 serviceAccount
        Container 1 name; 2 image; 3 []command; 4 []args; 6 []ports:ContainerPort; 8 ~resources; 14 imagePullPolicy
        ContainerPort 1 name; 3 #containerPort; 4 protocol
        DeleteOptions 1 #gracePeriodSeconds; 2 preconditions:Preconditions; 3 ?orphanDependents; 4 propagationPolicy; 5 []dryRun
        Preconditions 1 uid; 2 resourceVersion
        TokenRequest 1 metadata:ObjectMeta; 2 spec:TokenRequestSpec; 3 ~status
        TokenRequestSpec 1 []audiences; 3 boundObjectRef:BoundObjectReference; 4 #expirationSeconds
        BoundObjectReference 1 kind; 2 apiVersion; 3 name; 4 uid
        SelfSubjectReview 1 metadata:ObjectMeta; 2 ~status
        SelfSubjectAccessReview 1 metadata:ObjectMeta; 2 spec:AccessSpec; 3 ~status
        SelfSubjectRulesReview 1 metadata:ObjectMeta; 2 spec:RulesSpec; 3 ~status
        RulesSpec 1 namespace
        AccessSpec 1 resourceAttributes:ResourceAttributes; 2 nonResourceAttributes:NonResourceAttributes
        ResourceAttributes 1 namespace; 2 verb; 3 group; 4 version; 5 resource; 6 subresource; 7 name
        NonResourceAttributes 1 path; 2 verb
        """;

    private static readonly byte[] Magic = [0x6b, 0x38, 0x73, 0x00];

    private static readonly FrozenDictionary<string, FrozenDictionary<int, Field>> Messages = Definitions.Split('\n').Select(line => line.Trim().Split(' ', 2))
        .ToFrozenDictionary(line => line[0], line => line[1].Split("; ").Select(Field.Parse).ToFrozenDictionary(field => field.Number));

    /// <exception cref="ApiError">415: a message or field that is not known here.</exception>
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

        var parsed = Message(kind, raw);
        (parsed["apiVersion"], parsed["kind"]) = (apiVersion, kind);
        return parsed;
    }

    private static JsonObject Message(string name, ReadOnlySpan<byte> bytes)
    {
        if (!Messages.TryGetValue(name, out var fields))
            throw Refused($"it holds a {name}");
        var message = new JsonObject();
        var reader = new Reader(bytes);
        while (reader.Next(out var number, out var value, out var content))
        {
            if (!fields.TryGetValue(number, out var field))
            {
                if (value == 0 && content.IsEmpty)
                    continue; // written, but not set
                throw Refused($"field {number} of {name} is set");
            }

            if (field.Form == "~")
                continue;
            if (field.Form.StartsWith('{'))
            {
                if (message[field.Name] is not JsonObject map)
                    message[field.Name] = map = [];
                var (key, entry) = Entry(content);
                map[key] = field.Form == "{b}" ? Convert.ToBase64String(entry) : Encoding.UTF8.GetString(entry);
                continue;
            }

            JsonNode item = field.Form switch
            {
                "#" => JsonValue.Create((long)value),
                "?" => JsonValue.Create(value != 0),
                _ => field.Message.Length > 0 ? Message(field.Message, content) : JsonValue.Create(Encoding.UTF8.GetString(content)),
            };
            if (field.Form == "[]")
            {
                if (message[field.Name] is not JsonArray list)
                    message[field.Name] = list = [];
                list.Add(item);
            }
            else if (!IsEmpty(item))
            {
                message[field.Name] = item; // what is not set is written as an empty value
            }
        }

        return message;
    }

    private static bool IsEmpty(JsonNode item) => item is JsonObject { Count: 0 } || (item is JsonValue value && value.TryGetValue<string>(out var text) && text.Length == 0);

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

    private sealed record Field(int Number, string Form, string Name, string Message)
    {
        public static Field Parse(string text)
        {
            var parts = text.Split(' ');
            var name = parts[1].TrimStart('#', '?', '~', '[', ']', '{', '}');
            var form = parts[1][..^name.Length];
            if (form == "{" || parts[1].StartsWith("{b}", StringComparison.Ordinal))
                (form, name) = ("{b}", parts[1]["{b}".Length..]);
            var colon = name.IndexOf(':', StringComparison.Ordinal);
            return new(int.Parse(parts[0]), form, colon < 0 ? name : name[..colon], colon < 0 ? "" : name[(colon + 1)..]);
        }
    }

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
