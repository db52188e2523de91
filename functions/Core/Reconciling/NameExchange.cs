using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;

namespace IoFog.Operator.Reconciling;

/// <summary>
/// Why an object can't give its entry another name yet. The Controller has each name once: of those that change names, one has to go by a
/// third name on the way.
/// </summary>
/// <param name="Message">Who has the name, for people.</param>
/// <param name="GivesWay">Who has it is to leave it, and somebody waits for the name that this one is to leave.</param>
/// <param name="IsNobodys">No object stands for the entry that has it: it can be taken over, as by a new object, where nothing is lost with the entry that is left.</param>
public sealed record NameExchange(string Message, bool GivesWay, bool IsNobodys = false)
{
    /// <summary>What this outcome is: it passes when the name is free.</summary>
    public Outcome Outcome => Outcome.Later(Reasons.NameTaken, Message);

    /// <summary>What an entry is called on the way. Its owner finds it again by this, whatever became of the turn that renamed it.</summary>
    /// <param name="uid">Of the owner.</param>
    public static string NameOnTheWay(string uid) => $"moving-{uid}";

    /// <param name="api">Knows the objects of the kind.</param>
    /// <param name="kind">With <c>spec.name</c>.</param>
    /// <param name="resource">The namespace and the uid of the object.</param>
    /// <param name="present">What its entry is called.</param>
    /// <param name="wanted">What it is to be called; another entry is.</param>
    /// <param name="isHolder">True for the status of the object that this other entry belongs to.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<NameExchange> FindAsync(
        KubernetesApi api, Kind kind, (string Namespace, string Uid) resource, string present, string wanted, Func<JsonNode, bool> isHolder, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(api);
        ArgumentNullException.ThrowIfNull(kind);
        JsonObject[] others = [.. (await api.ListAsync(kind, resource.Namespace, cancellationToken)).Where(item => item["metadata"]!["uid"]!.GetValue<string>() != resource.Uid)];
        if (others.FirstOrDefault(item => item["status"] is { } status && isHolder(status)) is not { } holder)
            return new($"spec.name: the Controller has another {wanted}, which no object stands for", false, IsNobodys: true);
        var isLeft = EntryName.Of(holder) != wanted;
        return new(
            $"spec.name: {kind} {holder["metadata"]!["name"]} is called {wanted}{(isLeft ? " still" : "")}", isLeft && others.Any(item => EntryName.Of(item) == present));
    }
}
