using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Watcher;

/// <summary>What is known of what lies outside of the objects, and what each of them sees of it.</summary>
/// <param name="rows">All objects.</param>
/// <param name="byKey">The same by kind and name.</param>
internal sealed class Surroundings(RowIndex<Guid> rows, RowIndex<(Kind Kind, ResourceKey Key)> byKey)
{
    private readonly Dictionary<Kind, int> shown = [];
    private ulong reachable;
    private bool isLost;
    private bool isGone;

    /// <summary>What the Controller holds, and whose it is.</summary>
    public Entries Entries { get; } = new();

    /// <summary>What objects own in the cluster, and the Secrets that specs name.</summary>
    public OwnedObjects Owned { get; } = new();

    /// <summary>How many looks at the Controller have begun.</summary>
    public int Looks { get; private set; }

    /// <summary>The Controller has answered, and has not been away since.</summary>
    public bool IsReachable => reachable != 0;

    /// <summary>Whose objects in the cluster, own ones or Secrets that specs name, the watcher sees.</summary>
    public static bool HasOwned(Kind kind) => kind.Entry is null || kind.RefersToSecrets;

    /// <summary>A look at the Controller begins: what it will show is newer than every turn observed so far.</summary>
    public void LookBegins() => Looks++;

    /// <summary>The look shows what the Controller holds of a kind.</summary>
    /// <returns>The look that had shown it before.</returns>
    public int Show(Kind kind)
    {
        var last = shown.GetValueOrDefault(kind);
        shown[kind] = Looks;
        return last;
    }

    /// <summary>The Controller does not answer: nothing is known of entries until it does.</summary>
    /// <param name="withControlPlane">Nor is there a control plane that could bring one.</param>
    public void ControllerLost(bool withControlPlane)
    {
        reachable = 0;
        (isLost, isGone) = (true, withControlPlane);
        Entries.Controller = 0;
        Entries.Unsee();
    }

    /// <param name="epoch">Another number after each outage, never 0.</param>
    /// <returns>True when it was away.</returns>
    public bool ControllerReached(ulong epoch)
    {
        isLost = isGone = false;
        if (reachable == epoch)
            return false;
        reachable = epoch;
        return true;
    }

    /// <summary>What an object sees.</summary>
    /// <param name="row">The object.</param>
    /// <param name="hasNoControlPlane">The control planes are listed, and there is none.</param>
    public Seen Of(Row row, bool hasNoControlPlane) => new()
    {
        Controller = row.LooksBefore < (row.Group?.Shown ?? shown.GetValueOrDefault(row.Kind)) && Entries.ContentOf(row) is var content and not 0 ? content
            : hasNoControlPlane && LostItsControlPlane(row) ? Seen.NoControlPlane
            : 0,
        Owned = HasOwned(row.Kind) ? Owned.VersionOf(row.Watched.Uid) : Entries.ChildOwnersOf(row),
        Dependency = DependencyOf(row),
        Owner = Entries.OwnerOf(row),
    };

    // What was set up needs a control plane, and what works a Controller, whoever runs it. Once it says so, there is nothing more to tell it.
    private bool LostItsControlPlane(Row row) => row.Kind.Entry is not null
        && (isGone ? row.Watched.HasFinalizer && row.Watched.WaitingFor != Kinds.ControlPlane.Name : isLost && row.Watched.Ready);

    private ulong DependencyOf(Row row)
    {
        var waitingFor = row.Watched.WaitingFor;
        if (waitingFor is null)
            return 0;
        if (waitingFor == WaitingFor.Controller)
            return reachable;
        var entry = Seen.Hash(waitingFor);
        var found = WaitingFor.TryParse(waitingFor, out var kind, out var name)
            ? Entries.Find(entry, claimant => IsThere(claimant, kind)) ?? Named(kind, new(row.Watched.Key.Namespace, name), entry)
            : rows.All.FirstOrDefault(other => other.Kind.Name == waitingFor && other.Watched.Key.Namespace == row.Watched.Key.Namespace && IsThere(other));
        if (found is null && kind is not null)
            return Entries.UnclaimedContentOf(kind, entry, row.Group);
        return found is not null && IsThere(found, kind ?? found.Kind) ? Seen.Hash($"{found.Watched.Uid:D}/{found.Watched.Turn}") : 0;
    }

    // An object that stands for an entry of another name is not what is waited for.
    private Row? Named(Kind kind, ResourceKey key, ulong entry) =>
        byKey.Find((kind, key)) is { } row && (row.Watched.Entry == 0 || row.Watched.Entry == entry) ? row : null;

    // What an application declares is there as soon as a turn of the application has made it.
    private static bool IsThere(Row row, Kind kind) => row.Kind != kind || IsThere(row);

    // A control plane is of use once it answers; everything else once the Controller holds it.
    private static bool IsThere(Row row) => row.Kind.Entry is null ? row.Watched.Ready : row.Watched.Synced;
}
