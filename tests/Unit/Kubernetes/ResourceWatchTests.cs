using System.Net;
using System.Text;
using IoFog.Operator.Kubernetes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static IoFog.Operator.Unit.Kubernetes.ScriptedApi;

namespace IoFog.Operator.Unit.Kubernetes;

/// <summary>Everything that an API server, or what is between, does to a watch.</summary>
public sealed class ResourceWatchTests : IAsyncDisposable
{
    private const string Agents = "apis/iofog.org/v3/namespaces/edge/agents";
    private const string Expired = """{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}""";

    private readonly FakeTimeProvider time = new(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly ScriptedApi api = new();
    private readonly RecordingTarget target = new();
    private readonly CancellationTokenSource stopping = new();
    private ResourceWatch? watch;
    private Task running = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        api.Dispose();
        stopping.Dispose();
    }

    [Fact]
    public async Task Lists_in_pages_and_watches_from_there()
    {
        api.List("5", "t1", Item("a"), Item("b")).List("5", null, Item("c")).OpenWatch(out var pipe);
        Start();
        await pipe.Writer.WriteAsync(Utf8(Event("MODIFIED", Item("a", "6")) + "\n" + Event("DELETED", Item("b", "7")) + "\n"), Token);
        await TellsAsync("begin", "+a", "+b", "+c", "listed", "open", "Modified a", "Deleted b");
        Assert.Equal($"{Agents}?limit=500", api.Requests.ElementAt(0));
        Assert.Equal($"{Agents}?limit=500&continue=t1", api.Requests.ElementAt(1));
        Assert.Contains("resourceVersion=5", api.Requests.ElementAt(2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Goes_on_from_where_a_broken_stream_got_to_and_says_when_it_is_open_again()
    {
        api.List("5", null, Item("a")).OpenWatch(out var first).OpenWatch(out _);
        Start();
        await first.Writer.WriteAsync(Utf8(Event("MODIFIED", Item("a", "8")) + "\n"), Token);
        await TellsAsync("begin", "+a", "listed", "open", "Modified a");
        await first.Writer.CompleteAsync(new IOException("connection reset"));
        await TellsAsync("begin", "+a", "listed", "open", "Modified a", "lost", "open"); // though nothing ever comes
        Assert.Contains("resourceVersion=8", api.Requests.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Goes_on_from_a_bookmark()
    {
        api.List("5", null).Then(() => Text(Event("BOOKMARK", """{"metadata":{"resourceVersion":"90"}}""") + "\n{")).OpenWatch(out _);
        Start();
        await TellsAsync("begin", "listed", "open", "lost", "open");
        Assert.Contains("resourceVersion=90", api.Requests.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Throws_away_half_an_event()
    {
        api.List("5", null).Then(() => Text(Event("ADDED", Item("a", "6")) + "\n" + Event("ADDED", Item("b", "7"))[..20])).OpenWatch(out _);
        Start();
        await TellsAsync("begin", "listed", "open", "Added a", "lost", "open");
        Assert.Contains("resourceVersion=6", api.Requests.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Starts_a_list_over_that_breaks_off()
    {
        api.List("5", "t1", Item("gone")).Then(() => Text(ListOf("5", null, Item("b"), Item("c"))[..^40])).List("9", null, Item("b")).OpenWatch(out _);
        Start();
        await TellsAsync("begin", "+gone", "+b", "lost", "begin", "+b", "listed", "open");
    }

    [Fact]
    public async Task Starts_a_list_over_whose_continue_token_has_expired()
    {
        api.List("5", "t1", Item("gone")).Refuse(410, "Expired").List("9", null, Item("b")).OpenWatch(out _);
        Start();
        await TellsAsync("begin", "+gone", "lost", "begin", "+b", "listed", "open");
        Assert.Equal($"{Agents}?limit=500", api.Requests.ElementAt(2));
    }

    [Fact]
    public async Task Lists_again_when_history_is_lost_by_status()
    {
        api.List("5", null).Refuse(410, "Expired").List("9", null, Item("b")).OpenWatch(out _);
        Start();
        await TellsAsync("begin", "listed", "lost", "begin", "+b", "listed", "open");
    }

    [Fact]
    public async Task Lists_again_when_history_is_lost_inside_of_the_stream()
    {
        api.List("5", null).Watch(Event("ADDED", Item("a", "6")), Expired).List("9", null, Item("b")).OpenWatch(out _);
        Start();
        await TellsAsync("begin", "listed", "open", "Added a", "lost", "begin", "+b", "listed", "open");
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(401)]
    [InlineData(403)]
    public async Task Comes_back_after_a_refusal(int code)
    {
        api.Refuse(code, "Trouble").List("5", null).Refuse(code, "Trouble").OpenWatch(out _);
        Start();
        await TellsAsync("begin", "lost", "begin", "listed", "lost", "open");
    }

    [Fact]
    public async Task Waits_as_long_as_a_busy_server_asks_for()
    {
        api.Refuse(429, "TooManyRequests", retryAfter: 40).List("5", null).OpenWatch(out _);
        Start();
        await Eventually.HoldsAsync("the refusal", () => target.Told.Contains("lost"));
        for (var second = 0; second < 39; second++)
            await AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Single(api.Requests);
        await TellsAsync("begin", "lost", "begin", "listed", "open");
    }

    [Fact]
    public async Task Does_not_ask_without_a_pause_when_watches_end_at_once()
    {
        api.List("5", null).Watch().Watch().Watch().OpenWatch(out _);
        Start();
        await TellsAsync("begin", "listed", "open", "lost", "open", "lost", "open", "lost", "open");
    }

    [Fact]
    public async Task Gives_a_watch_up_that_is_silent_for_too_long()
    {
        api.List("5", null).OpenWatch(out _).OpenWatch(out _);
        Start();
        await Eventually.HoldsAsync("the watch", () => target.Told.Contains("open"));
        for (var minute = 0; minute < 12; minute++)
            await AdvanceAsync(TimeSpan.FromMinutes(1));
        await TellsAsync("begin", "listed", "open", "lost", "open");
        Assert.False(watch!.IsStalled);
    }

    [Fact]
    public async Task Gives_a_watch_up_sooner_once_it_knows_that_bookmarks_come()
    {
        api.List("5", null).OpenWatch(out var first).OpenWatch(out _);
        Start();
        await first.Writer.WriteAsync(Utf8(Event("BOOKMARK", """{"metadata":{"resourceVersion":"6"}}""") + "\n"), Token);
        await Eventually.HoldsAsync("the watch", () => target.Told.Contains("open"));
        for (var i = 0; i < 19 && api.Requests.Count < 3; i++)
            await AdvanceAsync(TimeSpan.FromSeconds(10));
        await TellsAsync("begin", "listed", "open", "lost", "open");
    }

    [Fact]
    public async Task Is_stalled_when_nobody_answers_for_long()
    {
        api.List("5", null).OpenWatch(out var first);
        Start();
        await Eventually.HoldsAsync("the watch", () => target.Told.Contains("open"));
        await first.Writer.CompleteAsync(new IOException("connection reset"));
        for (var minute = 0; minute < 60 && !watch!.IsStalled; minute++)
            await AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.True(watch!.IsStalled);
        Assert.False(watch.IsCurrent);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("[]")]
    [InlineData("42")]
    [InlineData("{}")]
    [InlineData("""{"type":"ADDED"}""")]
    [InlineData("""{"type":7,"object":[]}""")]
    [InlineData("""{"type":"ERROR","object":{"code":"x","reason":5}}""")]
    [InlineData("""{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"\ud800"}}}""")]
    public async Task Survives_a_stream_that_is_no_watch(string line)
    {
        api.List("5", null).Watch(line).OpenWatch(out _);
        Start();
        await TellsAsync("begin", "listed", "open", "lost", "open");
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("""{"items":[1]}""")]
    [InlineData("""{"items":[{}]""")]
    [InlineData("""{"metadata":[],"items":null}""")]
    [InlineData("""{"metadata":{"resourceVersion":5}}""")]
    public async Task Survives_an_answer_that_is_no_list(string text)
    {
        api.Then(() => Text(text)).List("5", null, Item("a")).OpenWatch(out _);
        Start();
        await Eventually.HoldsAsync("the next list", () => running.IsCompleted || target.Told.Contains("open"), () => time.Advance(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Reads_an_object_of_a_megabyte_and_a_half_and_one_that_is_nested_deeply()
    {
        var giant = Item("giant", "6", $$""","spec":{"text":"{{new string('ü', 800_000)}}"}""");
        var deep = Item("deep", "7", $$""","spec":{{string.Concat(Enumerable.Repeat("""{"a":""", 500))}}1{{new string('}', 500)}}""");
        api.List("5", null, giant, deep, Item("small")).Watch(Event("MODIFIED", giant), Event("MODIFIED", deep)).OpenWatch(out _);
        Start();
        await TellsAsync("begin", "+giant", "+deep", "+small", "listed", "open", "Modified giant", "Modified deep", "lost", "open");
        Assert.Equal(deep, target.Last);
    }

    [Fact]
    public async Task Sends_selectors_and_asks_for_metadata_where_that_is_enough()
    {
        api.List("5", null).OpenWatch(out _);
        watch = new(api.Client(), "api/v1/namespaces/edge/secrets", "fieldSelector=metadata.name%3Dx", metadataOnly: true, time, NullLogger.Instance);
        running = watch.RunAsync(target, stopping.Token);
        await TellsAsync("begin", "listed", "open");
        Assert.All(api.Requests, request => Assert.Contains("&fieldSelector=metadata.name%3Dx", request, StringComparison.Ordinal));
        Assert.Equal("api/v1/namespaces/edge/secrets?fieldSelector=metadata.name%3Dx", watch.Source);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private void Start()
    {
        watch = new(api.Client(), Agents, "", metadataOnly: false, time, NullLogger.Instance);
        running = watch.RunAsync(target, stopping.Token);
    }

    private async Task TellsAsync(params string[] expected)
    {
        await Eventually.HoldsAsync(
            string.Join(", ", expected), () => running.IsCompleted || target.Told.Count >= expected.Length, () => time.Advance(TimeSpan.FromSeconds(1)));
        if (running.IsCompleted)
            await running; // it ends by a fault only
        Assert.Equal(expected, target.Told);
    }

    // What waits for a timer gets to wait for it before the next advance.
    private async Task AdvanceAsync(TimeSpan by)
    {
        time.Advance(by);
        await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, Token);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
