using System.Globalization;
using IoFog.Operator.Changes;
using Microsoft.Extensions.Configuration;

namespace IoFog.Operator.Admin;

/// <summary>The settings of the admin functions.</summary>
public sealed class AdminOptions
{
    /// <summary><c>WATCH_NAMESPACE</c>: whose objects are shown.</summary>
    public required string Namespace { get; init; }

    /// <summary>The account that holds the queues; empty where only health is asked for.</summary>
    public required string Storage { get; init; }

    /// <summary><c>KUBECONFIG</c>: how callers' own tokens reach the cluster; null for the service account's way.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary><c>Admin__Audience</c>: who a token must be meant for, so that it can't be used at the API server.</summary>
    public string Audience { get; init; } = "iofog-admin";

    /// <summary>
    /// <c>Admin__Access</c>: <c>reviews</c> asks the cluster about callers, which takes cluster-wide rights; <c>self</c> lets callers ask about
    /// themselves with their own tokens, which takes none, and then tokens are for the API server and the audience does not apply.
    /// </summary>
    public bool SelfReviews { get; init; }

    /// <summary><c>Admin__RequestsPerSecond</c>: of each caller, in the long run; three times as many at once.</summary>
    public double RequestsPerSecond { get; init; } = 20;

    /// <exception cref="InvalidOperationException">A setting is wrong; the message names it.</exception>
    public static AdminOptions Read(IConfiguration settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var defaults = new AdminOptions { Namespace = "default", Storage = "" };
        return new()
        {
            Namespace = settings["WATCH_NAMESPACE"] is { Length: > 0 } name ? name : defaults.Namespace,
            Storage = QueueStorage.Read(settings),
            Kubeconfig = settings["KUBECONFIG"] is { Length: > 0 } path ? path : null,
            Audience = settings["Admin:Audience"] is { Length: > 0 } audience ? audience : defaults.Audience,
            SelfReviews = settings["Admin:Access"] switch
            {
                null or "" or "reviews" => false,
                "self" => true,
                var other => throw new InvalidOperationException($"Admin__Access: '{other}' is neither reviews nor self"),
            },
            RequestsPerSecond = settings["Admin:RequestsPerSecond"] switch
            {
                null or "" => defaults.RequestsPerSecond,
                var text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) && rate is > 0 and < 100_000 => rate,
                var text => throw new InvalidOperationException($"Admin__RequestsPerSecond: '{text}' is not a number above 0"),
            },
        };
    }
}
