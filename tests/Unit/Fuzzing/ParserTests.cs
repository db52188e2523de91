using System.Net;
using System.Text;
using System.Text.Json;
using CsCheck;
using IoFog.Operator.Changes;
using IoFog.Operator.Hosting;
using IoFog.Operator.Kubernetes;
using IoFog.Operator.Unit.Kubernetes;
using IoFog.Operator.Watcher;

namespace IoFog.Operator.Unit.Fuzzing;

/// <summary>
/// Whatever comes in from outside, a parser understands it or says in its own way that it does not. What once broke one is kept in the corpus.
/// CsCheck prints the seed of a failure; <c>CsCheck_Seed</c> repeats it and <c>CsCheck_Iter</c> tries more.
/// </summary>
public sealed class ParserTests
{
    [Fact]
    public void Changes() => Try("changes", text => Change.Parse(Encoding.UTF8.GetString(text)), typeof(MalformedChangeException));

    [Fact]
    public void Watches() => Try("watches", text => WatchEvent.Read(text, new Sink(), out _), typeof(JsonException), typeof(KubernetesException));

    [Fact]
    public void Lists() => Try("lists", text => new ListPage(new Sink()).ReadAsync(new Trickle(text), default).GetAwaiter().GetResult(), typeof(JsonException));

    [Fact]
    public void Objects() => Try("objects", text => new WatchedReader(Kinds.Microservice).Read(text), typeof(JsonException));

    [Fact]
    public void Entries() => Try(
        "entries",
        text =>
        {
            using var list = JsonDocument.Parse(text);
            EntryContent.Read(Kinds.Agent, list.RootElement);
        },
        typeof(JsonException));

    [Fact]
    public void Hosts() => Try(
        "hosts",
        text =>
        {
            using var body = JsonDocument.Parse(text);
            QueueMessage.Read(body, "change");
        },
        typeof(JsonException));

    [Fact]
    public void Statuses() => Try("statuses", text =>
    {
        using var response = new HttpResponseMessage(HttpStatusCode.UnprocessableEntity);
        Assert.DoesNotContain("s3cret", Refusal.Read(response, text).Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_list_is_read_the_same_however_it_is_cut()
    {
        var text = Encoding.UTF8.GetBytes(ScriptedApi.ListOf("5", "t", ScriptedApi.Item("a", more: ",\"spec\":{\"t\":\"ü😀\\\\\\\"]}\"}"), ScriptedApi.Item("b")));
        Gen.Int[1, 200].Sample(
            size =>
            {
                var target = new RecordingTarget();
                var (version, next) = new ListPage(target).ReadAsync(new Trickle(text, size), default).GetAwaiter().GetResult();
                Assert.Equal(("5", "t"), (version, next));
                Assert.Equal(["+a", "+b"], target.Told);
            },
            iter: 300);
    }

    private static void Try(string folder, Action<byte[]> parse, params Type[] allowed) => Mutations.Of(folder).Sample(
        text =>
        {
            try
            {
                parse(text);
            }
            catch (Exception e) when (allowed.Contains(e.GetType()) || allowed.Any(type => e.GetType().IsSubclassOf(type)))
            {
                // understood to be wrong
            }
        },
        iter: 3000,
        print: text => Convert.ToBase64String(text));

    private sealed class Sink : IWatchTarget
    {
        public void ListBegins()
        {
        }

        public void Received(WatchKind kind, ReadOnlySpan<byte> json)
        {
        }

        public void Listed()
        {
        }

        public void Opened()
        {
        }

        public void Lost()
        {
        }
    }

    /// <summary>Gives a few bytes at a time.</summary>
    private sealed class Trickle(byte[] text, int size = 37) : MemoryStream(text)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(size, buffer.Length)]);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
