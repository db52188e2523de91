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
}
