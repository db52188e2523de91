using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;

namespace IoFog.Operator.Local.Cluster;

/// <summary>Answers requests: who asks, what for, and in which form.</summary>
internal sealed class ApiServer(ClusterState state, Authorization authorization, string adminToken, ClusterOptions options, CancellationToken stopping)
{
    private const string OpenApiProtobuf = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    private readonly Writes writes = new(state, authorization);
    private readonly Reads reads = new(state, options, stopping);
    private readonly Reviews reviews = new(state, authorization, adminToken);

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await AnswerAsync(context);
        }
        catch (ApiError e)
        {
            await WriteAsync(context, e.Code, e.ToStatus());
        }
        catch (Exception e) when (e is JsonException or YamlException or InvalidOperationException or FormatException)
        {
            await WriteAsync(context, 400, ApiError.BadRequest($"the object provided is unrecognized: {e.Message}").ToStatus());
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!.Trim('/');
        if (path is "healthz" or "livez" or "readyz")
        {
            await context.Response.WriteAsync("ok", context.RequestAborted);
            return;
        }

        if (reviews.UserOf(context.Request) is not { } user)
            throw new ApiError(401, "Unauthorized", "Unauthorized");
        if (path == "openapi/v2" && context.Request.Headers.Accept.ToString() is var accepted && accepted.Contains(OpenApiProtobuf, StringComparison.Ordinal))
        {
            context.Response.ContentType = OpenApiProtobuf.Replace('@', '.'); // as it is asked for it is no media type
            await context.Response.Body.WriteAsync(Discovery.EmptyOpenApi, context.RequestAborted);
            return;
        }

        if (context.Request.Method == HttpMethods.Get && Discovery.Find(path, state.Types) is { } document)
        {
            await WriteAsync(context, 200, document);
            return;
        }

        var asked = RequestPath.Parse(path) ?? throw ApiError.NoSuchPath();
        if (context.Request.Method == HttpMethods.Post && await reviews.TryAnswerAsync(context, asked, user) is { } review)
        {
            await WriteAsync(context, 201, review);
            return;
        }

        var type = state.Types.Find(asked.Group, asked.Version, asked.Plural)
            ?? throw (asked.Group.Length > 0 && !state.Types.All.Any(type => type.Group == asked.Group) && !asked.Group.EndsWith(".k8s.io", StringComparison.Ordinal)
                ? ApiError.NoSuchPath()
                : state.Types.All.Any(type => type.Group == asked.Group && type.IsCustom) ? ApiError.NoSuchPath() : ApiError.NotServed(path));
        CheckSubresource(type, asked);
        if (type.IsAlwaysEmpty && context.Request.Method is "POST" or "PUT" or "PATCH")
            throw ApiError.NotServed(path);
        authorization.Require(user, AttemptOf(context.Request, asked, user), isRequest: true);
        var request = await WriteRequest.ReadAsync(context, type, asked, user);
        switch (context.Request.Method)
        {
            case "GET" when asked.Name is null || request.IsWatch:
                await reads.ListOrWatchAsync(context, type, asked);
                break;
            case "GET":
                await reads.GetAsync(context, type, asked);
                break;
            case "POST" when asked.Name is null:
                await reads.ShowAsync(context, 201, type, writes.Create(request));
                break;
            case "PUT" when asked.Subresource == "scale":
                await Reads.ShowScaleAsync(context, writes.Replace(request));
                break;
            case "PATCH" when asked.Subresource == "scale":
                await Reads.ShowScaleAsync(context, writes.Patch(request).Stored);
                break;
            case "PUT":
                await reads.ShowAsync(context, 200, type, writes.Replace(request));
                break;
            case "PATCH":
                var (stored, created) = writes.Patch(request);
                await reads.ShowAsync(context, created ? 201 : 200, type, stored);
                break;
            case "DELETE" when asked.Name is not null:
                var (last, gone) = writes.Delete(request);
                if (gone)
                    await WriteAsync(context, 200, Success(type, last));
                else
                    await reads.ShowAsync(context, 200, type, last);
                break;
            case "DELETE":
                writes.DeleteCollection(request);
                await WriteAsync(context, 200, new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success" });
                break;
            default:
                throw new ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        }
    }

    private static Attempt AttemptOf(HttpRequest request, RequestPath asked, User user)
    {
        var isWatch = request.Query["watch"] == "1" || request.Query["watch"] == "true";
        var verb = request.Method switch
        {
            "GET" when isWatch => "watch",
            "GET" => asked.Name is null ? "list" : "get",
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            _ => asked.Name is null ? "deletecollection" : "delete",
        };

        // A list or watch of one name counts as of that name; a namespace is in itself.
        var name = asked.Name
            ?? (verb is "list" or "watch" && request.Query["fieldSelector"].ToString() is { } fields && fields.StartsWith("metadata.name=", StringComparison.Ordinal) && !fields.Contains(',', StringComparison.Ordinal)
                ? fields["metadata.name=".Length..]
                : "");
        var @namespace = asked.Plural == "namespaces" && asked.Group.Length == 0 ? asked.Name : asked.Namespace;
        return new(user.Name, verb, asked.Group, asked.Subresource is null ? asked.Plural : $"{asked.Plural}/{asked.Subresource}", @namespace ?? "", name);
    }

    private static void CheckSubresource(ResourceType type, RequestPath asked)
    {
        var known = asked.Subresource switch
        {
            null => true,
            "status" => type.HasStatus,
            "scale" => type.HasScale,
            "finalize" => type == ResourceTypes.Namespace,
            _ => false,
        };
        if (!known)
            throw ApiError.NoSuchPath();
        if (type.Namespaced && asked.Namespace is null && asked.Name is not null)
            throw ApiError.NoSuchPath();
    }

    private static JsonObject Success(ResourceType type, StoredObject last) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Success",
        ["details"] = new JsonObject { ["name"] = last.Name, ["group"] = type.Group, ["kind"] = type.Plural, ["uid"] = last.Uid },
    };

    internal static Task WriteAsync(HttpContext context, int code, JsonObject body)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(body), context.RequestAborted).AsTask();
    }
}
