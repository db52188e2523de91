using System.Collections.Concurrent;
using Azure.Storage.Queues;
using IoFog.Operator.Local.Host;

namespace IoFog.Operator.Integration.Host;

/// <summary>The host emulator with a handler that does what its message says: a script of Node.js, as any custom handler may be.</summary>
public sealed class FunctionsHostTests(AzuriteFixture azurite) : IDisposable
{
    private const string Handler = """
        #!/usr/bin/env node
        const http = require('http');
        const fs = require('fs');
        if (fs.existsSync('die-once')) { fs.unlinkSync('die-once'); return setTimeout(() => process.exit(3), 500); }
        http.createServer((request, response) => {
          let body = '';
          request.on('data', part => body += part);
          request.on('end', () => {
            if (request.method === 'GET' && request.url === '/') return response.end('{}');
            if (request.url === '/api/hello?slow=1') { console.log('got a request'); return setTimeout(() => response.end('done'), 1500); }
            if (request.url.startsWith('/api/')) { response.setHeader('x-handler', 'yes'); return response.end(request.url + ' ' + body); }
            if (body.includes('wörld')) console.log('body ' + body);
            const text = JSON.parse(JSON.parse(body).Data.change);
            console.log('got ' + text + ' ' + request.headers['transfer-encoding']);
            if (text === 'fail') { response.statusCode = 500; return response.end('{}'); }
            if (text === 'plain') { response.setHeader('content-type', 'text/plain'); return response.end('fine'); }
            if (text === 'die') process.exit(3);
            if (text === 'hang') return response.end();
            response.setHeader('content-type', 'application/json');
            if (text === 'slow') return setTimeout(() => { console.log('slow done'); response.end('{}'); }, 1500);
            response.end('{}');
          });
        }).listen(process.env.FUNCTIONS_CUSTOMHANDLER_PORT, '127.0.0.1');
        """;

    private static readonly QueueClientOptions Base64 = new() { MessageEncoding = QueueMessageEncoding.Base64 };

    private readonly ConcurrentQueue<string> log = [];
    private readonly string folder = Directory.CreateTempSubdirectory("iofog-host-").FullName;
    private readonly string queueName = $"q{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Deletes_a_message_whose_function_succeeded_and_sends_the_body_in_chunks()
    {
        var queue = await QueueAsync();
        await queue.SendMessageAsync("fine", Token);
        await using var host = await StartAsync();
        await Eventually.HoldsAsync("an empty queue", async () => await CountAsync(queue) == 0);
        Assert.Contains("got fine chunked", log);
    }

    [Theory]
    [InlineData("fail")]
    [InlineData("plain")]
    public async Task Puts_a_message_into_the_poison_queue_after_its_last_try(string text)
    {
        var queue = await QueueAsync();
        await queue.SendMessageAsync(text, Token);
        await using var host = await StartAsync();
        var poison = new QueueClient(azurite.ConnectionString, $"{queueName}-poison", Base64);
        await Eventually.HoldsAsync("the message in the poison queue", async () => await poison.ExistsAsync(Token) && await CountAsync(poison) == 1);
        Assert.Equal(text, (await poison.PeekMessageAsync(Token)).Value.MessageText);
        Assert.Equal(3, log.Count(line => line == $"got {text} chunked"));
        Assert.Equal(0, await CountAsync(queue));
    }

    [Fact]
    public async Task Puts_a_message_that_is_not_base64_into_the_poison_queue_without_a_try()
    {
        var queue = await QueueAsync();
        await new QueueClient(azurite.ConnectionString, queueName).SendMessageAsync("{not base64}", Token);
        await using var host = await StartAsync();
        await Eventually.HoldsAsync("an empty queue", async () => await CountAsync(queue) == 0);
        Assert.DoesNotContain(log, line => line.StartsWith("got", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Never_completes_an_invocation_that_was_answered_with_nothing()
    {
        var queue = await QueueAsync();
        await queue.SendMessageAsync("hang", Token);
        await using var host = await StartAsync();
        await Eventually.HoldsAsync("the message in work", () => Task.FromResult(log.Contains("got hang chunked")));

        // A later message comes and goes; the one that hangs outlives it.
        await queue.SendMessageAsync("fine", Token);
        await Eventually.HoldsAsync("the other message in work", () => Task.FromResult(log.Contains("got fine chunked")));
        await Eventually.HoldsAsync("the other message deleted", async () => await CountAsync(queue) < 2);
        Assert.Equal(1, await CountAsync(queue));
        await host.KillAsync();
    }

    [Fact]
    public async Task Stops_after_the_third_death_of_its_handler()
    {
        var queue = await QueueAsync();
        await queue.SendMessageAsync("die", Token);
        await using var host = await StartAsync();
        await host.Stopped.WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Equal(3, log.Count(line => line == "handler exited with 3"));
    }

    [Fact]
    public async Task Lets_a_running_function_finish_when_it_is_stopped()
    {
        var queue = await QueueAsync();
        await queue.SendMessageAsync("slow", Token);
        await using var host = await StartAsync();
        await Eventually.HoldsAsync("the message in work", () => Task.FromResult(log.Contains("got slow chunked")));
        await host.StopAsync();
        Assert.Contains("slow done", log);
        Assert.Equal(0, await CountAsync(queue));
    }

    [Fact]
    public async Task Lets_a_request_finish_when_it_is_stopped()
    {
        await QueueAsync();
        await using var host = await StartAsync();
        using var http = new HttpClient { BaseAddress = host.Address };
        var slow = http.GetStringAsync(new Uri("api/hello?slow=1", UriKind.Relative), Token);
        await Eventually.HoldsAsync("the request in work", () => Task.FromResult(log.Contains("got a request")));
        await host.StopAsync();
        Assert.Equal("done", await slow);
    }

    [Fact]
    public async Task Runs_a_message_that_waited_while_the_handler_died_at_its_start()
    {
        var queue = await QueueAsync();
        await queue.SendMessageAsync("fine", Token);
        Write("die-once", "");
        await using var host = await StartAsync();
        await Eventually.HoldsAsync("an empty queue", async () => await CountAsync(queue) == 0);
        Assert.Equal(["handler exited with 3", "got fine chunked"], log);
    }

    [Fact]
    public async Task Escapes_only_what_json_demands_and_adds_the_members_of_the_text_to_the_metadata()
    {
        var queue = await QueueAsync();
        await queue.SendMessageAsync("""{"hello":"wörld","n":1,"n":2,"none":null}""", Token);
        await using var host = await StartAsync();
        await Eventually.HoldsAsync("an empty queue", async () => await CountAsync(queue) == 0);
        var body = log.Single(line => line.StartsWith("body ", StringComparison.Ordinal));
        Assert.StartsWith("""body {"Data":{"change":"\"{\\\"hello\\\":\\\"wörld\\\",""", body, StringComparison.Ordinal);
        Assert.EndsWith(""","hello":"\"wörld\"","n":"\"2\""}}""", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_the_setting_that_a_trigger_lacks()
    {
        Write("host.json", "{}");
        Write("Worker/function.json", """{"bindings":[{"type":"queueTrigger","direction":"in","name":"change","queueName":"q","connection":"Storage"}]}""");
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => FunctionsHost.StartAsync(new() { AppFolder = folder, Settings = new Dictionary<string, string>() }, Token));
        Assert.StartsWith("Storage:", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forwards_http_with_its_prefix_and_merges_keys_that_repeat()
    {
        await QueueAsync();
        await using var host = await StartAsync();
        using var http = new HttpClient { BaseAddress = host.Address };
        using var answer = await http.GetAsync(new Uri("api/hello?a=1&a=2", UriKind.Relative), Token);
        Assert.Equal("/api/hello?a=1%2C2 ", await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal("yes", answer.Headers.GetValues("x-handler").Single());
        using var unknown = await http.GetAsync(new Uri("api/other", UriKind.Relative), Token);
        Assert.Equal(404, (int)unknown.StatusCode);
    }

    private async Task<QueueClient> QueueAsync()
    {
        var queue = new QueueClient(azurite.ConnectionString, queueName, Base64);
        await queue.CreateIfNotExistsAsync(cancellationToken: Token);
        return queue;
    }

    private static async Task<int> CountAsync(QueueClient queue) => (await queue.GetPropertiesAsync(Token)).Value.ApproximateMessagesCount;

    private async Task<FunctionsHost> StartAsync()
    {
        Write("host.json", """
            {"version":"2.0","extensions":{"queues":{"batchSize":4,"newBatchThreshold":2,"maxPollingInterval":"00:00:00.2","visibilityTimeout":"00:00:01","maxDequeueCount":3}},
             "customHandler":{"description":{"defaultExecutablePath":"handler.js"},"enableForwardingHttpRequest":true}}
            """);
        Write("Worker/function.json", $$"""{"bindings":[{"type":"queueTrigger","direction":"in","name":"change","queueName":"{{queueName}}","connection":"AzureWebJobsStorage"}]}""");
        Write("Hello/function.json", """{"bindings":[{"type":"httpTrigger","direction":"in","name":"req","authLevel":"anonymous","route":"hello","methods":["get"]},{"type":"http","direction":"out","name":"res"}]}""");
        Write("handler.js", Handler);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path.Combine(folder, "handler.js"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return await FunctionsHost.StartAsync(
            new() { AppFolder = folder, Settings = new Dictionary<string, string> { ["AzureWebJobsStorage"] = azurite.ConnectionString }, Log = log.Enqueue }, Token);
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
