using System.Net;

namespace IoFog.Operator.Kubernetes;

/// <summary>The API server refused a request. The message holds the code, the reason and the paths of fields, never a body.</summary>
public sealed class KubernetesException(HttpStatusCode code, string reason, IReadOnlyList<string> fields, string request, TimeSpan? retryAfter = null)
    : Exception($"{request}: {(int)code} {reason}{(fields.Count == 0 ? "" : $" ({string.Join(", ", fields)})")}")
{
    public HttpStatusCode Code { get; } = code;

    /// <summary>As in <c>metav1.Status</c>: <c>Conflict</c>, <c>AlreadyExists</c>, <c>Forbidden</c>, …</summary>
    public string Reason { get; } = reason;

    /// <summary>Paths of the fields that the server complained about.</summary>
    public IReadOnlyList<string> Fields { get; } = fields;

    /// <summary>What a 429 or 503 asked for.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>Another writer came first: read again.</summary>
    public bool IsConflict => Code == HttpStatusCode.Conflict;

    /// <summary>The same request can never work; waiting won't help.</summary>
    public bool IsFinal => Code is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity or HttpStatusCode.RequestEntityTooLarge;

    /// <summary>The version that was asked for is too old: list again.</summary>
    public bool IsGone => Code == HttpStatusCode.Gone;
}
