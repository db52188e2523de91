using System.Text.Json.Nodes;
using IoFog.Operator.Microservices;

namespace IoFog.Operator.Insight;

/// <summary>Something in a network: an object, a microservice that an application declares, or something that is named and not there.</summary>
public sealed record GraphNode
{
    /// <summary><c>Agent/zebra-1</c>; of what an application declares, <c>Application/heart-rate/microservices/monitor</c>.</summary>
    public required string Id { get; init; }

    public required string Kind { get; init; }

    public required string Name { get; init; }

    public required ObjectState State { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }

    /// <summary>The id of the Application that declares it; absent of an object of its own.</summary>
    public string? DeclaredBy { get; init; }
}

/// <summary>What one node has to do with another.</summary>
/// <param name="Type"><c>runsOn</c>, <c>partOf</c>, <c>route</c>, <c>upstream</c>, <c>offeredBy</c> or <c>waitsFor</c>.</param>
/// <param name="Name">Of a route.</param>
/// <param name="Owner">The id of the object whose edge it is: a Route, or the Application that declares a route.</param>
/// <param name="State">Of <paramref name="Owner"/>.</param>
public sealed record GraphEdge(string From, string To, string Type, string? Name = null, string? Owner = null, ObjectState? State = null);

/// <summary>How the objects of a network depend on each other.</summary>
public sealed record Graph(IReadOnlyList<GraphNode> Nodes, IReadOnlyList<GraphEdge> Edges)
{
    public const string RunsOn = "runsOn";
    public const string PartOf = "partOf";
    public const string Route = "route";
    public const string Upstream = "upstream";
    public const string OfferedBy = "offeredBy";
    public const string WaitsFor = "waitsFor";

    private const string DefaultRouter = "default-router";

    public static Graph Of(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return new Drawing(network).Draw();
    }

    private sealed class Drawing(Network network)
    {
        private readonly Dictionary<string, GraphNode> nodes = new(StringComparer.Ordinal);
        private readonly List<GraphEdge> edges = [];
        private readonly Dictionary<(string? Application, string Name), string> microservices = [];

        public Graph Draw()
        {
            foreach (var item in network.Objects)
            {
                nodes[item.Id] = new()
                {
                    Id = item.Id,
                    Kind = item.Kind.Name,
                    Name = item.Name,
                    State = item.State,
                    Reason = item.Summary.Reason,
                    Message = item.Summary.Message,
                };
            }

            foreach (var item in Of(Kinds.Microservice))
                microservices[(Text(item.Spec["application"]), item.EntryName)] = item.Id;
            foreach (var application in Of(Kinds.Application))
            {
                foreach (var declared in Items(application.Spec["microservices"]))
                    Declare(application, declared);
            }

            foreach (var item in network.Objects)
                Connect(item);
            return new([.. nodes.Values], edges);
        }

        private void Declare(NetworkObject application, JsonObject declared)
        {
            if (Text(declared["name"]) is not { } name)
                return;
            var id = $"{application.Id}/microservices/{name}";
            var (state, reason, message) = StateOf(application, name);
            nodes[id] = new() { Id = id, Kind = Kinds.Microservice.Name, Name = name, State = state, Reason = reason, Message = message, DeclaredBy = application.Id };
            microservices[(application.EntryName, name)] = id;
        }

        // Of an application that is in place, each microservice has a state of its own; else the application's says more.
        private static (ObjectState State, string? Reason, string? Message) StateOf(NetworkObject application, string name)
        {
            var reported = Items(application.Status["microservices"]).FirstOrDefault(one => Text(one["name"]) == name);
            if (application.State is not (ObjectState.Ready or ObjectState.NotReady) || Text(reported?["state"]) is not { } state)
                return (application.State, application.Summary.Reason, application.Summary.Message);
            var readiness = MicroserviceReadiness.Of(state, Text(reported!["errorMessage"]));
            return (readiness.Status == "True" ? ObjectState.Ready : ObjectState.NotReady, readiness.Reason, readiness.Message);
        }

        private void Connect(NetworkObject item)
        {
            if (item.Kind == Kinds.Agent)
                ConnectAgent(item);
            else if (item.Kind == Kinds.EdgeResource)
                edges.AddRange(NetworkObject.Texts(item.Spec["agents"]).Select(agent => new GraphEdge(item.Id, Named(Kinds.Agent, agent), OfferedBy)));
            else if (item.Kind == Kinds.Application)
                ConnectApplication(item);
            else if (item.Kind == Kinds.Microservice)
                ConnectMicroservice(item);
            else if (item.Kind == Kinds.Route)
                AddRoute(Text(item.Spec["application"]), item.Spec, item.EntryName, item);
            if (WaitedFor(item) is { } other && other != item.Id)
                edges.Add(new(item.Id, other, WaitsFor));
        }

        private void ConnectAgent(NetworkObject item)
        {
            var upstream = Text(item.Spec["routerConfig"]?["routerMode"]) == "none"
                ? [Text(item.Spec["networkRouter"]) ?? DefaultRouter]
                : item.Spec["upstreamRouters"] is JsonArray named ? NetworkObject.Texts(named) : [DefaultRouter];
            foreach (var router in upstream)
            {
                if (router != DefaultRouter)
                    edges.Add(new(item.Id, Named(Kinds.Agent, router), Upstream));
                else if (network.ControlPlane is { } controlPlane)
                    edges.Add(new(item.Id, controlPlane.Id, Upstream));
            }
        }

        private void ConnectApplication(NetworkObject item)
        {
            foreach (var declared in Items(item.Spec["microservices"]))
            {
                if (Text(declared["name"]) is not { } name)
                    continue;
                var id = $"{item.Id}/microservices/{name}";
                edges.Add(new(id, item.Id, PartOf));
                if (Text(declared["agent"]?["name"]) is { } agent)
                    edges.Add(new(id, Named(Kinds.Agent, agent), RunsOn));
            }

            foreach (var route in Items(item.Spec["routes"]))
                AddRoute(item.EntryName, route, Text(route["name"]) ?? "", item);
        }

        private void ConnectMicroservice(NetworkObject item)
        {
            if (Text(item.Spec["application"]) is { } application)
                edges.Add(new(item.Id, Named(Kinds.Application, application), PartOf));
            if (Text(item.Spec["agent"]?["name"]) is { } agent)
                edges.Add(new(item.Id, Named(Kinds.Agent, agent), RunsOn));
        }

        private void AddRoute(string? application, JsonObject route, string name, NetworkObject item)
        {
            if (Text(route["from"]) is { } from && Text(route["to"]) is { } to)
                edges.Add(new(MicroserviceOf(application, from), MicroserviceOf(application, to), Route, name, item.Id, item.State));
        }

        private string MicroserviceOf(string? application, string name) =>
            microservices.TryGetValue((application, name), out var id) ? id : Missing(Kinds.Microservice, name);

        private string Named(Kind kind, string name) => network.FindEntry(kind, name)?.Id ?? Missing(kind, name);

        private string Missing(Kind kind, string name)
        {
            var id = $"{kind}/{name}";
            var (state, message) = network.Absence(kind);
            nodes.TryAdd(id, new() { Id = id, Kind = kind.Name, Name = name, State = state, Message = message });
            return id;
        }

        private string? WaitedFor(NetworkObject item) => item.Summary.WaitingFor switch
        {
            null => null,
            var text when Reconciling.WaitingFor.TryParse(text, out var kind, out var name) => network.Find(kind, name)?.Id ?? Missing(kind, name),
            _ => network.ControlPlane?.Id,
        };

        private IEnumerable<NetworkObject> Of(Kind kind) => network.Objects.Where(item => item.Kind == kind);

        private static IEnumerable<JsonObject> Items(JsonNode? node) => (node as JsonArray ?? []).OfType<JsonObject>();

        private static string? Text(JsonNode? node) => NetworkObject.Text(node);
    }
}
