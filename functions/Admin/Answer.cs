using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using IoFog.Operator.Kubernetes;
using Microsoft.AspNetCore.Http;

namespace IoFog.Operator.Admin;

/// <summary>Answers in JSON; what has not changed since the asker last looked is a 304.</summary>
internal static class Answer
{
    public static Task WriteAsync(HttpContext context, int status, JsonObject body, string contentType = "application/json") =>
        WriteAsync(context, status, JsonSerializer.SerializeToUtf8Bytes(body, KubernetesJson.Default.JsonObject), contentType);

    /// <summary>200 with an entity tag, or 304.</summary>
    public static Task ShowAsync<T>(HttpContext context, T body, JsonTypeInfo<T> type) =>
        ShowAsync(context, JsonSerializer.SerializeToUtf8Bytes(body, type), "application/json");

    /// <inheritdoc cref="ShowAsync{T}"/>
    public static Task ShowAsync(HttpContext context, byte[] body, string contentType)
    {
        var tag = string.Create(CultureInfo.InvariantCulture, $"\"{Seen.Hash(body):x16}\"");
        context.Response.Headers.ETag = tag;
        if (!context.Request.Headers.IfNoneMatch.ToString().Contains(tag, StringComparison.Ordinal))
            return WriteAsync(context, StatusCodes.Status200OK, body, contentType);
        Protect(context.Response.Headers);
        context.Response.StatusCode = StatusCodes.Status304NotModified;
        return Task.CompletedTask;
    }

    public static Task WriteAsync(HttpContext context, int status, byte[] body, string contentType)
    {
        Protect(context.Response.Headers);
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    // no-cache lets a browser keep an answer to ask with its tag; private keeps proxies out.
    private static void Protect(IHeaderDictionary headers)
    {
        headers.CacheControl = "private, no-cache";
        headers.Vary = "Authorization";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
    }
}
