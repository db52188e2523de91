namespace IoFog.Operator.Admin;

/// <summary>How the cluster is asked about a caller.</summary>
internal interface IReviews
{
    /// <returns>Null when the cluster does not accept the token.</returns>
    Task<Caller?> FindCallerAsync(string token, CancellationToken cancellationToken);

    /// <summary>Whether a caller may do something with a kind, or with one object of it when <paramref name="name"/> is given.</summary>
    Task<bool> IsAllowedAsync(Caller caller, Kind kind, string verb, string? name, CancellationToken cancellationToken);
}
