using System.Text.Json.Serialization;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Insight;

/// <summary>One step on the way from an object to what keeps it from being Ready.</summary>
public sealed record WhyLink
{
    public required string Id { get; init; }

    public required ObjectState State { get; init; }

    /// <summary>What it has to do with the link before: <c>waits for</c>, <c>runs on</c>, …; absent of the first.</summary>
    public string? Relation { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }

    public int? Attempts { get; init; }

    [JsonConverter(typeof(UtcTimeConverter))]
    public DateTimeOffset? NextReconcileTime { get; init; }
}

/// <summary>Why an object is not Ready: the chain of what it waits for, to the root.</summary>
/// <param name="Links">From the object to the root.</param>
/// <param name="Root">The id of the last link.</param>
/// <param name="Verdict">What is the matter, in a sentence.</param>
/// <param name="Advice">What to do; absent where nothing is to be done.</param>
public sealed record Why(IReadOnlyList<WhyLink> Links, string Root, string Verdict, string? Advice)
{
    private const string TheController = WaitingFor.Controller;

    /// <returns>Null when there is no such object.</returns>
    public static Why? Of(Network network, Kind kind, string name)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (network.Find(kind, name) is not { } item)
            return null;
        var links = new List<WhyLink> { LinkOf(item, null) };
        var graph = Graph.Of(network);
        var passed = new HashSet<string>(StringComparer.Ordinal) { item.Id };
        var at = links[0];
        while (Next(network, graph, at) is { } next)
        {
            links.Add(next);
            if (!passed.Add(next.Id))
                return new(links, next.Id, $"{string.Join(" → ", links.Select(link => link.Id))}: they wait for each other", "Change the spec of one of them");
            at = next;
        }

        return new(links, at.Id, VerdictOf(at, links.Count), AdviceOf(at, links.Count));
    }

    private static WhyLink? Next(Network network, Graph graph, WhyLink at)
    {
        if (at.Id == TheController)
            return network.ControlPlane is { State: not ObjectState.Ready } controlPlane ? LinkOf(controlPlane, "is run by") : null;
        if (at.State is ObjectState.Ready or ObjectState.Missing or ObjectState.Unknown || Find(network, at.Id) is not { } item)
            return null;
        if (item.Summary.WaitingFor is { } waitingFor)
            return WaitedFor(network, waitingFor);
        if (at.State is not ObjectState.NotReady)
            return null;

        // It waits for nothing and does not work: perhaps because of what carries it.
        return Carriers(graph, item).Select(carrier => (carrier.Relation, Node: graph.Nodes.First(node => node.Id == carrier.Id)))
            .Where(carrier => carrier.Node.State is not (ObjectState.Ready or ObjectState.New))
            .Select(carrier => Find(network, carrier.Node.Id) is { } found ? LinkOf(found, carrier.Relation) : AbsentLink(network, carrier.Node.Id, carrier.Relation))
            .FirstOrDefault();
    }

    private static WhyLink WaitedFor(Network network, string waitingFor)
    {
        const string relation = "waits for";
        if (WaitingFor.TryParse(waitingFor, out var kind, out var name))
            return network.Find(kind, name) is { } found ? LinkOf(found, relation) : AbsentLink(network, waitingFor, relation);
        if (waitingFor == Kinds.ControlPlane.Name)
            return network.ControlPlane is { } controlPlane ? LinkOf(controlPlane, relation) : AbsentLink(network, waitingFor, relation);
        return new()
        {
            Id = waitingFor,
            State = ObjectState.NotReady,
            Relation = relation,
            Message = waitingFor == TheController ? "The ioFog Controller does not answer" : null,
        };
    }

    private static IEnumerable<(string Id, string Relation)> Carriers(Graph graph, NetworkObject item)
    {
        var own = graph.Nodes.Where(node => node.DeclaredBy == item.Id).Select(node => node.Id).Append(item.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var edge in graph.Edges)
        {
            if (own.Contains(edge.From) && edge.Type is Graph.RunsOn or Graph.Upstream or Graph.OfferedBy)
                yield return (edge.To, edge.Type switch { Graph.RunsOn => "runs on", Graph.Upstream => "connects through", _ => "is offered by" });
            if (edge.Type == Graph.Route && edge.Owner == item.Id && item.Kind == Kinds.Route)
            {
                yield return (Object(edge.From), "leads from");
                yield return (Object(edge.To), "leads to");
            }
        }

        string Object(string id) => graph.Nodes.First(node => node.Id == id).DeclaredBy ?? id;
    }

    private static NetworkObject? Find(Network network, string id) =>
        WaitingFor.TryParse(id, out var kind, out var name) ? network.Find(kind, name) : null;

    private static WhyLink LinkOf(NetworkObject item, string? relation) => new()
    {
        Id = item.Id,
        State = item.State,
        Relation = relation,
        Reason = item.Summary.Reason,
        Message = item.Summary.Message,
        Attempts = item.Summary.Attempts,
        NextReconcileTime = item.Summary.NextReconcileTime,
    };

    private static WhyLink AbsentLink(Network network, string id, string relation)
    {
        var kind = Kinds.Find(id.Split('/')[0]) ?? Kinds.ControlPlane;
        var (state, message) = network.Absence(kind);
        return new() { Id = id, State = state, Relation = relation, Message = message };
    }

    private static string VerdictOf(WhyLink root, int links) => root.State switch
    {
        ObjectState.Ready when links == 1 => $"{root.Id} is Ready",
        ObjectState.Ready => $"{root.Id} is Ready by now",
        ObjectState.Missing => $"{root.Id} is not there",
        ObjectState.Unknown => $"It is about {root.Id}, which you may not see",
        ObjectState.Refused => $"{root.Id} can't work as it is written: {root.Message}",
        ObjectState.Paused => $"{root.Id} is paused",
        ObjectState.Deleting => $"{root.Id} is being deleted",
        ObjectState.New => $"{root.Id} has not been looked at yet",
        _ => root.Message is { Length: > 0 } message ? $"{root.Id}: {message}" : $"{root.Id} is not Ready",
    };

    private static string? AdviceOf(WhyLink root, int links) => root.State switch
    {
        ObjectState.Ready when links > 1 => "Nothing: what waits for it is looked at again within moments",
        ObjectState.Missing => $"Create {root.Id}, or name another one",
        ObjectState.Refused => "Change the spec; nothing is tried until then",
        ObjectState.Paused => $"Go on with it: remove the annotation {Names.Paused}",
        ObjectState.New => "Is the watcher running?",
        ObjectState.NotReady when root.Id == TheController => "Look at the Deployment controller and its log",
        ObjectState.NotReady or ObjectState.Waiting when root.NextReconcileTime is { } next => $"Nothing: it is tried again at {next.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC",
        _ => null,
    };
}
