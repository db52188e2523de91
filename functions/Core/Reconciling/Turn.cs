namespace IoFog.Operator.Reconciling;

/// <summary>One look at one object: what was read, what will be stored, and the only way to write outside.</summary>
public sealed class Turn<TSpec, TStatus>
    where TSpec : class
    where TStatus : Status, new()
{
    private readonly Func<CancellationToken, Task> claim;
    private readonly TimeProvider time;
    private readonly List<Note> notes = [];
    private long? claimBegan;

    /// <param name="resource">As it was read.</param>
    /// <param name="seen">What the watcher saw outside of it.</param>
    /// <param name="claim">Adds the finalizer and takes the claim, or throws <see cref="TurnLostException"/>.</param>
    /// <param name="time">For the budget.</param>
    public Turn(Resource<TSpec, TStatus> resource, Seen seen, Func<CancellationToken, Task> claim, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(resource);
        Resource = resource;
        Seen = seen;
        Status = resource.Status ?? new TStatus();
        this.claim = claim;
        this.time = time;
    }

    /// <summary>The object as it was read at the start of the turn.</summary>
    public Resource<TSpec, TStatus> Resource { get; }

    public ResourceKey Key => Resource.Key;

    /// <summary>What the watcher saw outside of the object.</summary>
    public Seen Seen { get; }

    /// <summary>What will be stored. A kind sets its own fields here (<c>turn.Status = turn.Status with { … }</c>); the common ones are the loop's.</summary>
    public TStatus Status { get; set; }

    /// <summary>True once the object is claimed, that is, something outside may have been written.</summary>
    public bool Claimed => claimBegan is not null;

    internal IReadOnlyList<Note> Notes => notes;

    /// <summary>
    /// Carries out one outside write. The first one of a turn adds our finalizer and claims the object.
    /// </summary>
    /// <returns>False when the turn's budget is spent and nothing was done: end the turn with <see cref="Outcome.Continue"/>.</returns>
    /// <exception cref="TurnLostException">Somebody else had a turn meanwhile; let it pass, the loop knows what to do.</exception>
    public async Task<bool> TryActAsync(Func<CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        if (claimBegan is null)
        {
            var began = time.GetTimestamp();
            await claim(cancellationToken);
            claimBegan = began;
        }

        if (time.GetElapsedTime(claimBegan.Value) >= Claim.Budget)
            return false;
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

        return true;
    }

    /// <summary>Tells people, by a Kubernetes Event with the turn's patch, what was done.</summary>
    /// <param name="reason">One CamelCase word: <c>Created</c>.</param>
    /// <param name="message">At most 1 KiB; never a secret.</param>
    /// <param name="warning">True for what somebody should look at.</param>
    public void Tell(string reason, string message, bool warning = false) => notes.Add(new(reason, message, warning));
}

/// <summary>Something to tell people by an Event.</summary>
internal sealed record Note(string Reason, string Message, bool Warning);
