namespace IoFog.Operator.Reconciling;

/// <summary>What a kind gives to the loop: how to make the outside match, and how to clean it up. Both are called again until they settle.</summary>
public interface IReconciler<TSpec, TStatus>
    where TSpec : class
    where TStatus : Status, new()
{
    /// <summary>
    /// The one-offs that people can ask for by <c>request.iofog.org/…</c>, by the name after the slash. Each is carried out at most once, through
    /// <see cref="Turn{TSpec,TStatus}.TryActOnceAsync"/>; any other request only asks for a look.
    /// </summary>
    IReadOnlyList<string> Commands => [];

    /// <summary>Reads the outside, plans, and carries out what is missing through <see cref="Turn{TSpec,TStatus}.TryActAsync"/>.</summary>
    Task<Outcome> ReconcileAsync(Turn<TSpec, TStatus> turn, CancellationToken cancellationToken);

    /// <summary>Removes what the object stands for from the outside; <see cref="Outcome.Gone"/> when it is clean. Tolerates what is gone already.</summary>
    Task<Outcome> DeleteAsync(Turn<TSpec, TStatus> turn, CancellationToken cancellationToken);
}
