using System.Buffers;
using System.IO.Pipelines;
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
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Healthy = TimeSpan.FromMinutes(1);

    /// <summary>A server that sends bookmarks sends one a minute.</summary>
    private static readonly TimeSpan BookmarkSilence = TimeSpan.FromMinutes(3);

    /// <summary>A page may take long, but not without a byte.</summary>
    private static readonly TimeSpan ListSilence = TimeSpan.FromSeconds(60);

    private string? version;
    private long lastSign = time.GetTimestamp();
    private TimeSpan silence = TimeSpan.FromMinutes(20);

    /// <summary>The collection, for logs and metrics.</summary>
    public string Path => path;

    /// <summary>Path and selector: what tells this watch from others.</summary>
    public string Source => query.Length == 0 ? path : $"{path}?{query}";

    /// <summary>True while a watch is open and what was handed on is current.</summary>
    public bool IsCurrent { get; private set; }

    /// <summary>True when nothing came, not even a bookmark or the end of a watch, for twice as long as a watch is silent at most.</summary>
    public bool IsStalled => time.GetElapsedTime(Volatile.Read(ref lastSign)) > silence * 2;

    /// <summary>Lists and watches until it is cancelled.</summary>
    public async Task RunAsync(IWatchTarget target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        Sign(); // a standby was made long before
        version = null;
        var backOff = ShortestBackOff;
        while (!cancellationToken.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            TimeSpan? asked = null;
            try
            {
                version ??= await ListAsync(target, cancellationToken);
                await WatchAsync(version, target, cancellationToken);
                Sign();
                backOff = ShortestBackOff;

                // A server that ends its watches at once is not asked again and again without a pause.
                if (time.GetElapsedTime(began) > ShortestBackOff)
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
                asked = (e as KubernetesException)?.RetryAfter;
            }

            IsCurrent = false;
            target.Lost();
            if (time.GetElapsedTime(began) > Healthy)
                backOff = ShortestBackOff;
            await Task.Delay(Longer(Jittered(backOff), asked), time, cancellationToken);
            backOff = backOff * 2 < LongestBackOff ? backOff * 2 : LongestBackOff;
        }
    }

    // Everything that a server, a proxy or a broken connection can do to a stream; a bug of ours is none of these.
    private static bool IsPassing(Exception e) =>
        e is HttpRequestException or IOException or KubernetesException or JsonException or OperationCanceledException;

    private static TimeSpan Longer(TimeSpan delay, TimeSpan? asked) =>
        asked is not { } least || least < delay ? delay : least < LongestRetryAfter ? least : LongestRetryAfter;

    private async Task<string> ListAsync(IWatchTarget target, CancellationToken cancellationToken)
    {
        target.ListBegins();
        string? token = null;
        while (true)
        {
            var uri = $"{path}?limit={PageSize}{And(query)}{(token is null ? "" : $"&continue={Uri.EscapeDataString(token)}")}";
            using var silent = new Silence(ListSilence, time, cancellationToken);
            using var response = await api.SendAsync(Request(uri), HttpCompletionOption.ResponseHeadersRead, silent.Token);
            await KubernetesApi.ThrowUnlessSuccessAsync(response, silent.Token);
            await using var content = silent.Guard(await response.Content.ReadAsStreamAsync(silent.Token));
            var (listed, next) = await new ListPage(target).ReadAsync(content, silent.Token);
            Sign();
            if (next is null)
            {
                target.Listed();
                return listed;
            }

            token = next;
        }
    }

    /// <summary>Watches until the server ends it; <see cref="version"/> is where to go on, also when the stream breaks.</summary>
    private async Task WatchAsync(string from, IWatchTarget target, CancellationToken cancellationToken)
    {
        // Spread over five to ten minutes, so that many watches do not end together.
        var seconds = (int)Jittered(TimeSpan.FromSeconds(450)).TotalSeconds;
        silence = TimeSpan.FromSeconds(seconds + 30);
        var uri = $"{path}?watch=1&allowWatchBookmarks=true&timeoutSeconds={seconds}&resourceVersion={Uri.EscapeDataString(from)}{And(query)}";
        using var silent = new Silence(ListSilence, time, cancellationToken);
        using var response = await api.SendAsync(Request(uri), HttpCompletionOption.ResponseHeadersRead, silent.Token);
        await KubernetesApi.ThrowUnlessSuccessAsync(response, silent.Token);
        Sign();
        silent.Allow(silence);
        var reader = PipeReader.Create(await response.Content.ReadAsStreamAsync(silent.Token));
        IsCurrent = true;
        target.Opened();
        try
        {
            long seen = 0;
            while (true)
            {
                var read = await reader.ReadAsync(silent.Token);
                var rest = read.Buffer;
                while (TryReadLine(ref rest, ref seen, out var line))
                {
                    if (!line.IsEmpty)
                        JsonText.Hand(line, target, Take);
                    Sign();
                    silent.Allow(silence);
                }

                if (rest.Length > JsonText.LongestObject)
                    throw new JsonException("an event of the watch has no end");
                var isCut = read.IsCompleted && !rest.IsEmpty;
                reader.AdvanceTo(rest.Start, rest.End);
                if (isCut)
                    throw new JsonException("the watch ended in the middle of an event");
                if (read.IsCompleted)
                    return;
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    /// <param name="rest">What was read and not yet used.</param>
    /// <param name="seen">How much of it is known to hold no end of a line.</param>
    /// <param name="line">The line, without its end.</param>
    private static bool TryReadLine(ref ReadOnlySequence<byte> rest, ref long seen, out ReadOnlySequence<byte> line)
    {
        if (rest.Slice(seen).PositionOf((byte)'\n') is not { } end)
        {
            (line, seen) = (default, rest.Length);
            return false;
        }

        line = rest.Slice(0, end);
        rest = rest.Slice(rest.GetPosition(1, end));
        seen = 0;
        return true;
    }

    private void Take(IWatchTarget target, ReadOnlySpan<byte> json)
    {
        version = WatchEvent.Read(json, target, out var isBookmark) ?? version;
        if (isBookmark)
            silence = BookmarkSilence;
    }

    private HttpRequestMessage Request(string uri)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, uri);
        var list = uri.Contains("watch=1", StringComparison.Ordinal) ? "" : "List";
        request.Headers.TryAddWithoutValidation(
            "Accept", metadataOnly ? $"application/json;as=PartialObjectMetadata{list};g=meta.k8s.io;v=v1" : "application/json");
        return request;
    }

    private void Sign() => Volatile.Write(ref lastSign, time.GetTimestamp());

    private static string And(string query) => query.Length == 0 ? "" : $"&{query}";

#pragma warning disable CA5394 // spread, not security
    private static TimeSpan Jittered(TimeSpan delay) => delay * (0.67 + (0.66 * Random.Shared.NextDouble()));
#pragma warning restore CA5394
}
