using IoFog.Operator.Controller;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Microservices;

/// <summary>Whether a microservice works, by what its agent reports.</summary>
public static class MicroserviceReadiness
{
    public const string Running = "MicroserviceRunning";

    /// <summary>Its application is not activated.</summary>
    public const string Stopped = "ApplicationStopped";

    private const string RunningState = "RUNNING";

    public static bool IsRunning(MicroserviceEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.Status?.Status == RunningState;
    }

    /// <inheritdoc cref="Of(string?, string?)"/>
    public static Readiness Of(MicroserviceEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return Of(entry.Status?.Status, entry.Status?.ErrorMessage);
    }

    /// <summary>Ready while it runs; otherwise the reason is its state: <c>Queued</c>, <c>StuckInRestart</c>, …</summary>
    /// <param name="state">As its agent reports it; null where none has.</param>
    /// <param name="errorMessage">As its agent reports it.</param>
    public static Readiness Of(string? state, string? errorMessage)
    {
        state ??= "UNKNOWN";
        return state == RunningState
            ? Readiness.True(Running, "Its agent reports RUNNING")
            : Readiness.False(CamelCase(state), string.IsNullOrEmpty(errorMessage) ? $"Its agent reports {state}" : errorMessage);
    }

    /// <summary>The addresses of its public and its proxied ports.</summary>
    public static IReadOnlyList<string> LinksOf(MicroserviceEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return [.. (entry.Ports ?? []).SelectMany(port => port.Public?.Links ?? (port.Proxy is { Host: { } host, Port: { } number } ? [$"{port.Proxy.Protocol}://{host}:{number}"] : []))];
    }

    private static string CamelCase(string state)
    {
        var words = state.Split('_', ' ', '-').Where(word => word.Length > 0 && word.All(char.IsAsciiLetterOrDigit))
            .Select(word => char.ToUpperInvariant(word[0]) + word[1..].ToLowerInvariant());
        return string.Concat(words) is { Length: > 0 } reason ? reason : "Unknown";
    }
}
