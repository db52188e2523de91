using Microsoft.AspNetCore.Http;

namespace IoFog.Operator.Admin;

/// <summary>Who asks, and whether they may: a Kubernetes token, checked by the cluster; answers are remembered for moments.</summary>
internal sealed class Access(IReviews reviews, AdminOptions options, TimeProvider time)
{
    private const string Scheme = "Bearer ";
    private const string Strangers = "";
    private static readonly TimeSpan YesLasts = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan NoLasts = TimeSpan.FromSeconds(5);

    /// <summary>So long after it was accepted a token is no stranger's: somebody's wrong ones keep nobody out who was in.</summary>
    private static readonly TimeSpan AcquaintedFor = TimeSpan.FromMinutes(10);

    private readonly Remembered<Caller?> callers = new(time);
    private readonly Remembered<bool> answers = new(time);
    private readonly Remembered<bool> acquainted = new(time);
    private readonly RateLimit limit = new(options.RequestsPerSecond, time);

    /// <param name="request">With <c>Authorization: Bearer …</c>.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <exception cref="Problem">401 without a valid token, 429 after too many requests.</exception>
    public async Task<Caller> AuthenticateAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || header[Scheme.Length..].Trim() is not { Length: > 0 } token)
            throw new Problem(StatusCodes.Status401Unauthorized, "A Kubernetes token is needed: Authorization: Bearer …");
        var key = Caller.KeyOf(token);
        if (!callers.Knows(key) && !acquainted.Knows(key))
            limit.Take(Strangers); // each of these costs the API server a review
        var caller = await callers.GetAsync(key, () => reviews.FindCallerAsync(token, cancellationToken), found => found is null ? NoLasts : YesLasts)
            ?? throw new Problem(StatusCodes.Status401Unauthorized, options.SelfReviews
                ? "The cluster does not accept this token"
                : $"The cluster does not accept this token; it must be for the audience {options.Audience}: kubectl create token NAME --audience={options.Audience}");
        limit.Take(caller.Name);
        await acquainted.GetAsync(key, static () => Task.FromResult(true), static _ => AcquaintedFor);
        return caller;
    }

    /// <summary>Whether a caller may.</summary>
    /// <param name="caller">Who.</param>
    /// <param name="kind">What it is about.</param>
    /// <param name="verb"><c>get</c> and <c>list</c> to look, <c>update</c> to act.</param>
    /// <param name="name">Of one object; null for all of the kind.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public Task<bool> MayAsync(Caller caller, Kind kind, string verb, string? name, CancellationToken cancellationToken) => answers.GetAsync(
        $"{Caller.KeyOf(caller.Token)} {verb} {kind.Plural} {name}",
        () => reviews.IsAllowedAsync(caller, kind, verb, name, cancellationToken),
        allowed => allowed ? YesLasts : NoLasts);

    /// <inheritdoc cref="MayAsync"/>
    /// <exception cref="Problem">403 without the right.</exception>
    public async Task RequireAsync(Caller caller, Kind kind, string verb, string? name, CancellationToken cancellationToken)
    {
        if (!await MayAsync(caller, kind, verb, name, cancellationToken))
            throw Refused(caller, verb, kind.Plural, name);
    }

    /// <summary>The kinds that a caller may.</summary>
    /// <exception cref="Problem">403 when there are none.</exception>
    public async Task<IReadOnlyList<Kind>> KindsAsync(Caller caller, string verb, CancellationToken cancellationToken)
    {
        var may = await Task.WhenAll(Kinds.All.Select(kind => MayAsync(caller, kind, verb, null, cancellationToken)));
        Kind[] allowed = [.. Kinds.All.Where((_, i) => may[i])];
        return allowed.Length > 0 ? allowed : throw Refused(caller, verb, "any kind of", null);
    }

    private Problem Refused(Caller caller, string verb, string what, string? name) => new(
        StatusCodes.Status403Forbidden,
        $"{caller.Name} may not {verb} {what}{(what.Contains(' ', StringComparison.Ordinal) ? " " : ".")}{Kind.Group}{(name is null ? "" : $" {name}")} in the namespace {options.Namespace}");
}
