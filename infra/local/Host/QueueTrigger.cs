using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace IoFog.Operator.Local.Host;

/// <summary>Polls one queue and invokes its function, with the real host's intervals, visibility, retries and poison queue.</summary>
internal sealed class QueueTrigger(FunctionFile function, AppFolder app, Handler handler, HttpClient http, FunctionsHostOptions options)
{
    private static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a message is hidden while its function runs; renewed at half of it. Hard-coded in the real host too.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    /// <summary>The real host escapes only what JSON demands.</summary>
    private static readonly JsonSerializerOptions AsItIs = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly int batchSize = app.Number("extensions.queues.batchSize", 16);
    private readonly int threshold = app.Number("extensions.queues.newBatchThreshold", 8 * Environment.ProcessorCount);
    private readonly int maxDequeue = app.Number("extensions.queues.maxDequeueCount", 5);
    private readonly TimeSpan visibility = app.Time("extensions.queues.visibilityTimeout", TimeSpan.Zero);
    private readonly TimeSpan longestPoll = app.Time("extensions.queues.maxPollingInterval", TimeSpan.FromMinutes(1));
    private readonly bool isBase64 = app.Text("extensions.queues.messageEncoding", "base64") == "base64";
    private readonly HashSet<Task> running = [];
    private readonly QueueClient queue = new(options.Settings[function.Connection], function.Queue);
    private readonly QueueClient poison = new(options.Settings[function.Connection], $"{function.Queue}-poison");

    /// <summary>Polls until it is stopped, then waits for what runs.</summary>
    public async Task RunAsync(CancellationToken stopping, CancellationToken killed)
    {
        var empty = 0;
        try
        {
            while (true)
            {
                running.RemoveWhere(task => task.IsCompleted);
                if (running.Count > threshold)
                {
                    await Task.WhenAny(running).WaitAsync(stopping);
                    continue;
                }

                var messages = await ReceiveAsync(stopping);
                foreach (var message in messages)
                    running.Add(HandleAsync(message, killed));
                empty = messages.Length == 0 ? empty + 1 : 0;
                await Task.Delay(messages.Length == 0 ? Backed(empty) : TimeSpan.FromMilliseconds(1), options.Time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }

        await Task.WhenAll(running).WaitAsync(killed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

#pragma warning disable CA5394 // spread, not security
    // The first look into an empty queue costs the shortest wait, the next ones more and more: 0.1 s, 0.2 s, 0.3 s, 0.5 s, …
    private TimeSpan Backed(int empty)
    {
        var delay = empty == 1 ? ShortestPoll : ShortestPoll + (ShortestPoll * Math.Pow(2, Math.Min(empty - 2, 20)) * (0.8 + (0.4 * Random.Shared.NextDouble())));
        return delay < longestPoll ? delay : longestPoll;
    }
#pragma warning restore CA5394

    private async Task<QueueMessage[]> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await queue.ReceiveMessagesAsync(batchSize, Lease, cancellationToken);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return []; // not there yet, or the storage is away: polled again
        }
    }

    private async Task HandleAsync(QueueMessage message, CancellationToken killed)
    {
        try
        {
            if (message.DequeueCount > maxDequeue || Decode(message) is not { } text)
            {
                await PoisonAsync(message, killed);
                return;
            }

            using var ended = CancellationTokenSource.CreateLinkedTokenSource(killed);
            var lease = RenewAsync(message, ended.Token);
            var succeeded = await InvokeAsync(message, text, killed);
            await ended.CancelAsync();
            var receipt = await lease;
            if (succeeded)
                await queue.DeleteMessageAsync(message.MessageId, receipt, killed);
            else if (message.DequeueCount >= maxDequeue)
                await PoisonAsync(message, killed, receipt);
            else
                await queue.UpdateMessageAsync(message.MessageId, receipt, visibilityTimeout: visibility, cancellationToken: killed);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException or OperationCanceledException)
        {
            options.Log($"{function.Name}: the message stays hidden until its lease ends ({e.GetType().Name})");
        }
    }

    private string? Decode(QueueMessage message)
    {
        if (!isBase64)
            return message.MessageText;
        var bytes = new byte[message.MessageText.Length];
        return Convert.TryFromBase64String(message.MessageText, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    private async Task<string> RenewAsync(QueueMessage message, CancellationToken ended)
    {
        var receipt = message.PopReceipt;
        try
        {
            while (true)
            {
                await Task.Delay(Lease / 2, options.Time, ended);
                var renewed = await queue.UpdateMessageAsync(message.MessageId, receipt, visibilityTimeout: Lease, cancellationToken: ended);
                receipt = renewed.Value.PopReceipt;
            }
        }
        catch (OperationCanceledException)
        {
            return receipt;
        }
    }

    private async Task<bool> InvokeAsync(QueueMessage message, string text, CancellationToken killed)
    {
        await handler.Ready.Task.WaitAsync(killed);
        var limit = app.Time("functionTimeout", TimeSpan.FromMinutes(30));
        using var timeout = new CancellationTokenSource(limit < TimeSpan.Zero ? Timeout.InfiniteTimeSpan : limit, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, killed);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{handler.Port}/{function.Name}")
        {
            Content = new ChunkedJson(Encoding.UTF8.GetBytes(BodyOf(message, text).ToJsonString(AsItIs))),
        };
        request.Headers.TryAddWithoutValidation("User-Agent", "Azure-Functions-Host/4.1037.0.0");
        request.Headers.TryAddWithoutValidation("X-Azure-Functions-HostVersion", "4.1037.0.0");
        request.Headers.TryAddWithoutValidation("X-Azure-Functions-InvocationId", Guid.NewGuid().ToString());
        try
        {
            using var response = await http.SendAsync(request, either.Token);
            var answer = await response.Content.ReadAsByteArrayAsync(either.Token);
            if (!response.IsSuccessStatusCode)
                return false;
            if (answer.Length == 0 || answer.AsSpan().SequenceEqual("null"u8))
            {
                // Nothing ever completes such an invocation.
                await Task.Delay(Timeout.InfiniteTimeSpan, options.Time, either.Token);
            }

            return response.Content.Headers.ContentType?.MediaType is "application/json" or "text/json" && IsJson(answer);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            options.Log($"{function.Name}: timed out; the handler is started again");
            handler.Kill();
            return false;
        }
        catch (HttpRequestException e)
        {
            options.Log($"{function.Name}: {e.Message}");
            return false;
        }
    }

    /// <summary>The text is written as JSON once more, and that into a string: as the real host does it.</summary>
    private JsonObject BodyOf(QueueMessage message, string text)
    {
        var metadata = new JsonObject
        {
            ["DequeueCount"] = $"{message.DequeueCount}",
            ["ExpirationTime"] = message.ExpiresOn?.ToString("yyyy-MM-dd'T'HH:mm:sszzz"),
            ["Id"] = Json(message.MessageId),
            ["InsertionTime"] = message.InsertedOn?.ToString("yyyy-MM-dd'T'HH:mm:sszzz"),
            ["NextVisibleTime"] = message.NextVisibleOn?.ToString("yyyy-MM-dd'T'HH:mm:sszzz"),
            ["PopReceipt"] = Json(message.PopReceipt),
            ["sys"] = new JsonObject { ["MethodName"] = function.Name, ["UtcNow"] = options.Time.GetUtcNow().UtcDateTime.ToString("O"), ["RandGuid"] = Guid.NewGuid().ToString() },
        };
        if (message.ExpiresOn is null)
            metadata.Remove("ExpirationTime");
        foreach (var (name, value) in MembersOf(text))
            metadata.TryAdd(name, value is JsonObject ? value : Json(value.ToString()));

        return new() { ["Data"] = new JsonObject { [function.Binding] = Json(text) }, ["Metadata"] = metadata };
    }

    private async Task PoisonAsync(QueueMessage message, CancellationToken cancellationToken, string? receipt = null)
    {
        if (function.Queue.EndsWith("-poison", StringComparison.Ordinal))
            return; // has none of its own: the message stays hidden until its lease ends, for ever

        await poison.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        await poison.SendMessageAsync(message.MessageText, cancellationToken);
        options.Log($"Message has reached MaxDequeueCount of {maxDequeue}. Moving message to queue '{function.Queue}-poison'.");
        await queue.DeleteMessageAsync(message.MessageId, receipt ?? message.PopReceipt, cancellationToken);
    }

    /// <summary>What the host adds to the metadata when the text is a JSON object; the last one counts when a name is there twice.</summary>
    private static Dictionary<string, JsonNode> MembersOf(string text)
    {
        var members = new Dictionary<string, JsonNode>();
        try
        {
            using var parsed = JsonDocument.Parse(text);
            if (parsed.RootElement.ValueKind != JsonValueKind.Object)
                return members;
            foreach (var member in parsed.RootElement.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null))
                members[member.Name] = JsonNode.Parse(member.Value.GetRawText())!;
        }
        catch (JsonException)
        {
            // Plain text has no members.
        }

        return members;
    }

    private static bool IsJson(byte[] answer)
    {
        try
        {
            using var parsed = JsonDocument.Parse(answer);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Json(string text) => JsonSerializer.Serialize(text, AsItIs);

    /// <summary>Sent without a length, as the real host sends it.</summary>
    private sealed class ChunkedJson : HttpContent
    {
        private readonly byte[] body;

        public ChunkedJson(byte[] body)
        {
            this.body = body;
            Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        }

        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => stream.WriteAsync(body).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
