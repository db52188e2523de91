namespace IoFog.Operator.Kubernetes;

/// <summary>Is told what a <see cref="ResourceWatch"/> sees.</summary>
public interface IWatchTarget
{
    /// <summary>A list begins, also one that follows a list that broke off: what was listed before counts no more.</summary>
    void ListBegins();

    /// <summary>An object of a list, as <see cref="WatchKind.Listed"/>, or an event.</summary>
    void Received(WatchKind kind, ReadOnlySpan<byte> json);

    /// <summary>A list is complete: what was not received since it began is gone.</summary>
    void Listed();

    /// <summary>The watch is open: what is known is current from here on, even if nothing ever comes.</summary>
    void Opened();

    /// <summary>The watch ended in another way than by its time-out; what is known may be old.</summary>
    void Lost();
}

/// <summary>How an object came.</summary>
public enum WatchKind
{
    Listed,
    Added,
    Modified,
    Deleted,
}
