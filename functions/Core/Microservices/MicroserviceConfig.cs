using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Microservices;

/// <summary>A microservice's configuration as the text that the Controller stores.</summary>
internal static class MicroserviceConfig
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// JSON without <c>\"</c>, which the Controller stores as <c>"</c>, also behind a backslash: quotes and backslashes inside of texts are
    /// written by their numbers.
    /// </summary>
    public static string Text(JsonObject? config)
    {
        var json = (config ?? []).ToJsonString(Readable);
        if (!json.Contains('\\', StringComparison.Ordinal))
            return json;
        var text = new StringBuilder(json.Length + 16);
        for (var i = 0; i < json.Length; i++)
        {
            if (json[i] != '\\')
            {
                text.Append(json[i]);
                continue;
            }

            i++;
            text.Append(json[i] switch
            {
                '"' => "\\u0022",
                '\\' => "\\u005c",
                var other => $"\\{other}",
            });
        }

        return text.ToString();
    }

    /// <summary>True when what the Controller holds means the same.</summary>
    public static bool IsSame(string wanted, string? observed)
    {
        if (wanted == observed)
            return true;
        try
        {
            return JsonNode.DeepEquals(JsonNode.Parse(wanted), JsonNode.Parse(string.IsNullOrEmpty(observed) ? "{}" : observed));
        }
        catch (JsonException)
        {
            return false; // somebody wrote what is no JSON, or the Controller broke it
        }
    }
}
