using Azure.Storage.Queues;
using IoFog.Operator.Changes;
using IoFog.Operator.Local;
using IoFog.Operator.Watcher;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Integration.Faults;

/// <summary>The watcher's sending, with a link that fails between it and an Azurite of its own: nothing is lost, and nobody who watches waits.</summary>
public sealed class StorageFaultTests : IAsyncLifetime
{
    private const int Objects = 20;
    private const int Senders = 4;
    private static readonly Kind Kind = Kinds.Agent;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider time = new(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly DueTable table = new(new() { Jitter = static () => 1 });
    private readonly CancellationTokenSource stopping = new();
    private Azurite? azurite;
    private FaultyLink? link;
    private Watching? watching;
    private Task running = Task.CompletedTask;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private FaultyLink Link => link!;

    private Watching Watching => watching!;

    private QueueClient Reader => new(azurite!.ConnectionString, Kind.Queue, new() { MessageEncoding = QueueMessageEncoding.Base64 });

    public async ValueTask InitializeAsync()
    {
        azurite = await Azurite.StartAsync(Layout.Azurite, static _ => { }, Token);
        var port = new Uri(azurite.ConnectionString.Split(';').First(part => part.StartsWith("QueueEndpoint=", StringComparison.Ordinal))["QueueEndpoint=".Length..]).Port;
        link = new(port);
        watching = new(table, time, NullLogger<Watching>.Instance);
        var account = azurite.ConnectionString.Replace($":{port}/", $":{Link.Port}/", StringComparison.Ordinal);
        var queue = ChangeQueue.Open(account, Kind, new() { Retry = { MaxRetries = 0, NetworkTimeout = TimeSpan.FromSeconds(1) } });
        await queue.EnsureExistsAsync(Token);
        table.Listed(Kind, new HashSet<Guid>(), queueIsEmpty: true, time.GetUtcNow());
        running = new SendLoop(Watching, new Dictionary<Kind, ChangeQueue> { [Kind] = queue }, time, NullLogger<SendLoop>.Instance).RunAsync(stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        watching?.Dispose();
        if (link is not null)
            await link.DisposeAsync();
        if (azurite is not null)
            await azurite.DisposeAsync();
        stopping.Dispose();
    }

    [Fact]
    public async Task What_could_not_be_sent_is_sent_once_when_the_account_is_back_whatever_kept_it_away()
    {
        var sent = 0;
        foreach (var fault in new[] { Fault.Reset, Fault.Stall, Fault.Busy, Fault.Slow })
        {
            var connections = Link.Accepted;
            Link.Fault = fault;
            var began = TimeProvider.System.GetTimestamp();
            for (var i = 0; i < Objects; i++)
                Observe($"{fault}-{i}".ToLowerInvariant());
            Assert.Equal(sent += Objects, Watching.Ask((table, _) => table.Population.Count(Kind)));
            Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(0.9)); // sooner than any time-out of the account
            if (fault != Fault.Slow)
            {
                await HoldsAsync($"two tries over {fault}", () => Task.FromResult(Link.Accepted >= connections + 2));
                Assert.Equal(sent - Objects, await CountAsync());
                Link.Fault = Fault.None;
            }

            await HoldsAsync($"all messages after {fault}", async () => await CountAsync() >= sent);
        }

        Link.Fault = Fault.None;
        var names = await NamesAsync();
        Assert.Equal(sent, names.Distinct().Count());
        Assert.Equal(sent, names.Count); // what never reached the account is not there twice
    }

    [Fact]
    public async Task A_connection_that_is_lost_doubles_at_most_what_was_under_way()
    {
        var resets = 0;
        for (var i = 0; i < 10 * Objects; i++)
        {
            Observe($"a-{i}");
            if (i % Objects == Objects / 2)
            {
                await HoldsAsync("something under way", async () => await CountAsync() > i / 2);
                Link.Fault = Fault.Reset;
                Link.Fault = Fault.None;
                resets++;
            }
        }

        var names = new List<string>();
        await HoldsAsync("messages", async () => await CountAsync() >= 10 * Objects);
        await HoldsAsync("all messages", async () =>
        {
            names.AddRange(await NamesAsync());
            return names.Distinct().Count() == 10 * Objects;
        });
        Assert.InRange(names.Count, 10 * Objects, (10 * Objects) + (resets * Senders));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_the_account_has_forgotten_is_sent_again(bool restarted)
    {
        for (var i = 0; i < Objects; i++)
            Observe($"a-{i}");
        await HoldsAsync("all messages", async () => await CountAsync() == Objects);
        if (restarted)
        {
            azurite!.Kill();
            await azurite.RestartAsync(Token); // empty
        }
        else
        {
            await Reader.DeleteAsync(Token);
        }

        Observe("later"); // finds no queue
        var names = new List<string>();
        await HoldsAsync("all messages again", async () =>
        {
            if (await CountAsync() > 0)
                names.AddRange(await NamesAsync()); // somebody must: what was put in the same second may be behind
            return names.Distinct().Count() == Objects + 1;
        });
    }

    private void Observe(string name) =>
        Watching.Tell((table, now) => table.Observe(Kind, new() { Uid = Guid.NewGuid(), Key = new("default", name), Generation = 1 }, now));

    private async Task HoldsAsync(string what, Func<Task<bool>> holds)
    {
        await Eventually.HoldsAsync(what, async () =>
        {
            if (running.IsCompleted)
                await running; // says why
            time.Advance(Step);
            return await holds();
        }, 180);
    }

    private async Task<int> CountAsync()
    {
        try
        {
            return (await Reader.GetPropertiesAsync(Token)).Value.ApproximateMessagesCount;
        }
        catch (Azure.RequestFailedException e) when (e.Status == 404)
        {
            return 0;
        }
    }

    private async Task<IReadOnlyList<string>> NamesAsync()
    {
        var names = new List<string>();
        while ((await Reader.ReceiveMessagesAsync(32, TimeSpan.FromMinutes(5), Token)).Value is { Length: > 0 } messages)
            names.AddRange(messages.Select(message => Change.Parse(message.MessageText).Key.Name));
        return names;
    }
}
