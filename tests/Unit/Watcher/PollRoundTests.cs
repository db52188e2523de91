using IoFog.Operator.Watcher;
using Microsoft.Extensions.Time.Testing;

namespace IoFog.Operator.Unit.Watcher;

public sealed class PollRoundTests
{
    private readonly FakeTimeProvider time = new();
    private readonly PollRound round;
    private string[] moving = [];

    public PollRoundTests() => round = new(["iofog-list", "edgeResources"], time);

    [Fact]
    public void Reads_the_lists_and_then_each_application_by_itself() =>
        Assert.Equal(["iofog-list", "edgeResources", "application/a", "application/b", null, "iofog-list"], Take(6, "b", "a"));

    [Fact]
    public void Goes_on_behind_an_application_that_has_gone()
    {
        Take(4, "a", "b", "c");
        Assert.Equal(["application/c", null], Take(2, "a", "c"));
    }

    [Fact]
    public void An_application_that_comes_behind_is_read_in_this_round_and_one_before_in_the_next()
    {
        Take(3, "b");
        Assert.Equal(["application/c", null, "iofog-list", "edgeResources", "application/a"], Take(5, "a", "b", "c"));
    }

    [Fact]
    public void What_is_in_motion_is_read_first_and_once_in_a_look()
    {
        moving = ["b"];
        Assert.Equal(["application/b", "iofog-list", "edgeResources", "application/a", "application/c", null, "application/b"], Take(7, "a", "b", "c"));
    }

    [Fact]
    public void However_much_is_in_motion_all_is_seen()
    {
        moving = [.. Enumerable.Range(0, 100).Select(i => $"m{i:00}")];
        string[] all = [.. moving, "z"];
        var seen = new List<string?>();
        while (!seen.Contains("application/z"))
        {
            round.Begin(); // a look has time for one
            seen.Add(round.Next(all, moving));
            time.Advance(TimeSpan.FromSeconds(1));
            round.Ends(isGood: true);
        }

        Assert.Equal(100, seen.Distinct().Count(path => path!.StartsWith("application/m", StringComparison.Ordinal)));
        Assert.InRange(seen.Count, 101, 250);
    }

    [Fact]
    public void Without_applications_there_are_the_lists() => Assert.Equal(["iofog-list", "edgeResources", null, "iofog-list"], Take(4));

    [Theory]
    [InlineData("application/iofog-list", "iofog-list")]
    [InlineData("iofog-list", null)]
    public void Knows_an_application_from_a_list(string path, string? application) => Assert.Equal(application, PollRound.ApplicationOf(path));

    private string?[] Take(int count, params string[] applications) => [.. Enumerable.Range(0, count).Select(_ => Next(applications))];

    private string? Next(string[] applications)
    {
        var path = round.Next(applications, moving);
        if (path is null)
            round.Begin();
        else
            round.Ends(isGood: true);
        return path;
    }
}
