using System.Text;
using System.Text.Json;
using IoFog.Operator.Changes;
using IoFog.Operator.Insight;

namespace IoFog.Operator.Unit.Insight;

public sealed class PoisonQueueTests
{
    private static readonly Change Known = new()
    {
        Kind = Kinds.Agent,
        Key = new("edge", "zebra-1"),
        Uid = Guid.NewGuid(),
        Reason = DueReason.Spec,
        Turn = 41,
        Time = new(2026, 11, 24, 10, 0, 0, TimeSpan.Zero),
    };

    [Fact]
    public void Decodes_a_change_that_killed_its_handler()
    {
        var message = Read(Base64(Known.ToJson()));
        Assert.Equal(("edge/zebra-1", "Spec", 41L, null), (message.Subject, message.Reason, message.Turn, message.Length));
        Assert.Contains("died", message.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_which_queue_a_change_belongs_to() => Assert.Contains("It is about Route", Read(Base64((Known with { Kind = Kinds.Route }).ToJson())).Why, StringComparison.Ordinal);

    [Theory]
    [InlineData("%%%", "It is not base64")]
    [InlineData("aGVsbG8=", "the message is not a change")]
    public void Says_why_it_is_not_understood(string text, string why) => Assert.StartsWith(why, Read(text).Why, StringComparison.Ordinal);

    [Fact]
    public void Says_that_a_change_is_about_a_namespace_that_is_not_served() =>
        Assert.Contains("namespace other", Read(Base64((Known with { Key = new("other", "zebra-1") }).ToJson())).Why, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"password":"s3cret"}""")]
    [InlineData("""{"specversion":"s3cret","s3cret":"s3cret"}""")]
    [InlineData("amqp://me:s3cret@broker")]
    [InlineData("s3cret")]
    public void Quotes_nothing_of_what_is_not_understood(string text)
    {
        foreach (var message in new[] { Read(text), Read(Base64(text)) })
        {
            Assert.DoesNotContain("s3cret", JsonSerializer.Serialize(message, InsightJson.Default.PoisonMessage), StringComparison.Ordinal);
            Assert.Equal(text.Length, message.Length);
        }
    }

    [Fact]
    public async Task Signs_in_with_the_workloads_identity_where_the_account_is_an_address()
    {
        var queue = new PoisonQueue("https://account.queue.core.windows.net", Kinds.Agent, "edge", new() { Retry = { MaxRetries = 0 } });
        var complaint = await Assert.ThrowsAsync<InvalidOperationException>(() => queue.CountAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith("AZURE_", complaint.Message, StringComparison.Ordinal); // there is no identity here, and it is what was asked for
    }

    private static PoisonMessage Read(string text) => PoisonQueue.Read(Kinds.Agent, "edge", "1", null, text);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
