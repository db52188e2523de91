using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace IoFog.Operator.Admin;

/// <summary>A refusal, told as <c>application/problem+json</c> (RFC 9457).</summary>
internal sealed class Problem(int status, string title) : Exception(title)
{
    public int Status => status;

    public TimeSpan? RetryAfter { get; init; }

    public Task WriteAsync(HttpContext context)
    {
        if (status == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"ioFog\"";
        if (RetryAfter is { } after)
            context.Response.Headers.RetryAfter = Math.Ceiling(after.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var body = new JsonObject { ["type"] = "about:blank", ["title"] = Message, ["status"] = status, ["instance"] = context.Request.Path.Value };
        return Answer.WriteAsync(context, status, body, "application/problem+json");
    }
}
