using System.Net;
using System.Text;
using Azure.Core.Pipeline;
using Azure.Storage.Queues;
using IoFog.Operator.Changes;
using IoFog.Operator.Watcher;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Unit.Watcher;

/// <summary>What keeps a message from its queue is waited out; the watcher goes on.</summary>
public sealed class SendLoopTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.OK)] // and no token in it
    [InlineData(null)] // nobody there
    public async Task An_authority_that_is_away_ends_no_watcher(HttpStatusCode? trouble)
    {
        var time = new FakeTimeProvider(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        var file = Path.GetTempFileName();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Token);
        try
        {
            var network = new Network { Trouble = trouble, IsAway = true };
            using var http = new HttpClient(network);
            var identity = new WorkloadIdentity(http, TimeProvider.System, name => name == "AZURE_FEDERATED_TOKEN_FILE" ? file : name == "AZURE_AUTHORITY_HOST" ? "https://authority.example" : name);
            var client = new QueueClient(new("https://account.queue.core.windows.net/iofog-agents"), identity, new QueueClientOptions
            {
                Retry = { MaxRetries = 0 },
                Transport = new HttpClientTransport(http),
            });
            var table = new DueTable(new());
            table.Listed(Kinds.Agent, new HashSet<Guid>(), queueIsEmpty: true, time.GetUtcNow());
            table.Observe(Kinds.Agent, new() { Uid = Guid.NewGuid(), Key = new("default", "zebra-1"), Generation = 1 }, time.GetUtcNow());
            using var watching = new Watching(table, time, NullLogger<Watching>.Instance);
            var loop = new SendLoop(watching, new Dictionary<Kind, ChangeQueue> { [Kinds.Agent] = new(client, Kinds.Agent) }, time, NullLogger<SendLoop>.Instance);
            var running = loop.RunAsync(stopping.Token);
            await Eventually.HoldsAsync("that it asks again", () => running.IsCompleted || network.Asked > 2, () => time.Advance(TimeSpan.FromSeconds(1)));
            Assert.False(running.IsCompleted, running.Exception?.ToString());
            network.IsAway = false;
            await Eventually.HoldsAsync("that the message is put", () => running.IsCompleted || network.Put > 0, () => time.Advance(TimeSpan.FromSeconds(1)));
            Assert.False(running.IsCompleted, running.Exception?.ToString());
            await stopping.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The authority and the storage account.</summary>
    private sealed class Network : HttpMessageHandler
    {
        private const string Receipt = """
            <?xml version="1.0" encoding="utf-8"?><QueueMessagesList><QueueMessage><MessageId>1</MessageId><InsertionTime>Tue, 24 Nov 2026 12:00:00 GMT</InsertionTime><ExpirationTime>Fri, 31 Dec 9999 23:59:59 GMT</ExpirationTime><PopReceipt>r</PopReceipt><TimeNextVisible>Tue, 24 Nov 2026 12:00:00 GMT</TimeNextVisible></QueueMessage></QueueMessagesList>
            """;

        private volatile int asked;
        private volatile int put;

        public HttpStatusCode? Trouble { get; init; }

        public volatile bool IsAway;

        public int Asked => asked;

        public int Put => put;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.Host != "authority.example")
            {
                Interlocked.Increment(ref put);
                return Answer(HttpStatusCode.Created, Receipt, "application/xml");
            }

            Interlocked.Increment(ref asked);
            if (!IsAway)
                return Answer(HttpStatusCode.OK, """{"access_token":"t","expires_in":3600}""", "application/json");
            return Trouble is { } code ? Answer(code, """{"error":"trouble"}""", "application/json") : throw new HttpRequestException(HttpRequestError.ConnectionError);
        }

        private static Task<HttpResponseMessage> Answer(HttpStatusCode code, string text, string type) =>
            Task.FromResult(new HttpResponseMessage(code) { Content = new StringContent(text, Encoding.UTF8, type) });
    }
}
