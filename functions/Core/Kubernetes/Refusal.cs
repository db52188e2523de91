using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace IoFog.Operator.Kubernetes;

/// <summary>What may be repeated of a <c>metav1.Status</c>: its reason and the fields' paths. Its message can quote a secret.</summary>
internal sealed record Refusal
{
    public string? Reason { get; init; }

    public RefusalDetails? Details { get; init; }

    public static KubernetesException Read(HttpResponseMessage response, byte[] body)
    {
        var refusal = TryParse(body);
        var request = $"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri?.AbsolutePath}";
        return new(
            response.StatusCode,
            refusal?.Reason ?? response.StatusCode.ToString(),
            [.. (refusal?.Details?.Causes ?? []).Select(cause => cause.Field).OfType<string>()],
            request,
            response.Headers.RetryAfter?.Delta);
    }

    private static Refusal? TryParse(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, RefusalJson.Default.Refusal);
        }
        catch (JsonException)
        {
            return null; // a proxy's page; the code says enough
        }
    }
}

internal sealed record RefusalDetails(IReadOnlyList<RefusalCause>? Causes);

internal sealed record RefusalCause(string? Field);

[JsonSerializable(typeof(Refusal))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class RefusalJson : JsonSerializerContext;
