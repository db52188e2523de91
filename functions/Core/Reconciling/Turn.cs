using IoFog.Operator.Controller;

namespace IoFog.Operator.Reconciling;

/// <summary>One look at one object: what was read, what will be stored, and the only way to write outside.</summary>
public sealed class Turn<TSpec, TStatus>
    where TSpec : class
    where TStatus : Status, new()
{
    private readonly Func<TStatus, CancellationToken, Task> claim;
    private readonly Func<string, string, CancellationToken, Task> record;
    private readonly TimeProvider time;
    private readonly Dictionary<string, string> asked;
    private readonly List<Note> notes = [];
    private long? claimBegan;

    /// <param name="resource">As it was read.</param>
    /// <param name="seen">What the watcher saw outside of it.</param>
    /// <param name="claim">Adds the finalizer and takes the claim with this status, or throws <see cref="TurnLostException"/>.</param>
    /// <param name="record">Stores that a request, by name and value, is honoured, or throws <see cref="TurnLostException"/>.</param>
    /// <param name="time">For the budget.</param>
    public Turn(
        Resource<TSpec, TStatus> resource,
        Seen seen,
        Func<TStatus, CancellationToken, Task> claim,
        Func<string, string, CancellationToken, Task> record,
        TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(resource);
        Resource = resource;
        Seen = seen;
        Status = resource.Status ?? new TStatus();
        asked = AskedOf(resource);
        this.claim = claim;
        this.record = record;
        this.time = time;
    }

    /// <summary>The object as it was read at the start of the turn.</summary>
    public Resource<TSpec, TStatus> Resource { get; }

    public ResourceKey Key => Resource.Key;

    /// <summary>What the watcher saw outside of the object.</summary>
    public Seen Seen { get; }

    /// <summary>What will be stored. A kind sets its own fields here (<c>turn.Status = turn.Status with { … }</c>); the common ones are the loop's.
    /// What is set before the first write of a turn is stored with the claim, so that it is known whatever becomes of the handler.</summary>
    public TStatus Status { get; set; }

    /// <summary>True once the object is claimed, that is, something outside may have been written.</summary>
    public bool Claimed => claimBegan is not null;

    /// <summary>True where what the object stands for was found to be there.</summary>
    internal bool Adopted { get; private set; }

    /// <summary>The requests that nobody has answered yet, by name: new ones and deferred ones.</summary>
    public IReadOnlyCollection<string> Asked => asked.Keys;

    internal IReadOnlyList<Note> Notes => notes;

    /// <summary>
    /// Says that what the object stands for is there, though this turn need not have written it: it goes with the object from now on, however
    /// the turn ends.
    /// </summary>
    public void Adopt() => Adopted = true;

    /// <summary>
    /// Carries out one outside write. The first one of a turn adds our finalizer and claims the object.
    /// </summary>
    /// <returns>False when the turn's budget is spent and nothing was done: end the turn with <see cref="Outcome.Continue"/>.</returns>
    /// <exception cref="TurnLostException">Somebody else had a turn meanwhile; let it pass, the loop knows what to do.</exception>
    public async Task<bool> TryActAsync(Func<CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        await ClaimAsync(cancellationToken);
        if (IsSpent)
            return false;
        await WriteAsync(write, cancellationToken);
        return true;
    }

    /// <summary>
    /// Carries out a one-off that somebody asked for, at most once: before it begins, the status says that it was. So after a crash it is not
    /// repeated, and neither when the outside refuses it, which is told by an Event.
    /// </summary>
    /// <param name="request">One of <see cref="Asked"/>.</param>
    /// <param name="write">The outside write.</param>
    /// <returns>False when the turn's budget is spent and nothing was done: end the turn with <see cref="Outcome.Continue"/>.</returns>
    /// <exception cref="TurnLostException">Somebody else had a turn meanwhile; let it pass, the loop knows what to do.</exception>
    public async Task<bool> TryActOnceAsync(string request, Func<CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        await ClaimAsync(cancellationToken);
        if (IsSpent)
            return false;
        await record(request, asked[request], cancellationToken);
        if (IsSpent)
            return false; // recorded, but known not to have begun: the end of this turn defers it
        asked.Remove(request);
        try
        {
            await WriteAsync(write, cancellationToken);
            Tell(Reasons.RequestHonoured, $"Carried out the request {request}");
        }
        catch (ControllerException e)
        {
            Tell(Reasons.RequestDenied, $"The request {request} was refused and is not repeated: {e.Message}", warning: true);
        }
        catch (Exception e) when (e is ControllerUnavailableException or TimeoutException)
        {
            Tell(Reasons.RequestFailed, $"The request {request} may not have arrived and is not repeated; ask again if it is still wanted", warning: true);
            throw;
        }

        return true;
    }

    /// <summary>Answers a request without carrying it out, and says why by an Event.</summary>
    /// <param name="request">One of <see cref="Asked"/>.</param>
    /// <param name="why">For people.</param>
    public void Deny(string request, string why)
    {
        if (asked.Remove(request))
            Tell(Reasons.RequestDenied, $"The request {request} is not carried out: {why}", warning: true);
    }

    private bool IsSpent => time.GetElapsedTime(claimBegan!.Value) >= Claim.Budget;

    private async Task ClaimAsync(CancellationToken cancellationToken)
    {
        if (claimBegan is not null)
            return;
        var began = time.GetTimestamp();
        await claim(Status, cancellationToken);
        claimBegan = began;
    }

    private async Task WriteAsync(Func<CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Claim.WriteTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await write(either.Token);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"a write took longer than {Claim.WriteTimeout.TotalSeconds} s", e);
        }
    }

    private static Dictionary<string, string> AskedOf(Resource<TSpec, TStatus> resource)
    {
        var (honoured, deferred) = (resource.Status?.Requests, resource.Status?.Deferred);
        return Conclusion.RequestsOf(resource.Metadata)
            .Where(request => deferred?.Contains(request.Key) == true || honoured?.GetValueOrDefault(request.Key) != request.Value)
            .ToDictionary();
    }

    /// <summary>Tells people, by a Kubernetes Event with the turn's patch, what was done.</summary>
    /// <param name="reason">One CamelCase word: <c>Created</c>.</param>
    /// <param name="message">At most 1 KiB; never a secret.</param>
    /// <param name="warning">True for what somebody should look at.</param>
    public void Tell(string reason, string message, bool warning = false) => notes.Add(new(reason, message, warning));
}

/// <summary>Something to tell people by an Event.</summary>
internal sealed record Note(string Reason, string Message, bool Warning);
