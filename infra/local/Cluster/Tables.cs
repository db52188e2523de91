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
                ["cells"] = new JsonArray([.. columns.Select(column => Cell(column, stored, now))]),
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

    private static IReadOnlyList<Column> ColumnsOf(ResourceType type)
    {
        var columns = new List<Column> { new("Name", "string", ".metadata.name", "Name must be unique within a namespace.", 0) };
        if (type.Columns is { } own)
        {
            columns.AddRange(own.Select(column => new Column(
                column!["name"]!.GetValue<string>(),
                column["type"]!.GetValue<string>(),
                column["jsonPath"]!.GetValue<string>(),
                column["description"]?.GetValue<string>() ?? "",
                column["priority"]?.GetValue<int>() ?? 0)));
            return columns;
        }

        columns.AddRange(type.Kind switch
        {
            "Deployment" => [new("Ready", "string", "{.status.readyReplicas}/{.spec.replicas}", "", 0), new("Up-to-date", "integer", ".status.updatedReplicas", "", 0), new("Available", "integer", ".status.availableReplicas", "", 0)],
            "Service" => [new("Type", "string", ".spec.type", "", 0), new("Cluster-IP", "string", ".spec.clusterIP", "", 0), new("External-IP", "string", ".status.loadBalancer.ingress[0].ip", "", 0)],
            "Namespace" => [new("Status", "string", ".status.phase", "", 0)],
            "Secret" => [new("Type", "string", ".type", "", 0)],
            "Event" => [new("Type", "string", ".type", "", 0), new("Reason", "string", ".reason", "", 0), new("Object", "string", ".regarding.name", "", 0), new("Message", "string", ".note", "", 0)],
            _ => Array.Empty<Column>(),
        });
        columns.Add(new("Age", "date", ".metadata.creationTimestamp", "", 0));
        return columns;
    }

    private static JsonNode? Cell(Column column, StoredObject stored, DateTimeOffset now)
    {
        if (column.Path.Contains('{', StringComparison.Ordinal))
            return string.Join('/', column.Path.Split('/').Select(part => JsonPath.Find(stored.Content, part.Trim('{', '}'))?.ToString() ?? "0"));
        var value = JsonPath.Find(stored.Content, column.Path);
        if (value is null)
            return column.Type == "date" ? "<unknown>" : null;
        return column.Type switch
        {
            "date" => DateTimeOffset.TryParse(value.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? Age(now - time)
                : "<invalid>",
            "integer" or "number" or "boolean" when value.GetValueKind() is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.DeepClone(),
            _ => value is JsonObject or JsonArray ? value.ToJsonString() : value.ToString(),
        };
    }

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

    private sealed record Column(string Name, string Type, string Path, string Description, int Priority);
}
