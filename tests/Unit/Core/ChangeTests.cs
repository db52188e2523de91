using CsCheck;
using IoFog.Operator.Changes;

namespace IoFog.Operator.Unit.Core;

public sealed class ChangeTests
{
    private static readonly Gen<Change> Changes =
        from kind in Gen.Int[0, Kinds.All.Count - 1].Select(i => Kinds.All[i])
        from name in Gen.String[Gen.Char['a', 'z'], 1, 20]
        from uid in Gen.Guid
        from reason in Gen.Int[1, 6].Select(i => (DueReason)i)
        from parts in Gen.Select(Gen.ULong, Gen.ULong, Gen.ULong, Gen.ULong)
        from turn in Gen.Long[0, 1_000_000]
        from number in Gen.Int[0, 100]
        from seconds in Gen.Int[0, 1_000_000]
        select new Change
        {
            Kind = kind,
            Key = new("edge", name),
            Uid = uid,
            Reason = reason,
            Turn = turn,
            Number = number,
            Seen = new() { Controller = parts.Item1, Owned = parts.Item2, Dependency = parts.Item3, Owner = parts.Item4 },
            Time = DateTimeOffset.UnixEpoch.AddSeconds(seconds),
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        };

    [Fact]
    public void Reads_back_what_it_wrote() => Changes.Sample(change => Assert.Equal(change, Change.Parse(change.ToJson())));

    [Fact]
    public void Fits_into_a_queue_message() => Changes.Sample(change => Assert.True(change.ToJson().Length < 1024));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("42")]
    [InlineData("{}")]
    [InlineData("hello")]
    [InlineData("""{"specversion":"0.3","id":"a.1.0","type":"org.iofog.agent.due","source":"/","subject":"a/b","time":"2026-11-24T12:00:00Z","data":{"uid":"5f8c2c4e-0000-4000-8000-000000000000","reason":"spec"}}""")]
    [InlineData("""{"specversion":"1.0","id":"a.1.0","type":"org.iofog.toaster.due","source":"/","subject":"a/b","time":"2026-11-24T12:00:00Z","data":{"uid":"5f8c2c4e-0000-4000-8000-000000000000","reason":"spec"}}""")]
    [InlineData("""{"specversion":"1.0","id":"a.1.0","type":"org.iofog.agent.due","source":"/","subject":"b","time":"2026-11-24T12:00:00Z","data":{"uid":"5f8c2c4e-0000-4000-8000-000000000000","reason":"spec"}}""")]
    [InlineData("""{"specversion":"1.0","id":"a.1.0","type":"org.iofog.agent.due","source":"/","subject":"a/b","time":"2026-11-24T12:00:00Z","data":{"uid":"no","reason":"spec"}}""")]
    [InlineData("""{"specversion":"1.0","id":"a.1.0","type":"org.iofog.agent.due","source":"/","subject":"a/b","time":"2026-11-24T12:00:00Z","data":{"uid":"5f8c2c4e-0000-4000-8000-000000000000","reason":1}}""")]
    public void Refuses_what_is_no_change(string text) => Assert.Throws<MalformedChangeException>(() => Change.Parse(text));

    [Fact]
    public void Reads_a_change_of_a_later_version() => Assert.Equal(
        DueReason.Seen,
        Change.Parse("""{"specversion":"1.0","id":"a.1.0","type":"org.iofog.agent.due","source":"/","subject":"a/b","time":"2026-11-24T12:00:00Z","later":1,"data":{"uid":"5f8c2c4e-0000-4000-8000-000000000000","reason":"seen","seen":{"weather":"00ff","controller":7},"more":[]}}""").Reason);
}
