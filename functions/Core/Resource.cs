namespace IoFog.Operator;

/// <summary>A custom resource as the Kubernetes API holds it.</summary>
public sealed record Resource<TSpec, TStatus>
    where TSpec : class
    where TStatus : Status
{
    public string? ApiVersion { get; init; }

    public string? Kind { get; init; }

    public required Metadata Metadata { get; init; }

    /// <summary>What the user wants; absent when the object has no spec at all.</summary>
    public TSpec? Spec { get; init; }

    /// <summary>What was found and done; absent until the first turn.</summary>
    public TStatus? Status { get; init; }

    /// <summary>The object's namespace and name.</summary>
    public ResourceKey Key => new(Metadata.Namespace ?? "", Metadata.Name);
}

/// <summary>The part of <c>metadata</c> that reconciling needs.</summary>
public sealed record Metadata
{
    public required string Name { get; init; }

    public string? Namespace { get; init; }

    public required string Uid { get; init; }

    public required string ResourceVersion { get; init; }

    /// <summary>Raised by the API server with every change of the spec, and when deletion begins.</summary>
    public long Generation { get; init; }

    public DateTimeOffset? CreationTimestamp { get; init; }

    public DateTimeOffset? DeletionTimestamp { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public IReadOnlyList<string>? Finalizers { get; init; }

    /// <summary>True when our finalizer holds the object.</summary>
    public bool HasFinalizer => Finalizers?.Contains(Names.Finalizer) == true;
}
