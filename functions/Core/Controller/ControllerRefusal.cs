using System.Net;
using System.Text.Json;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Controller;

/// <summary>The body of an error. Its <c>name</c> is reliable; the status code depends on the endpoint.</summary>
internal sealed record ControllerRefusal(string? Name, string? Message)
{
    private const int LongestMessage = 200;

    public static Exception Read(HttpStatusCode code, byte[] body, string request)
    {
        var refusal = TryParse(body);
        if (refusal?.Name is { } name)
            return new ControllerException(code, name, $"{request}: {(int)code} {name}{Shown(refusal.Message)}");

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
