using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IoFog.Operator.Local.Cluster;

/// <summary>Get, list and watch, in the form that the client accepts.</summary>
internal sealed class Reads(ClusterState state, ClusterOptions options, CancellationToken stopping)
{
    private static readonly byte[] NewLine = "\n"u8.ToArray();

    public Task GetAsync(HttpContext context, ResourceType type, RequestPath asked)
    {
        var stored = state.Storage.Find(ResourceKind.Of(type), asked.Namespace ?? "", asked.Name!) ?? throw ApiError.NotFound(type, asked.Name!);
        return asked.Subresource == "scale" ? ApiServer.WriteAsync(context, 200, ScaleOf(stored)) : ShowAsync(context, 200, type, stored);
    }

    public static Task ShowScaleAsync(HttpContext context, StoredObject stored) => ApiServer.WriteAsync(context, 200, ScaleOf(stored));

    public Task ShowAsync(HttpContext context, int code, ResourceType type, StoredObject stored)
    {
        var form = FormOf(context.Request);
        return form switch
        {
            Form.Table => ApiServer.WriteAsync(context, code, Tables.Of(type, [stored], $"{stored.Version}", null, true, state.Time.GetUtcNow())),
            Form.Partial => ApiServer.WriteAsync(context, code, Tables.PartialOf(stored)),
            _ when type == ResourceTypes.CoreEvent => ApiServer.WriteAsync(context, code, Events.ToCore(stored.Content)),
            _ => WriteAsync(context, code, stored.In(type).Utf8),
        };
    }

    public Task ListOrWatchAsync(HttpContext context, ResourceType type, RequestPath asked)
    {
        var query = context.Request.Query;
        var fields = query["fieldSelector"].ToString();
        if (asked.Name is not null)
            fields = fields.Length == 0 ? $"metadata.name={asked.Name}" : $"{fields},metadata.name={asked.Name}";
        var selected = Selectors.Parse(query["labelSelector"], fields);
        return query["watch"] == "1" || query["watch"] == "true"
            ? WatchAsync(context, type, asked.Namespace, selected)
            : ListAsync(context, type, asked.Namespace, selected);
    }

    private Task ListAsync(HttpContext context, ResourceType type, string? @namespace, Func<StoredObject, bool> selected)
    {
        var (all, version) = state.Storage.List(ResourceKind.Of(type), @namespace);
        var matching = all.Where(selected);
        string? next = null;
        if (context.Request.Query["continue"].ToString() is { Length: > 0 } token)
        {
            var (from, after) = Decode(token);
            version = from;
            matching = matching.SkipWhile(stored => string.CompareOrdinal($"{stored.Namespace}/{stored.Name}", after) <= 0);
        }

        var items = matching.ToList();
        if (int.TryParse(context.Request.Query["limit"], out var limit) && limit > 0 && items.Count > limit)
        {
            items.RemoveRange(limit, items.Count - limit);
            next = Encode(version, $"{items[^1].Namespace}/{items[^1].Name}");
        }

        if (FormOf(context.Request) == Form.Table)
            return ApiServer.WriteAsync(context, 200, Tables.Of(type, items, $"{version}", next, true, state.Time.GetUtcNow()));
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            var partial = FormOf(context.Request) == Form.Partial;
            writer.WriteStartObject();
            writer.WriteString("kind", partial ? "PartialObjectMetadataList" : $"{type.Kind}List");
            writer.WriteString("apiVersion", partial ? "meta.k8s.io/v1" : type.ApiVersion);
            writer.WriteStartObject("metadata");
            writer.WriteString("resourceVersion", $"{version}");
            if (next is not null)
                writer.WriteString("continue", next);
            writer.WriteEndObject();
            writer.WriteStartArray("items");
            foreach (var stored in items)
                writer.WriteRawValue(BytesOf(type, stored, partial ? Form.Partial : Form.Whole), skipInputValidation: true);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return WriteAsync(context, 200, buffer.ToArray());
    }

    private async Task WatchAsync(HttpContext context, ResourceType type, string? @namespace, Func<StoredObject, bool> selected)
    {
        var query = context.Request.Query;
        var seconds = int.TryParse(query["timeoutSeconds"], out var asked) && asked > 0 ? asked : 3600;
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), state.Time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, timeout.Token, stopping);
        var form = FormOf(context.Request);
        var from = query["resourceVersion"].ToString();
        var withInitial = query["sendInitialEvents"] == "true" || from is "" or "0";
        var (initial, version) = state.Storage.List(ResourceKind.Of(type), @namespace);
        var start = withInitial ? version : long.Parse(from);
        context.Response.ContentType = "application/json";
        var events = state.Storage.Follow(ResourceKind.Of(type), start, ends.Token);
        if (events is null)
        {
            var gone = ApiError.Gone($"too old resource version: {from}");
            await WriteEventAsync(context, "ERROR", JsonSerializer.SerializeToUtf8Bytes(gone.ToStatus()));
            return;
        }

        await context.Response.Body.FlushAsync(ends.Token);
        var isFirst = true;
        try
        {
            foreach (var stored in withInitial ? initial.Where(selected) : [])
                await ShowEventAsync("ADDED", stored);
            if (query["sendInitialEvents"] == "true")
                await WriteEventAsync(context, "BOOKMARK", BookmarkOf(type, version, initialEnd: true));
            await context.Response.Body.FlushAsync(ends.Token);
            while (true)
            {
                var waiting = events.WaitToReadAsync(ends.Token).AsTask();
                while (query["allowWatchBookmarks"] == "true" && !waiting.IsCompleted)
                {
                    var bookmark = Task.Delay(options.BookmarkEvery, state.Time, ends.Token);
                    if (await Task.WhenAny(waiting, bookmark) != bookmark)
                        break;
                    await bookmark;
                    var reached = state.Storage.Version;
                    if (events.TryPeek(out _))
                        break; // whoever goes on from a version has seen all up to it
                    await WriteEventAsync(context, "BOOKMARK", BookmarkOf(type, reached, initialEnd: false));
                    await context.Response.Body.FlushAsync(ends.Token);
                }

                if (!await waiting)
                    return;
                while (events.TryRead(out var happened))
                {
                    if (@namespace is not null && happened.Object.Namespace != @namespace)
                        continue;
                    var (was, isNow) = (happened.Before is { } before && selected(before), happened.Type != "DELETED" && selected(happened.Object));
                    if (was || isNow)
                        await ShowEventAsync(!isNow ? "DELETED" : was ? "MODIFIED" : "ADDED", happened.Object);
                }

                await context.Response.Body.FlushAsync(ends.Token);
            }
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            // The end that the client asked for: the stream closes in good order.
        }

        Task ShowEventAsync(string what, StoredObject stored)
        {
            var body = form == Form.Table
                ? JsonSerializer.SerializeToUtf8Bytes(Tables.Of(type, [stored], $"{stored.Version}", null, isFirst, state.Time.GetUtcNow()))
                : BytesOf(type, stored, form);
            isFirst = false;
            return WriteEventAsync(context, what, body);
        }
    }

    private static async Task WriteEventAsync(HttpContext context, string type, byte[] body)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\",\"object\":"), context.RequestAborted);
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
        await context.Response.Body.WriteAsync("}"u8.ToArray(), context.RequestAborted);
        await context.Response.Body.WriteAsync(NewLine, context.RequestAborted);
    }

    private static byte[] BookmarkOf(ResourceType type, long version, bool initialEnd)
    {
        var metadata = new JsonObject { ["resourceVersion"] = $"{version}", ["creationTimestamp"] = null };
        if (initialEnd)
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["kind"] = type.Kind, ["apiVersion"] = type.ApiVersion, ["metadata"] = metadata });
    }

    private static byte[] BytesOf(ResourceType type, StoredObject stored, Form form) => form == Form.Partial
        ? JsonSerializer.SerializeToUtf8Bytes(Tables.PartialOf(stored))
        : type == ResourceTypes.CoreEvent ? JsonSerializer.SerializeToUtf8Bytes(Events.ToCore(stored.Content)) : stored.In(type).Utf8;

    private static JsonObject ScaleOf(StoredObject stored) => new()
    {
        ["kind"] = "Scale",
        ["apiVersion"] = "autoscaling/v1",
        ["metadata"] = new JsonObject
        {
            ["name"] = stored.Name,
            ["namespace"] = stored.Namespace,
            ["uid"] = stored.Uid,
            ["resourceVersion"] = $"{stored.Version}",
            ["creationTimestamp"] = stored.Metadata["creationTimestamp"]?.DeepClone(),
        },
        ["spec"] = new JsonObject { ["replicas"] = stored.Content["spec"]?["replicas"]?.DeepClone() },
        ["status"] = new JsonObject { ["replicas"] = stored.Content["status"]?["replicas"]?.DeepClone() ?? 0 },
    };

    private static Form FormOf(HttpRequest request)
    {
        foreach (var option in request.Headers.Accept.ToString().Split(','))
        {
            if (option.Contains("as=Table", StringComparison.Ordinal))
                return Form.Table;
            if (option.Contains("as=PartialObjectMetadata", StringComparison.Ordinal))
                return Form.Partial;
            if (option.Trim() is "application/json" or "*/*")
                return Form.Whole;
        }

        return Form.Whole;
    }

    private static string Encode(long version, string after) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{version}|{after}"));

    private static (long Version, string After) Decode(string token)
    {
        var text = Encoding.UTF8.GetString(Convert.FromBase64String(token));
        var bar = text.IndexOf('|', StringComparison.Ordinal);
        return (long.Parse(text[..bar]), text[(bar + 1)..]);
    }

    private static Task WriteAsync(HttpContext context, int code, byte[] body)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private enum Form
    {
        Whole,
        Partial,
        Table,
    }
}
