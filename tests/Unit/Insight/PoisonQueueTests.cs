using System.Text;
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
        Assert.Equal(("edge/zebra-1", "Spec", 41L, null), (message.Subject, message.Reason, message.Turn, message.Text));
        Assert.Contains("died", message.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_which_queue_a_change_belongs_to() => Assert.Contains("It is about Route", Read(Base64((Known with { Kind = Kinds.Route }).ToJson())).Why, StringComparison.Ordinal);

    [Theory]
    [InlineData("%%%", "It is not base64")]
    [InlineData("aGVsbG8=", "the message is not a change")]
    public void Says_why_it_is_not_understood(string text, string why) => Assert.StartsWith(why, Read(text).Why, StringComparison.Ordinal);

    [Fact]
    public void Shows_the_beginning_of_what_is_not_understood_without_secrets()
    {
        var message = Read(Base64($"amqp://me:s3cret@broker {new string('x', 2000)}"));
        Assert.DoesNotContain("s3cret", message.Text, StringComparison.Ordinal);
        Assert.InRange(message.Text!.Length, 100, 520);
    }

    private static PoisonMessage Read(string text) => PoisonQueue.Read(Kinds.Agent, "1", null, text);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
