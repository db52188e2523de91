using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace IoFog.Operator.Local.Controller;

/// <summary>Finds the endpoint of a request and answers, as Express with the Controller's middleware does.</summary>
internal sealed class Router(ControllerState state, Users users, AgentApi devices, IReadOnlyList<Endpoint> endpoints)
{
    private const int LargestBody = 100 * 1024;

    public async Task HandleAsync(HttpContext context)
    {
        context.Response.Headers["X-Timestamp"] = $"{state.NowMs()}";
        context.Response.Headers.KeepAlive = "timeout=5";
        context.Response.Headers.AccessControlAllowOrigin = "*";
        try
        {
            if (context.Request.Method == "OPTIONS")
            {
                context.Response.StatusCode = 204;
                context.Response.Headers.AccessControlAllowMethods = "GET,HEAD,PUT,PATCH,POST,DELETE";
                return;
            }

            if (Find(context.Request) is not var (endpoint, parameters))
            {
                await PageAsync(context, 404, $"Cannot {context.Request.Method} {context.Request.Path}");
                return;
            }

            if (await ReadAsync(context, endpoint.Upload) is not { } body)
                return;
            JsonNode? answer;
            lock (state.Gate)
            {
                var user = endpoint.IsPublic || endpoint.IsForDevices ? null : users.Authorize(context.Request);
                var agent = endpoint.IsForDevices ? devices.Authorize(context.Request) : null;
                if (endpoint.IsRendered && context.Request.Method is not "GET" and not "DELETE")
                    Liquid.Render(body);
                answer = endpoint.Answer(new(parameters, body, context.Request.Query, user, agent))?.DeepClone();
            }

            await WriteAsync(context, endpoint.Success, answer);
        }
        catch (Refusal refusal)
        {
            await WriteAsync(context, refusal.Code, refusal.ToJson());
        }
    }

    private (Endpoint Endpoint, IReadOnlyList<string> Parameters)? Find(HttpRequest request)
    {
        var path = request.Path.Value!.Trim('/').Split('/');
        if (path is not ["api", "v3", .. var rest])
            return null;
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Method != request.Method && !(request.Method == "HEAD" && endpoint.Method == "GET"))
                continue;
            var pattern = endpoint.Pattern.Split('/');
            if (pattern.Length != rest.Length || !pattern.Zip(rest).All(pair => pair.First == "*" || string.Equals(pair.First, pair.Second, StringComparison.OrdinalIgnoreCase)))
                continue;
            return (endpoint, [.. pattern.Zip(rest).Where(pair => pair.First == "*").Select(pair => Uri.UnescapeDataString(pair.Second))]);
        }

        return null;
    }

    /// <returns>Null when the body was refused and the answer is written.</returns>
    private static async Task<JsonObject?> ReadAsync(HttpContext context, YamlUpload? upload)
    {
        if (upload is not null)
        {
            var made = await upload.ReadAsync(context.Request, context.RequestAborted);
            if (made is null)
                await PageAsync(context, 500, "MulterError: Unexpected field");
            return made;
        }

        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync(context.RequestAborted);
        if (text.Length > LargestBody)
        {
            await PageAsync(context, 413, "PayloadTooLargeError: request entity too large");
            return null;
        }

        if (context.Request.HasFormContentType && context.Request.ContentType!.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
            return new(QueryHelpers.ParseQuery(text).Select(field => KeyValuePair.Create(field.Key, (JsonNode?)field.Value.ToString())));

        // Any other content type is read as an empty body.
        if (text.Length == 0 || context.Request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) != true)
            return [];
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            await PageAsync(context, 400, "Bad Request");
            return null;
        }
    }

    private static Task WriteAsync(HttpContext context, int code, JsonNode? body)
    {
        context.Response.StatusCode = code;
        if (body is null)
            return Task.CompletedTask;
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body);
        var tag = $"W/\"{bytes.Length:x}-{Convert.ToBase64String(SHA256.HashData(bytes))[..27]}\"";
        context.Response.Headers.ETag = tag;
        if (code == 200 && context.Request.Method is "GET" or "HEAD" && context.Request.Headers.IfNoneMatch == tag)
        {
            context.Response.StatusCode = 304; // the work was done all the same
            return Task.CompletedTask;
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    private static Task PageAsync(HttpContext context, int code, string text)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync($"<!DOCTYPE html>\n<html lang=\"en\"><body><pre>{text}</pre></body></html>\n", context.RequestAborted);
    }
}
