namespace IoFog.Operator.Unit.Stories;

/// <summary>What becomes of objects between a cluster and a Controller that answers as a real one did.</summary>
public sealed class StoryTests
{
    /// <summary>What each kind has a story of.</summary>
    private static readonly string[] Sorts = ["create", "no-op", "drift", "delete", "dependency", "refused", "controller-down", "duplicate"];

    public static TheoryData<string, string> Stories
    {
        get
        {
            var stories = new TheoryData<string, string>();
            foreach (var (area, name) in Story.All)
                stories.Add(area, name);
            return stories;
        }
    }

    [Theory]
    [MemberData(nameof(Stories))]
    public Task Comes_as_the_case_says(string area, string name) => Story.RunAsync(area, name, TestContext.Current.CancellationToken);

    public static TheoryData<string> Areas => new(AllKinds.WithEntry.Select(AllKinds.AreaOf));

    [Theory]
    [MemberData(nameof(Areas))]
    public void Every_kind_has_a_story_of_each_sort(string area) =>
        Assert.Empty(Sorts.Except(Story.All.Where(story => story.Area == area).SelectMany(story => Story.ShownBy(story.Area, story.Name))));

    /// <summary>What the Controller does to those who take it for a polite server. Not here: what nobody asks it for (YAML, routes of a whole application).</summary>
    [Theory]
    [InlineData("trap 1")]
    [InlineData("trap 2")]
    [InlineData("trap 3")]
    [InlineData("trap 4")]
    [InlineData("trap 5")]
    [InlineData("trap 6")]
    [InlineData("trap 7")]
    [InlineData("trap 8")]
    [InlineData("trap 9")]
    [InlineData("trap 10")]
    [InlineData("trap 11")]
    [InlineData("trap 14")]
    [InlineData("trap 15")]
    [InlineData("trap 16")]
    [InlineData("trap 17")]
    [InlineData("trap 19")]
    [InlineData("trap 401")]
    [InlineData("trap 500s")]
    [InlineData("trap half-created")]
    [InlineData("trap route destination")]
    [InlineData("trap templates")]
    [InlineData("trap version")]
    [InlineData("one-off reboot")]
    [InlineData("one-off prune")]
    [InlineData("one-off upgrade")]
    [InlineData("one-off rollback")]
    [InlineData("one-off rebuild")]
    [InlineData("not-kept")]
    [InlineData("architecture")]
    public void Each_of_these_has_a_story(string what) =>
        Assert.Contains(Story.All, story => Story.ShownBy(story.Area, story.Name).Contains(what));
}
