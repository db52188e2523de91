using Azure.Storage.Queues;
using IoFog.Operator.Changes;

namespace IoFog.Operator.Integration.Changes;

public sealed class ChangeQueueTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Puts_a_change_that_comes_out_as_it_was_and_never_expires()
    {
        var kind = new Kind("Agent", $"t{Guid.NewGuid():N}", []);
        var queue = ChangeQueue.Open(azurite.ConnectionString, kind);
        await queue.EnsureExistsAsync(Token);
        Assert.Null(await queue.PeekOldestAsync(Token));
        var change = new Change { Kind = Kinds.Agent, Key = new("edge", "zebra-1"), Uid = Guid.NewGuid(), Reason = DueReason.Spec, Time = TimeProvider.System.GetUtcNow(), Seen = new() { Controller = 7 } };
        var putAt = await queue.SendAsync(change, Token);
        Assert.Equal(putAt, await queue.PeekOldestAsync(Token));
        Assert.Equal(1, await queue.CountAsync(Token));

        var reader = new QueueClient(azurite.ConnectionString, kind.Queue, new() { MessageEncoding = QueueMessageEncoding.Base64 });
        var message = (await reader.ReceiveMessageAsync(cancellationToken: Token)).Value;
        Assert.Equal(change with { Time = Change.Parse(message.MessageText).Time }, Change.Parse(message.MessageText));
        Assert.Equal(9999, message.ExpiresOn!.Value.Year);
        Assert.Null(await queue.PeekOldestAsync(Token));
        Assert.Equal(1, await queue.CountAsync(Token)); // hidden ones count
    }
}
