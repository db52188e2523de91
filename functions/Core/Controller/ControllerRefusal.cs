using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Insight;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Controller;

/// <summary>The body of an error. Its <c>name</c> is reliable; the status code depends on the endpoint.</summary>
internal sealed record ControllerRefusal(string? Name, string? Message)
{
    private const int LongestMessage = 200;
    private const int ShortestSecret = 4;

    /// <summary>Members of a request that hold what people write for their own code to read, or to sign in with.</summary>
    private static readonly string[] Free = ["value", "defaultValue", "config", "cmd", "commands", "custom", "password", "oldPassword", "newPassword"];

    /// <param name="code">The HTTP status.</param>
    /// <param name="body">Of the answer.</param>
    /// <param name="request">Method and path, for people.</param>
    /// <param name="sent">What was sent: an answer may quote it.</param>
    public static Exception Read(HttpStatusCode code, byte[] body, string request, JsonObject? sent)
    {
        var refusal = TryParse(body);
        if (refusal?.Name is { } name)
            return new ControllerException(code, name, $"{request}: {(int)code} {name}{Shown(Hide(refusal.Message, sent))}");

        // The Controller itself says what it did not find: a bare 404 comes from something else that answers at its address.
        return code >= HttpStatusCode.InternalServerError || code is HttpStatusCode.NotFound or HttpStatusCode.TooManyRequests
            ? new ControllerUnavailableException(WaitingFor.Controller, $"{request}: {(int)code} from something that is not the Controller")
            : new ControllerException(code, code.ToString(), $"{request}: {(int)code} {code}");
    }

    // A message that is itself JSON describes the schema and quotes what was sent, which can be a secret.
    private static string Shown(string? message) => message switch
    {
        null or "" => "",
        ['{' or '[', ..] => "",
        { Length: > LongestMessage } => $": {message[..LongestMessage]}",
        _ => $": {message}",
    };

    private static string? Hide(string? message, JsonObject? sent) =>
        message is null ? null : Redaction.Mask(SecretsIn(sent, isFree: false).OrderByDescending(secret => secret.Length).Aggregate(message, Hide));

    // A plain word is hidden where it is quoted, and stays elsewhere: it could be one of those that say what the refusal means.
    private static string Hide(string message, string secret) =>
        secret.All(c => char.IsLetter(c) || c == ' ')
            ? message.Replace($"'{secret}'", $"'{Redaction.Hidden}'", StringComparison.Ordinal).Replace($"\"{secret}\"", $"\"{Redaction.Hidden}\"", StringComparison.Ordinal)
            : message.Replace(secret, Redaction.Hidden, StringComparison.Ordinal);

    private static IEnumerable<string> SecretsIn(JsonNode? node, bool isFree) => node switch
    {
        JsonObject members => members.SelectMany(member => SecretsIn(member.Value, isFree || Free.Contains(member.Key))),
        JsonArray items => items.SelectMany(item => SecretsIn(item, isFree)),
        JsonValue value when isFree && value.TryGetValue<string>(out var text) => [.. text.Length < ShortestSecret ? [] : new[] { text }, .. SecretsIn(Within(text), isFree)],
        _ => [],
    };

    /// <returns>What a configuration holds, which is sent as text; null for any other text.</returns>
    private static JsonNode? Within(string text)
    {
        try
        {
            return text is ['{' or '[', ..] ? JsonNode.Parse(text) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ControllerRefusal? TryParse(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, ControllerJson.Default.ControllerRefusal);
        }
        catch (JsonException)
        {
            return null; // an HTML page
        }
    }
}
