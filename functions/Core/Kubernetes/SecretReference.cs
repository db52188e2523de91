using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Kubernetes;

/// <summary>A key of a Secret in the same namespace.</summary>
/// <param name="Name">Of the Secret.</param>
/// <param name="Key"><c>password</c> when absent.</param>
public sealed record SecretReference(string Name, string? Key)
{
    [JsonIgnore]
    public string KeyOrDefault => string.IsNullOrEmpty(Key) ? "password" : Key;

    /// <summary>Reads it.</summary>
    /// <param name="field">Where it stands, for people: <c>spec.passwordSecretRef</c>.</param>
    /// <returns>The value, or why there is none.</returns>
    public async Task<(SecretValue? Value, Outcome? Missing)> ReadAsync(KubernetesApi api, string @namespace, string field, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(api);
        JsonObject? secret;
        try
        {
            secret = await api.FindAsync($"api/v1/namespaces/{@namespace}/secrets/{Name}", KubernetesJson.Default.JsonObject, cancellationToken);
        }
        catch (KubernetesException e) when (e.Code == HttpStatusCode.Forbidden)
        {
            return (null, Outcome.Later(Reasons.SecretForbidden, $"{field}: the Secret {Name} may not be read; the chart's registrySecrets names those that may"));
        }

        return TextOf(secret) is { Length: > 0 } text
            ? (new(text, $"{Name}/{KeyOrDefault}/{secret!["metadata"]!["resourceVersion"]!.GetValue<string>()}"), null)
            : (null, Outcome.Later(Reasons.SecretMissing, $"{field}: the Secret {Name} {(secret is null ? "is not there yet" : $"has no key {KeyOrDefault}")}"));
    }

    private string? TextOf(JsonObject? secret)
    {
        if (secret?["data"]?[KeyOrDefault]?.GetValue<string>() is not { } base64)
            return null;
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }
}

/// <summary>What a key of a Secret held.</summary>
/// <param name="Text">The secret.</param>
/// <param name="Version">Another text after each change of the Secret; tells nothing of what is in it.</param>
public sealed record SecretValue(string Text, string Version)
{
    /// <summary>Never the secret.</summary>
    public override string ToString() => Version;
}
