using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace IoFog.Operator.Insight;

/// <summary>Takes out what could be secret before an object is shown, or leaves the house.</summary>
public static partial class Redaction
{
    public const string Hidden = "(hidden)";

    /// <summary>What people write for their own code to read: no name says what is secret in it.</summary>
    private static readonly string[] Free = ["custom", "env", "commands"];

    /// <summary>Members that name a Secret and hold none.</summary>
    private static readonly string[] References = ["pullSecret", "secretName"];

    /// <summary>A copy of an object without values whose names, or whose looks, say that they are secret.</summary>
    /// <param name="content">Stays as it is.</param>
    /// <param name="strict">For what leaves the house: also without everything that microservices are given to read.</param>
    public static JsonObject Of(JsonObject content, bool strict = false)
    {
        ArgumentNullException.ThrowIfNull(content);
        var copy = content.DeepClone().AsObject();
        if (copy["metadata"] is JsonObject metadata)
        {
            metadata.Remove("managedFields");
            (metadata["annotations"] as JsonObject)?.Remove("kubectl.kubernetes.io/last-applied-configuration");
        }

        Walk(copy, strict);
        return copy;
    }

    /// <summary>A text without the accounts of addresses, the keys of connection strings and queries, and the bearer tokens in it.</summary>
    public static string? Mask(string? text) => text is null
        ? null
        : Bearer().Replace(KeyPair().Replace(UserInfo().Replace(text, $"${{scheme}}{Hidden}@"), $"${{name}}{Hidden}"), $"${{scheme}}{Hidden}");

    private static void Walk(JsonNode node, bool strict)
    {
        if (node is JsonArray items)
        {
            for (var i = 0; i < items.Count; i++)
            {
                if (Replaced(null, items[i], strict) is { } hidden)
                    items[i] = hidden;
            }

            return;
        }

        var members = node.AsObject();

        // A variable: what is secret is said by its key.
        var isSecretVariable = members["key"] is { } key && key.GetValueKind() == JsonValueKind.String && IsSecret(key.GetValue<string>());
        foreach (var (name, value) in members.ToArray())
        {
            if (isSecretVariable && name == "value")
                members[name] = Hidden;
            else if (Replaced(name, value, strict) is { } hidden)
                members[name] = hidden;
        }
    }

    /// <returns>What to put in its place; null when it may stay.</returns>
    private static JsonValue? Replaced(string? name, JsonNode? value, bool strict)
    {
        if (value is null)
            return null;
        if (value is JsonObject or JsonArray)
        {
            if (strict && name is not null && IsFree(name, value))
                return JsonValue.Create(Hidden);
            Walk(value, strict);
            return null;
        }

        if (name is not null && IsSecret(name) && value.GetValueKind() is JsonValueKind.String or JsonValueKind.Number)
            return JsonValue.Create(Hidden);
        return NetworkObject.Text(value) is { } text && Mask(text) is { } masked && masked != text ? JsonValue.Create(masked) : null;
    }

    // What an agent is configured with has names of its own; what a microservice is given has any.
    private static bool IsFree(string name, JsonNode value) =>
        name == "config" ? value.Parent is JsonObject around && (around.ContainsKey("images") || around.ContainsKey("agent")) : Free.Contains(name);

    private static bool IsSecret(string name) => SecretName().IsMatch(name) && !References.Contains(name);

    [GeneratedRegex("pass(word|wd|phrase)|secret|token|credential|api_?-?key|access_?-?key|private_?-?key|connection_?-?string|^pwd$", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"(?<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)[^/\s@]+@")]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"(?<name>(AccountKey|SharedAccessSignature|(access|api|private)[_-]?key|pass(word|wd|phrase)|pwd|secret|token|sig(nature)?)=)[^;&\s]+", RegexOptions.IgnoreCase)]
    private static partial Regex KeyPair();

    [GeneratedRegex(@"(?<scheme>(Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{8,}", RegexOptions.IgnoreCase)]
    private static partial Regex Bearer();
}
