using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Reconciling;

namespace IoFog.Operator.Insight;

/// <summary>One custom resource, as it was read, for people to look at. It is never changed.</summary>
public sealed class NetworkObject
{
    private NetworkObject(Kind kind, JsonObject content)
    {
        (Kind, Content) = (kind, content);
        Metadata = content["metadata"] as JsonObject ?? [];
        Spec = content["spec"] as JsonObject ?? [];
        Status = content["status"] as JsonObject ?? [];
        Name = Text(Metadata["name"]) ?? "";
        EntryName = Text(Spec[kind.Entry?.NamedBy ?? "name"]) ?? Name;
        Summary = Summarize();
    }

    public Kind Kind { get; }

    public string Name { get; }

    /// <summary>What the Controller calls it.</summary>
    public string EntryName { get; }

    public JsonObject Content { get; }

    public JsonObject Metadata { get; }

    public JsonObject Spec { get; }

    public JsonObject Status { get; }

    public ObjectSummary Summary { get; }

    public string Id => $"{Kind}/{Name}";

    public ObjectState State => Summary.State;

    /// <param name="kind">Of the object.</param>
    /// <param name="content">As the API server sent it.</param>
    public static NetworkObject Read(Kind kind, JsonObject content) => new(kind, content);

    /// <summary>The text of a string; null for anything else.</summary>
    internal static string? Text(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;

    internal static IEnumerable<string> Texts(JsonNode? node) => (node as JsonArray ?? []).Select(Text).OfType<string>();

    private JsonObject? Condition(string type) =>
        (Status["conditions"] as JsonArray ?? []).OfType<JsonObject>().FirstOrDefault(condition => Text(condition["type"]) == type);

    private bool Holds(string type) => Text(Condition(type)?["status"]) == "True";

    private ObjectSummary Summarize()
    {
        var ready = Condition(Names.Ready);
        return new()
        {
            Id = Id,
            Kind = Kind.Name,
            Name = Name,
            State = StateOf(ready),
            Reason = Text(ready?["reason"]),
            Message = Redaction.Mask(Text(ready?["message"])),
            Since = Time(ready?["lastTransitionTime"]),
            WaitingFor = Text(Status["waitingFor"]),
            Attempts = (int?)Number(Status["attempts"]),
            NextReconcileTime = Time(Status["nextReconcileTime"]),
            Created = Time(Metadata["creationTimestamp"]),
            Generation = Number(Metadata["generation"]) ?? 0,
            ObservedGeneration = Number(Status["observedGeneration"]) ?? 0,
        };
    }

    private ObjectState StateOf(JsonObject? ready)
    {
        if (Metadata["deletionTimestamp"] is not null)
            return ObjectState.Deleting;
        if (Text((Metadata["annotations"] as JsonObject)?[Names.Paused]) == "true")
            return ObjectState.Paused;
        if (ready is null)
            return ObjectState.New;
        if (Holds(Names.Stalled))
            return ObjectState.Refused;
        if (Status["waitingFor"] is not null)
            return ObjectState.Waiting;
        return Holds(Names.Ready) ? ObjectState.Ready : ObjectState.NotReady;
    }

    private static long? Number(JsonNode? node) => node?.GetValueKind() == JsonValueKind.Number ? node.GetValue<long>() : null;

    private static DateTimeOffset? Time(JsonNode? node) =>
        DateTimeOffset.TryParse(Text(node), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
