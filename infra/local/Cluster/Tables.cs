using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster;

/// <summary>What <c>kubectl get</c> prints: a Table with the columns of the definition.</summary>
internal static class Tables
{
    public static JsonObject Of(ResourceType type, IEnumerable<StoredObject> objects, string version, string? next, bool withColumns, DateTimeOffset now)
    {
        var columns = ColumnsOf(type);
        var metadata = new JsonObject { ["resourceVersion"] = version };
        if (next is not null)
            metadata["continue"] = next;
        return new()
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata,
            ["columnDefinitions"] = withColumns
                ? new JsonArray([.. columns.Select(column => (JsonNode)new JsonObject
                {
                    ["name"] = column.Name,
                    ["type"] = column.Type,
                    ["format"] = column.Name == "Name" ? "name" : "",
                    ["description"] = column.Description,
                    ["priority"] = column.Priority,
                })])
                : null,
            ["rows"] = new JsonArray([.. objects.Select(stored => (JsonNode)new JsonObject
            {
                ["cells"] = new JsonArray([.. columns.Select(column => column.Cell(stored, now))]),
                ["object"] = PartialOf(stored),
            })]),
        };
    }

    /// <summary>The metadata alone.</summary>
    public static JsonObject PartialOf(StoredObject stored) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = stored.Metadata.DeepClone(),
    };

    private static IReadOnlyList<Column> ColumnsOf(ResourceType type) => type.Kind == "Event" && !type.IsCustom ? BuiltInColumns.OfEvents :
    [
        new("Name", "string", 0, "Name must be unique within a namespace.", static (stored, _) => stored.Name),
        .. type.Columns?.Select(column => Column.Of(column!.AsObject())) ?? (type.IsCustom ? [Column.Created] : BuiltInColumns.Of(type)),
    ];
}

/// <summary>One column of a Table.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="Type">As OpenAPI names types.</param>
/// <param name="Priority">Above 0 for <c>-o wide</c> only.</param>
/// <param name="Description">For people.</param>
/// <param name="Cell">From an object and the time.</param>
internal sealed record Column(string Name, string Type, int Priority, string Description, Func<StoredObject, DateTimeOffset, JsonNode?> Cell)
{
    /// <summary>What a definition without columns of its own has.</summary>
    public static Column Created { get; } = new("Age", "date", 0, "", static (stored, now) => Age(stored.Metadata["creationTimestamp"], now));

    /// <summary>One of <c>additionalPrinterColumns</c>.</summary>
    public static Column Of(JsonObject column)
    {
        var (type, path) = (column["type"]!.GetValue<string>(), column["jsonPath"]!.GetValue<string>());
        return new(column["name"]!.GetValue<string>(), type, column["priority"]?.GetValue<int>() ?? 0, column["description"]?.GetValue<string>() ?? "",
            (stored, now) => Value(JsonPath.Find(stored.Content, path), type, now));
    }

    /// <summary>As kubectl writes how long ago something was.</summary>
    public static string Age(JsonNode? at, DateTimeOffset now) => at is null ? "<unknown>"
        : DateTimeOffset.TryParse(at.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? Age(now - time)
        : "<invalid>";

    private static JsonNode? Value(JsonNode? value, string type, DateTimeOffset now) => type switch
    {
        "date" => Age(value, now),
        _ when value is null => null,
        "integer" or "number" or "boolean" when value.GetValueKind() is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.DeepClone(),
        _ => value is JsonObject or JsonArray ? value.ToJsonString() : value.ToString(),
    };

    private static string Age(TimeSpan age) => age switch
    {
        { TotalSeconds: < 0 } => "<invalid>",
        { TotalSeconds: < 120 } => $"{(int)age.TotalSeconds}s",
        { TotalMinutes: < 10 } => $"{(int)age.TotalMinutes}m{(age.Seconds == 0 ? "" : $"{age.Seconds}s")}",
        { TotalHours: < 3 } => $"{(int)age.TotalMinutes}m",
        { TotalHours: < 8 } => $"{(int)age.TotalHours}h{(age.Minutes == 0 ? "" : $"{age.Minutes}m")}",
        { TotalHours: < 48 } => $"{(int)age.TotalHours}h",
        _ => $"{(int)age.TotalDays}d",
    };
}
