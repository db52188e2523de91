namespace IoFog.Operator;

/// <summary>
/// What <see cref="Due"/> and the watcher need to know of an object, and nothing else: the watcher holds one of these per object.
/// </summary>
public sealed record Watched
{
    // Ticks and generations in half their size: there may be a hundred thousand of these.
    private readonly long created;
    private readonly long nextReconcileTime;
    private readonly uint generation;
    private readonly uint observedGeneration;

    public required Guid Uid { get; init; }

    public required ResourceKey Key { get; init; }

    public long Generation
    {
        get => generation;
        init => generation = (uint)value;
    }

    public DateTimeOffset Created
    {
        get => new(created, TimeSpan.Zero);
        init => created = value.UtcTicks;
    }

    public bool Deleting { get; init; }

    public bool HasFinalizer { get; init; }

    /// <summary>The annotation <c>iofog.org/paused</c> is <c>"true"</c>.</summary>
    public bool Paused { get; init; }

    /// <summary>An annotation <c>request.iofog.org/…</c> has a value that <c>status.requests</c> does not hold.</summary>
    public bool RequestPending { get; init; }

    /// <summary>Hash of what names this object's entry in the Controller; 0 where there is none.</summary>
    public ulong Entry { get; init; }

    /// <summary>The application, by its name in the Controller, that this object's entry is or is part of; null for kinds that have none.
    /// Whoever holds many of these lets those of one application share one text.</summary>
    public string? Application { get; set; }

    /// <summary>Hashes of what names the entries of microservices and routes that an application declares; null where it declares none.</summary>
    public IReadOnlyList<ulong>? Children { get; init; }

    /// <summary>A template says what is in the application, so that all in it counts.</summary>
    public bool FromTemplate { get; init; }

    public long ObservedGeneration
    {
        get => observedGeneration;
        init => observedGeneration = (uint)value;
    }

    public long Turn { get; init; }

    public Seen Seen { get; init; }

    public bool StatusPaused { get; init; }

    public DateTimeOffset? NextReconcileTime
    {
        get => nextReconcileTime == 0 ? null : new(nextReconcileTime, TimeSpan.Zero);
        init => nextReconcileTime = value?.UtcTicks ?? 0;
    }

    /// <summary>The turn of the claim; 0 when nobody holds one.</summary>
    public long ClaimTurn { get; init; }

    public string? WaitingFor { get; init; }

    public bool Synced { get; init; }

    public bool Ready { get; init; }
}
