using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster;

/// <summary>A request that may write, read from the wire.</summary>
internal sealed record WriteRequest(ResourceType Type, RequestPath Path, JsonNode? Body, string ContentType, IQueryCollection Query, HttpResponse Response, string Agent, User User)
{
    public string Namespace => Path.Namespace ?? "";

    public string Name => Path.Name ?? "";

    public bool IsWatch => Query["watch"] == "1" || Query["watch"] == "true";

    public bool IsDryRun => Query["dryRun"] == "All";

    public bool Force => Query["force"] == "true";

    /// <summary>Who owns what is written: the parameter, or else the first word of the client's name.</summary>
    public string Manager => Query["fieldManager"].ToString() is { Length: > 0 } manager ? manager
        : Agent.Split('/')[0] is { Length: > 0 } agent ? agent
        : "unknown";

    /// <summary>Reports fields that the schema does not know, as the request wants it.</summary>
    /// <exception cref="ApiError">Validation is strict.</exception>
    public void ReportUnknown(IReadOnlyCollection<string> fields)
    {
        if (fields.Count == 0)
            return;
        var texts = fields.Select(field => $"unknown field \"{field}\"").ToArray();
        switch (Query["fieldValidation"].ToString())
        {
            case "Strict":
                throw ApiError.BadRequest($"{Type.Kind} in version \"{Type.Version}\" cannot be handled as a {Type.Kind}: strict decoding error: {string.Join(", ", texts)}");
            case "Ignore":
                break;
            default:
                foreach (var text in texts)
                    Response.Headers.Append("Warning", $"299 - \"{text.Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
                break;
        }
    }

    public static async Task<WriteRequest> ReadAsync(HttpContext context, ResourceType type, RequestPath path, User user)
    {
        var contentType = context.Request.ContentType?.Split(';')[0].Trim() ?? "application/json";
        return new(
            type, path, await Cluster.Body.ReadAsync(context), contentType, context.Request.Query, context.Response,
            context.Request.Headers.UserAgent.ToString(), user);
    }
}
