using System.Net;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Reconciling;

/// <summary>The writes of one turn to its own object: each follows the last one, and none follows somebody else's.</summary>
internal sealed class TurnWrites<TSpec, TStatus>(ResourceStore<TSpec, TStatus> store, Held<TSpec, TStatus> read, TimeProvider time)
    where TSpec : class
    where TStatus : Status, new()
{
    private const int ConflictTries = 10;
    private const int AwayTries = 4;

    private Held<TSpec, TStatus>? written;

    /// <summary>The object as the turn began.</summary>
    public Held<TSpec, TStatus> Read => read;

    /// <summary>The turn that the last write left.</summary>
    public long Turn => Last.Watched.Turn;

    /// <summary>The turn that the next patch of a status makes.</summary>
    public long NextTurn => Turn + 1;

    private Held<TSpec, TStatus> Last => written ?? read;

    public Turn<TSpec, TStatus> Begin(Seen seen) => new(read.Resource, seen, ClaimAsync, RecordAsync, time);

    /// <summary>Writes; on a conflict reads again, and goes on only if nobody else had a turn.</summary>
    /// <exception cref="TurnLostException">Somebody had, or the object is gone.</exception>
    public async Task<Held<TSpec, TStatus>> WriteAsync(
        Func<Held<TSpec, TStatus>, CancellationToken, Task<Held<TSpec, TStatus>>> write, CancellationToken cancellationToken)
    {
        var (conflicts, away) = (0, 0);
        while (true)
        {
            try
            {
                return written = await write(Last, cancellationToken);
            }
            catch (KubernetesException e) when (e.IsConflict && ++conflicts < ConflictTries)
            {
                written = await ReadAgainAsync(cancellationToken);
            }
            catch (KubernetesException e) when (e.Code == HttpStatusCode.NotFound)
            {
                throw new TurnLostException("the object is gone");
            }
            catch (Exception e) when (Passes(e) && ++away < AwayTries)
            {
                // If the write did arrive, the next one conflicts, finds a turn that it did not expect, and ends here.
                await Task.Delay(TimeSpan.FromMilliseconds(200 << away), time, cancellationToken);
            }
        }
    }

    private static bool Passes(Exception e) =>
        e is HttpRequestException or KubernetesException { Code: HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError };

    private async Task ClaimAsync(TStatus status, CancellationToken cancellationToken)
    {
        if (!Last.Watched.HasFinalizer && !Last.Watched.Deleting)
            await WriteAsync((now, token) => store.SetFinalizerAsync(now, present: true, token), cancellationToken);
        await WriteAsync(
            (now, token) =>
            {
                var turn = now.Watched.Turn + 1;
                return store.WriteStatusAsync(now, (TStatus)(status with { Turn = turn, Claim = new() { Holder = Claim.Instance, Turn = turn } }), token);
            },
            cancellationToken);
    }

    // The claim stays as it is: its holder is the same, and so is its end.
    private Task RecordAsync(string request, string value, CancellationToken cancellationToken) => WriteAsync(
        (now, token) =>
        {
            var status = now.Resource.Status ?? new TStatus();
            var requests = new Dictionary<string, string>(status.Requests ?? new Dictionary<string, string>()) { [request] = value };
            var deferred = status.Deferred?.Where(name => name != request).ToArray();
            return store.WriteStatusAsync(
                now, (TStatus)(status with { Turn = NextTurn, Requests = requests, Deferred = deferred is { Length: > 0 } ? deferred : null }), token);
        },
        cancellationToken);

    // An edit of the spec meanwhile is no reason to stop: the generation that was read is what will be stored.
    private async Task<Held<TSpec, TStatus>> ReadAgainAsync(CancellationToken cancellationToken)
    {
        var again = await store.FindAsync(Last.Resource.Key, cancellationToken) ?? throw new TurnLostException("the object is gone");
        if (again.Watched.Uid != Last.Watched.Uid)
            throw new TurnLostException("the object is another one of that name");
        return again.Watched.Turn == Turn
            ? again
            : throw new TurnLostException($"another handler had turn {again.Watched.Turn}");
    }
}
