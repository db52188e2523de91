using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster;

/// <summary>The body of a request as JSON, whatever it was sent as.</summary>
internal static class Body
{
    /// <returns>Null when there is none.</returns>
    /// <exception cref="ApiError">415: a form that is not understood.</exception>
    public static async Task<JsonNode?> ReadAsync(HttpContext context)
    {
        var type = context.Request.ContentType ?? "application/json";
        if (type.Contains("cbor", StringComparison.Ordinal))
            throw new ApiError(415, "UnsupportedMediaType", "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf");
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        if (buffer.Length == 0)
            return null;
        return type.Contains("protobuf", StringComparison.Ordinal)
            ? JsonNode.Parse(Protobuf.Parse(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)).ToJsonString()) // numbers as a parser makes them
            : Yaml.Parse(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }
}
