using System.Text.Json;
using System.Text.Json.Nodes;
using IoFog.Operator.Kubernetes;
using Microsoft.AspNetCore.Http;

namespace IoFog.Operator.Admin;

/// <summary>A refusal, told as <c>application/problem+json</c>.</summary>
internal sealed class Problem(int status, string title) : Exception(title)
{
    public Task WriteAsync(HttpContext context) => Answer.WriteAsync(
        context, status, new JsonObject { ["type"] = "about:blank", ["title"] = Message, ["status"] = status }, "application/problem+json");
}

internal static class Answer
{
    public static Task WriteAsync(HttpContext context, int status, JsonObject body, string contentType = "application/json")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body, KubernetesJson.Default.JsonObject), context.RequestAborted).AsTask();
    }
}
