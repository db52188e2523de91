using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace IoFog.Operator.Kubernetes;

/// <summary>
/// Keeps up with one collection for good: lists it in pages, watches from there, and after a loss of history lists again.
/// Objects are handed on as UTF-8 JSON and never become an object model.
/// </summary>
/// <param name="api">The cluster.</param>
/// <param name="path">The collection: <c>apis/iofog.org/v3/namespaces/edge/agents</c>.</param>
/// <param name="query">A selector as in a URL (<c>labelSelector=…</c>), or empty.</param>
/// <param name="metadataOnly">True to receive PartialObjectMetadata.</param>
/// <param name="time">For back-off and stalls.</param>
/// <param name="logger">Where lists and losses are told.</param>
public sealed class ResourceWatch(KubernetesApi api, string path, string query, bool metadataOnly, TimeProvider time, ILogger logger)
{
    private const int PageSize = 500;
    private static readonly TimeSpan ShortestBackOff = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Healthy = TimeSpan.FromMinutes(1);

    private long lastSign = time.GetTimestamp();
    private TimeSpan signEvery = TimeSpan.FromMinutes(10);

    /// <summary>Receives one object.</summary>
    public delegate void ObjectReceived(WatchKind kind, ReadOnlySpan<byte> json);

    /// <summary>The collection, for logs and metrics.</summary>
    public string Path => path;

    /// <summary>True while a watch is open and what was handed on is current.</summary>
    public bool IsCurrent { get; private set; }

    /// <summary>True when nothing came, not even a bookmark or the end of a watch, for twice as long as one may take.</summary>
    public bool IsStalled => time.GetElapsedTime(lastSign) > signEvery * 2;

    /// <summary>Lists and watches until it is cancelled.</summary>
    /// <param name="received">Called for every object of a list, as <see cref="WatchKind.Listed"/>, and for every event.</param>
    /// <param name="listed">Called after each complete list: what was not received since the last call is gone.</param>
    /// <param name="lost">Called when the watch ends in another way than by its time-out; what is known may be old.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(
        ObjectReceived received, Func<CancellationToken, Task> listed, Action lost, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(received);
        ArgumentNullException.ThrowIfNull(listed);
        ArgumentNullException.ThrowIfNull(lost);
        string? version = null;
        var backOff = ShortestBackOff;
        while (!cancellationToken.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            try
            {
                if (version is null)
                {
                    version = await ListAsync(received, cancellationToken);
                    await listed(cancellationToken);
                }

                IsCurrent = true;
                version = await WatchAsync(version, received, cancellationToken);
                Sign();
                backOff = ShortestBackOff;
                continue;
            }
            catch (KubernetesException e) when (e.IsGone)
            {
                Log.HistoryLost(logger, path);
                version = null;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && IsPassing(e))
            {
                Log.WatchFailed(logger, path, e);
            }

            IsCurrent = false;
            lost();
            if (time.GetElapsedTime(began) > Healthy)
                backOff = ShortestBackOff;
            await Task.Delay(Jittered(backOff), time, cancellationToken);
            backOff = backOff * 2 < LongestBackOff ? backOff * 2 : LongestBackOff;
        }
    }

    // Everything that a server, a proxy or a broken connection can do to a stream; a bug of ours is none of these.
    private static bool IsPassing(Exception e) =>
        e is HttpRequestException or IOException or KubernetesException or JsonException or OperationCanceledException;

    private async Task<string> ListAsync(ObjectReceived received, CancellationToken cancellationToken)
    {
        string? token = null;
        while (true)
        {
            var uri = $"{path}?limit={PageSize}{And(query)}{(token is null ? "" : $"&continue={Uri.EscapeDataString(token)}")}";
            using var response = await api.SendAsync(Request(uri), HttpCompletionOption.ResponseContentRead, cancellationToken);
            await KubernetesApi.ThrowUnlessSuccessAsync(response, cancellationToken);
            var page = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            Sign();
            var (version, next) = ReadPage(page, received);
            if (next is null)
                return version;
            token = next;
        }
    }

    private static (string Version, string? Continue) ReadPage(ReadOnlySpan<byte> page, ObjectReceived received)
    {
        string? version = null, next = null;
        var reader = new Utf8JsonReader(page);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                (version, next) = ReadListMetadata(ref reader);
            }
            else if (reader.ValueTextEquals("items"u8))
            {
                reader.Read();
                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                {
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    received(WatchKind.Listed, page[start..(int)reader.BytesConsumed]);
                }
            }
            else
            {
                reader.Skip();
            }
        }

        return (version ?? throw new JsonException("the list has no resourceVersion"), string.IsNullOrEmpty(next) ? null : next);
    }

    private static (string? Version, string? Continue) ReadListMetadata(ref Utf8JsonReader reader)
    {
        string? version = null, next = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isVersion, isNext) = (reader.ValueTextEquals("resourceVersion"u8), reader.ValueTextEquals("continue"u8));
            reader.Read();
            if (isVersion)
                version = reader.GetString();
            else if (isNext)
                next = reader.GetString();
            else
                reader.Skip();
        }

        return (version, next);
    }

    /// <returns>The version to go on from when the watch ended by its time-out.</returns>
    private async Task<string> WatchAsync(string version, ObjectReceived received, CancellationToken cancellationToken)
    {
        // Spread over five to ten minutes, so that many watches do not end together.
        var seconds = (int)Jittered(TimeSpan.FromSeconds(450)).TotalSeconds;
        signEvery = TimeSpan.FromSeconds(seconds);
        var uri = $"{path}?watch=1&allowWatchBookmarks=true&timeoutSeconds={seconds}&resourceVersion={version}{And(query)}";
        using var response = await api.SendAsync(Request(uri), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await KubernetesApi.ThrowUnlessSuccessAsync(response, cancellationToken);
        Sign();
        using var stalled = new CancellationTokenSource(signEvery * 2, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stalled.Token);
        var reader = PipeReader.Create(await response.Content.ReadAsStreamAsync(either.Token));
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(either.Token);
                var rest = read.Buffer;
                while (TryReadLine(ref rest, out var line))
                {
                    Sign();
                    version = ReadEvent(line, received) ?? version;
                }

                reader.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted)
                    return version;
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static bool TryReadLine(ref ReadOnlySequence<byte> rest, out ReadOnlySequence<byte> line)
    {
        if (rest.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }

        line = rest.Slice(0, end);
        rest = rest.Slice(rest.GetPosition(1, end));
        return true;
    }

    /// <returns>The resourceVersion that the event carries.</returns>
    private static string? ReadEvent(ReadOnlySequence<byte> line, ObjectReceived received)
    {
        byte[]? rented = null;
        ReadOnlySpan<byte> json;
        if (line.IsSingleSegment)
        {
            json = line.FirstSpan;
        }
        else
        {
            rented = ArrayPool<byte>.Shared.Rent((int)line.Length);
            line.CopyTo(rented);
            json = rented.AsSpan(0, (int)line.Length);
        }

        try
        {
            return json.IsEmpty ? null : ReadEvent(json, received);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static string? ReadEvent(ReadOnlySpan<byte> json, ObjectReceived received)
    {
        WatchKind? kind = null;
        var isError = false;
        var body = default(ReadOnlySpan<byte>);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            var isObject = reader.ValueTextEquals("object"u8);
            reader.Read();
            if (isType)
            {
                isError = reader.ValueTextEquals("ERROR"u8);
                kind = reader.ValueTextEquals("ADDED"u8) ? WatchKind.Added
                    : reader.ValueTextEquals("MODIFIED"u8) ? WatchKind.Modified
                    : reader.ValueTextEquals("DELETED"u8) ? WatchKind.Deleted
                    : null;
            }
            else if (isObject)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                body = json[start..(int)reader.BytesConsumed];
            }
            else
            {
                reader.Skip();
            }
        }

        if (isError)
            throw ErrorIn(body);
        if (kind is { } known)
            received(known, body);
        return VersionOf(body);
    }

    private static KubernetesException ErrorIn(ReadOnlySpan<byte> status)
    {
        var (code, reason) = (HttpStatusCode.InternalServerError, "Unknown");
        var reader = new Utf8JsonReader(status);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isCode, isReason) = (reader.ValueTextEquals("code"u8), reader.ValueTextEquals("reason"u8));
            reader.Read();
            if (isCode)
                code = (HttpStatusCode)reader.GetInt32();
            else if (isReason)
                reason = reader.GetString() ?? reason;
            else
                reader.Skip();
        }

        return new(code, reason, [], "watch");
    }

    private static string? VersionOf(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isMetadata = reader.ValueTextEquals("metadata"u8);
            reader.Read();
            if (isMetadata)
                return ReadListMetadata(ref reader).Version;
            reader.Skip();
        }

        return null;
    }

    private HttpRequestMessage Request(string uri)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, uri);
        var list = uri.Contains("watch=1", StringComparison.Ordinal) ? "" : "List";
        request.Headers.TryAddWithoutValidation(
            "Accept", metadataOnly ? $"application/json;as=PartialObjectMetadata{list};g=meta.k8s.io;v=v1" : "application/json");
        return request;
    }

    private void Sign() => lastSign = time.GetTimestamp();

    private static string And(string query) => query.Length == 0 ? "" : $"&{query}";

#pragma warning disable CA5394 // spread, not security
    private static TimeSpan Jittered(TimeSpan delay) => delay * (0.67 + (0.66 * Random.Shared.NextDouble()));
#pragma warning restore CA5394
}

/// <summary>How an object came.</summary>
public enum WatchKind
{
    Listed,
    Added,
    Modified,
    Deleted,
}
